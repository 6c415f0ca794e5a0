"""Times and places that a person named as inconvenient: kept, taken back, obeyed by the next decision and what rings.

A call that talks goes on: its person is on the line. What a designation means for a contact the gate says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.store import called_now, campaigns, contacts, designations, interactions, people
from dialer.store.designations import Inconvenient
from dialer.store.gate_facts import EMPLOYER
from dialer.store.models import Attempt, Person

ORIGINS = ("keypad", "agent", "text", "list", "creditor", "letter", EMPLOYER)
PLACES = ("home", "work")
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Designated:
    """What came of it: whether it is new, and how many ringing calls were taken back."""

    new: bool
    calls_stopped: int


async def designate(
    op: Operation, key: str, named: Inconvenient, *, origin: str = "agent", actor: str = "operator"
) -> Designated:
    """Put on record what a person named as inconvenient; twice is once. BadInput for what names nothing."""
    _must_make_sense(named, origin)

    async def commit(session: AsyncSession) -> tuple[bool, list[int]]:
        person = await _person(session, key)
        now = op.clock.now()
        if not await _is_now(session, person, named, now):
            return await put_down(session, person, named, origin=origin, actor=actor, at=now), []
        to_cancel = partial(
            called_now.ask_to_cancel, session, person.tenant_id, Attempt.person_id == person.id, answered_too=False
        )
        await to_cancel()
        new = await put_down(session, person, named, origin=origin, actor=actor, at=now)
        return new, await to_cancel()

    new, called = await op.database.committed(commit)
    return Designated(new, sum([await suppressing.stop_calls(op, one, "opted_out") for one in called]))


async def put_down(
    session: AsyncSession,
    person: Person,
    named: Inconvenient,
    *,
    origin: str,
    actor: str,
    at: datetime,
    attempt_id: int | None = None,
) -> bool:
    """Put it on record in the caller's transaction and move the person's version; whether it is new."""
    new = await designations.add_once(
        session, person.tenant_id, person.id, named, origin=origin, at=at, attempt_id=attempt_id
    )
    if new:
        await people.bump(session, person.id)
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, attempt_id=attempt_id, at=at, kind="designated",
            actor=actor, detail={**in_figures(named), "origin": origin},
        )  # fmt: skip
    return new


async def take_back(op: Operation, key: str, *, ids: Sequence[int] | None = None, actor: str = "operator") -> int:
    """The person has taken designations back (ids; None: all); how many. Refused when there is none to end."""

    async def commit(session: AsyncSession) -> int:
        person, now = await _person(session, key), op.clock.now()
        ended = await designations.end(session, person.id, at=now, which=ids)
        if not ended:
            raise Refused(f'"{key}" has named nothing of that as inconvenient: nothing was changed')
        await people.bump(session, person.id)
        await contacts.look_again(session, person.id, at=now)
        await interactions.add(
            session, tenant_id=person.tenant_id, person_id=person.id, at=now, kind="designation_ended", actor=actor,
            detail={"designations": list(ended)},
        )  # fmt: skip
        return len(ended)

    return await op.database.committed(commit)


def in_figures(named: Inconvenient) -> dict[str, object]:
    """What was named, as the record keeps it: nothing that is not there."""
    until = named.until.isoformat() if named.until else None
    pairs = {
        "days": sorted(set(named.days)), "from_minute": named.from_minute, "to_minute": named.to_minute,
        "until": until, "place": named.place,
    }  # fmt: skip
    return {name: value for name, value in pairs.items() if value not in (None, [])}


async def _is_now(session: AsyncSession, person: Person, named: Inconvenient, now: datetime) -> bool:
    """Whether it is about this very moment in any place where the person may be."""
    known = await people.numbers(session, person.id)
    facts = await people.facts(session, person, known, debts_due=True)
    return any(_covers(named, now.astimezone(ZoneInfo(zone.name))) for zone in facts.zones)


def _covers(named: Inconvenient, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    begins = named.from_minute or 0
    ends = DAY_MINUTES if named.to_minute is None else named.to_minute
    day = local
    if ends <= begins and minute < ends:  # past midnight it is still yesterday's window
        day = local - timedelta(days=1)
        return _on_day(named, day)
    return _on_day(named, day) and begins <= minute and (minute < ends or ends <= begins)


def _on_day(named: Inconvenient, day: datetime) -> bool:
    in_time = named.until is None or day.date() <= named.until
    return in_time and (not named.days or day.weekday() in named.days)


def _must_make_sense(named: Inconvenient, origin: str) -> None:
    if origin not in ORIGINS:
        raise BadInput(f'"{origin}" is no way in which a wish comes to us: use one of {", ".join(ORIGINS)}')
    if named.place not in (None, *PLACES):
        raise BadInput(f'"{named.place}" is no place: use one of {", ".join(PLACES)}')
    if any(not 0 <= day <= 6 for day in named.days):
        raise BadInput("A weekday is mon, tue, wed, thu, fri, sat or sun")
    if any(one is not None and not 0 <= one <= DAY_MINUTES for one in (named.from_minute, named.to_minute)):
        raise BadInput("A time of day lies between 00:00 and 24:00")
    if named == Inconvenient(until=named.until):
        raise BadInput("Say what is inconvenient: days, hours or a place. Who wants no calls at all: toque dnc add")


async def _person(session: AsyncSession, key: str) -> Person:
    return await people.by_key(session, (await campaigns.tenant(session)).id, key)
