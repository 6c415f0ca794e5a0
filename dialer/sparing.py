"""Acts on our own do-not-call list: numbers by hand or from a file, people whose wish came by letter.

On record first; then what rings there is cancelled and what talks ends politely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, suppressing
from dialer.errors import BadInput, NotFound, Refused
from dialer.heeding import listing
from dialer.heeding.listing import Order, TakenOver
from dialer.heeding.numbers_file import Line
from dialer.heeding.reasons import must_name_nobody
from dialer.operation import Operation
from dialer.rules.facts import SuppressionKind
from dialer.rules.phone_numbers import PhoneNumber, mask
from dialer.store import campaigns, interactions, people, suppressions
from dialer.store.models import Person, Suppression

MOST = 200  # entries that are shown
HAND = "operator"
KINDS: tuple[SuppressionKind, ...] = ("do_not_call", "opt_out")


@dataclass(frozen=True, slots=True)
class Entry:
    """One bar as people look at it. `person` is the key of a person on record; without one: all at the number.

    `list_name` is the list that it stands on, `creditor` the key of the one creditor for whom it holds.
    """

    kind: str
    number: str | None
    person: str | None
    channel: str | None
    automated_only: bool
    since: datetime
    until: datetime | None
    source: str
    list_name: str | None
    creditor: str | None


async def add_numbers(
    op: Operation, lines: Iterable[tuple[int, str]], *, country: str | None, because: str = ""
) -> TakenOver:
    """Put numbers on our own list. `lines`: (line, number as people write it); `country` for those without a +."""
    return await take_over(op, Order((Line(*one) for one in lines), country=country, because=because))


async def take_over(op: Operation, order: Order, progress: listing.Progress | None = None) -> TakenOver:
    """Put the numbers of a file on a list, as `listing.take_over` does; the reason names nobody (BadInput)."""
    must_name_nobody(order.because)
    return await listing.take_over(op, order, progress)


async def remove_number(
    op: Operation, text: str, *, country: str | None, because: str, list_name: str | None = None
) -> int:
    """Take a number off a list (None: our own); raises NotFound when it is not on it.

    What people asked for themselves stays.
    """
    must_name_nobody(because)
    found = _must_be_number(text, country)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        now = op.clock.now()
        ended = await barring.allow_number(
            session, tenant.id, found.e164, at=now, because=because, list_name=list_name
        )
        asked = await suppressions.asked_at(session, tenant.id, found.e164, at=now)
    if not ended:
        why = "whoever has it asked for that themselves; --person ends such a wish" if asked else "nothing was done"
        which = f'the list "{list_name}"' if list_name else "the do-not-call list"
        raise NotFound(f"{mask(found.e164)} is not on {which} ({why})")
    return ended


async def add_person(op: Operation, key: str, *, scope: str, because: str = "") -> int:
    """The opt-out of a person on record, by the key of the list; calls that were stopped. Raises NotFound."""
    must_name_nobody(because)

    async def commit(session: AsyncSession) -> int:
        person = await _person(session, key)
        await suppressing.opt_out(session, person, at=op.clock.now(), scope=scope, attempt_id=None, source=HAND)
        return person.id

    return await suppressing.stop_calls(op, await op.database.committed(commit), "opted_out")


async def remove_person(op: Operation, key: str, *, because: str) -> int:
    """End every opt-out of a person: they have asked to be called again, and `because` says how. How many."""
    must_name_nobody(because)
    now = op.clock.now()
    async with op.database.write() as session:
        person = await _person(session, key)
        reached = [one.e164 for one in await people.numbers(session, person.id)]
        ended = 0
        for which in _wishes(person, reached):
            ended += await suppressions.end(session, person.tenant_id, *which, at=now)
        if not ended:
            raise Refused(f'"{key}" has not opted out of anything')
        await people.bump(session, person.id)
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, at=now, kind="opted_in", actor=HAND,
            detail={"because": because},
        )  # fmt: skip
    return ended


async def listed(op: Operation, *, name: str | None = None, at_most: int = 200) -> list[Entry]:
    """The newest do-not-call entries and opt-outs that hold now; `name`: only those of that list."""
    which: list[ColumnElement[bool]] = [
        Suppression.kind.in_(KINDS) if name is None else Suppression.list_name == name
    ]
    return await _entries(op, which, at_most)


async def at_number(op: Operation, text: str, *, country: str | None) -> list[Entry]:
    """Every bar that holds now at a number, whoever answers there, newest first. BadInput when it is no number."""
    found = _must_be_number(text, country)
    hashed = op.database.keyring.indexes("number", found.e164)
    return await _entries(op, [or_(Suppression.number == found.e164, Suppression.number_index.in_(hashed))], MOST)


async def _entries(op: Operation, which: list[ColumnElement[bool]], at_most: int) -> list[Entry]:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        found = await suppressions.standing(session, tenant.id, *which, at=op.clock.now(), at_most=at_most)
    return [
        Entry(
            bar.kind, bar.number, person, bar.channel, bar.automated_only, bar.since, bar.until, bar.source,
            bar.list_name, creditor,
        )
        for bar, person, creditor in found
    ]  # fmt: skip


def _must_be_number(text: str, country: str | None) -> PhoneNumber:
    found = listing.read_number(text, country)
    if isinstance(found, str):
        raise BadInput(f"The number cannot be read: {found}")
    return found


def _wishes(person: Person, reached: list[str]) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """What bars a person for their own wish: on them, and on the numbers at which they are reached."""
    yield (Suppression.kind == "opt_out", Suppression.person_id == person.id)
    yield (Suppression.kind == "opt_out", Suppression.person_id.is_(None), Suppression.number.in_(reached))


async def _person(session: AsyncSession, key: str) -> Person:
    tenant = await campaigns.tenant(session)
    return await people.by_key(session, tenant.id, key)
