"""Erases what tells who a person is: when the person asks and no duty stands against it, or when its time is over.

What happened stays on record, of a person without a name. What the person asked of us stays too, as keyed hashes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput, Conflict, Refused
from dialer.operation import Operation
from dialer.rules import masking, retention
from dialer.speaking import Answer, dump_answer
from dialer.store import campaigns, erasures, interactions, messages, people
from dialer.store.models import Person
from dialer.tapes import keeping
from ivr_flows.turn import End, Part, Speech

BATCH = 50
NOTHING = Answer((Speech("en-US", (Part(erasures.ERASED),)),), End(), 0)  # what was said, when it is erased


@dataclass(frozen=True, slots=True)
class Wish:
    """Who erases and why. `forced`: although a duty to keep it is not over (never while a debt is collected)."""

    actor: str
    reason: str
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: telephone numbers, and recordings of calls."""

    numbers: int
    recordings: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a look at everybody's terms found: people erased (or to be erased), screens of agents dropped."""

    people: int
    screens: int


async def erase(op: Operation, key: str, wish: Wish) -> Erased:
    """Erase a person at somebody's wish. Raises NotFound, BadInput, Refused (a duty stands against it), Conflict."""
    if not wish.reason.strip():
        raise BadInput("Say why: --reason TEXT, such as the date of the person's request. It is kept in the record.")
    async with op.database.read() as session:
        person = await people.by_key(session, (await campaigns.tenant(session)).id, key)
        await _refuse_duties(session, person, op.clock.now(), forced=wish.forced)
    return await _erase(op, person, replace(wish, reason=masking.last_resort(wish.reason.strip()[:200])))


async def run(op: Operation, *, dry: bool = False, going: Callable[[], bool] = lambda: True) -> Run:
    """Erase everybody whose term is over, and old copies on screens; `dry`: only count. May be cut off anywhere."""
    policy, now, found = retention.policy(), op.clock.now(), 0
    known = tuple(policy.person)
    for country in (*known, ""):
        which = Person.country == country if country else Person.country.not_in(known)
        found += await _run_country(op, which, retention.over_before(country, now), dry=dry, going=going)
    before = now - timedelta(days=policy.screens.days)
    if dry:
        return Run(found, 0)
    async with op.database.write() as session:
        return Run(found, await erasures.drop_screens(session, before))


async def _run_country(
    op: Operation, which: ColumnElement[bool], before: datetime, *, dry: bool, going: Callable[[], bool]
) -> int:
    found = 0
    while going():
        async with op.database.read() as session:
            due = await erasures.over(session, which, before, 100_000 if dry else BATCH)
        if dry:
            return len(due)
        done = [await _erase_in_turn(op, person) for person in due]
        found += sum(done)
        if len(due) < BATCH or not any(done):
            break
    return found


async def _erase_in_turn(op: Operation, person: Person) -> bool:
    """Whether it was done; who is being written about just now comes with the next run."""
    try:
        await _erase(op, person, Wish("system", "the time to keep it is over"))
    except (Conflict, Refused):
        return False
    return True


async def _refuse_duties(session: AsyncSession, person: Person, now: datetime, *, forced: bool) -> None:
    if person.erased_at is not None:
        raise Refused(f'"{person.key}" is erased already, since {person.erased_at:%Y-%m-%d}.')
    if many := await erasures.collected(session, person.id):
        raise Refused(
            f'"{person.key}" has {many} debt(s) that are still collected; the data is needed for that'
            " (GDPR art. 17(3)(e), LGPD art. 16). Withdraw them first: toque list withdraw"
        )
    if await erasures.under_way(session, person.id):
        raise Refused(f'A call or a message of "{person.key}" is under way; try again when it is over.')
    kept = retention.kept(person.country, await erasures.last_activity(session, person))
    if kept.until > now and not forced:
        raise Refused(
            f'"{person.key}" must be kept until {kept.until:%Y-%m-%d} ({kept.law}). Where another law goes before,'
            " say so with --reason and --force."
        )


async def _erase(op: Operation, person: Person, wish: Wish) -> Erased:
    """The sound first: a file that is gone may be erased again; then all rows in one transaction."""
    async with op.database.read() as session:
        tapes = await erasures.recordings(session, person.id)
    if fetching := [tape.id for tape in tapes if tape.status != "stored"]:
        raise Refused(f"Recording {fetching[0]} of this person is not stored yet; try again when it is.")
    for tape in tapes:
        await keeping.erase(op, tape.id, actor=wish.actor, reason=wish.reason)
    return await op.database.committed(lambda session: _strip(session, op, person, wish, len(tapes)))


async def _strip(session: AsyncSession, op: Operation, seen: Person, wish: Wish, tapes: int) -> Erased:
    now = op.clock.now()
    if not await people.touch(session, seen.id, seen.version):
        raise Conflict("Something was written about this person meanwhile; look again, and try again.")
    person = await session.get_one(Person, seen.id, populate_existing=True)
    await messages.withdraw(session, person.id, at=now, why="erased")
    words = op.database.keyring.seal(dump_answer(NOTHING))
    numbers = await erasures.strip(session, op.database.keyring, person, at=now, words=words)
    detail = {"reason": wish.reason, "numbers": numbers, "recordings": tapes}
    await interactions.add(
        session, tenant_id=person.tenant_id, person_id=person.id, at=now, kind="person_erased",
        actor=wish.actor[:100], detail=detail | {"forced": wish.forced},
    )  # fmt: skip
    return Erased(numbers, tapes)
