"""What reports are made of: calls and messages counted by the database, and rows to stream. Counts, judges nothing.

Nothing here holds a row per call in memory: equal calls are one group, and lists are read in slices.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from dialer.results.group import EVERYTHING, Calls, Dialled, Only, Pledge, Texts, Wish
from dialer.store.models import (
    Attempt,
    CallTurn,
    Campaign,
    Contact,
    ContactList,
    Interaction,
    Message,
    Person,
    Promise,
    Reservation,
)
from dialer.store.turns import MASK

# Interactions that say what happened in a call, whatever its disposition became afterwards -> the group's word.
FACTS = {
    "suppressed_opt_out": "opted_out",
    "suppressed_wrong_person": "wrong_person",
    "dispute": "dispute",
    "already_paid": "already_paid",
    "voicemail_left": "voicemail_left",
}
NOT_MET = ("left", "nobody_free", "failed")
QUARTER_MS = 15 * 60 * 1000
SLICE = 1000
LONGEST_KEYS = 7  # of one question: menus, days, times; what is longer is somebody's telephone number
SUMS = ("count", "timed", "seconds", "minutes", "priced", "micros")

AnyRows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt as reports list it. Times are business time, `seconds` the carrier's billed duration."""

    id: int
    campaign_id: int
    person_id: int
    direction: str
    flow: str
    to_number: str
    from_number: str | None
    status: str
    carrier_status: str | None
    answered_by: str | None
    intent_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    seconds: int | None
    turn: int
    level: str
    disposition: str | None
    callback_at: datetime | None
    price_micros: int | None
    price_currency: str | None


@dataclass(frozen=True, slots=True)
class TextSent:
    """One message as reports list it; its words stay sealed."""

    id: int
    campaign_id: int
    person_id: int
    direction: str
    template: str
    to_number: str
    from_number: str | None
    status: str
    read_as: str | None
    created_at: datetime
    finished_at: datetime | None
    segments: int | None
    price_micros: int | None
    price_currency: str | None


async def call_groups(session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING) -> list[Calls]:
    """All calls of these campaigns, equal ones counted together."""
    flat = _flat(campaign_ids, only).subquery()
    alike = [flat.c[field.name] for field in fields(Calls) if field.name not in SUMS]
    long = flat.c.seconds
    sums = (
        func.count(),
        func.count(long),
        func.coalesce(func.sum(long), 0),
        func.coalesce(func.sum((long + 59) // 60), 0),
        func.count(flat.c.micros),
        func.coalesce(func.sum(flat.c.micros), 0),
    )
    rows = await session.execute(select(*alike, *sums).group_by(*alike))
    return [Calls(*row[: len(alike)], *map(int, row[len(alike) :])) for row in rows.all()]


async def dialled(session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING) -> list[Dialled]:
    """All calls of these campaigns by quarter of an hour and by the beginning of the number, which tells its zone."""
    number = Attempt.to_number
    begins = case(  # the exchange in North America, the area code in Brazil
        (number.like("+1%"), func.substr(number, 1, 8)),
        (number.like("+55%"), func.substr(number, 1, 5)),
        else_=func.substr(number, 1, 6),
    )
    quarter = type_coerce(Attempt.intent_at, BigInteger) // QUARTER_MS
    alike = (Attempt.status, Attempt.carrier_status, Attempt.answered_at.is_not(None), Attempt.level)
    lengths = (func.coalesce(func.sum(Attempt.seconds), 0), func.count(Attempt.seconds))
    rows = await session.execute(
        select(quarter, func.min(number), *alike, Attempt.direction, func.count(), *lengths)
        .where(*_calls_of(campaign_ids, only))
        .group_by(quarter, begins, *alike, Attempt.direction)
    )
    return [Dialled(*row[:7], *map(int, row[7:])) for row in rows.all()]


async def text_groups(session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING) -> list[Texts]:
    """All messages of these campaigns and of their calls, equal ones counted together."""
    flat = _texts(campaign_ids, only).subquery()
    names = ("campaign_id", "template", "flow", "from_number", "direction", "status", "read_as", "price_currency")
    alike = [flat.c[name] for name in names]
    rows = await session.execute(
        select(
            *alike,
            func.count(),
            func.coalesce(func.sum(flat.c.segments), 0),
            func.count(flat.c.price_micros),
            func.coalesce(func.sum(flat.c.price_micros), 0),
        ).group_by(*alike)
    )
    return [Texts(*row[: len(names)], *map(int, row[len(names) :])) for row in rows.all()]


async def wishes(session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING) -> AsyncIterator[Wish]:
    """Every reservation, in order."""
    columns = (Reservation.attempt_id, Reservation.status, Reservation.asked_at, Reservation.connected_at)
    statement: AnyRows = select(Reservation.id, *columns).where(Reservation.campaign_id.in_(campaign_ids))
    if only != EVERYTHING:
        statement = statement.join(Attempt, Attempt.id == Reservation.attempt_id)
        statement = statement.where(*_calls_of(campaign_ids, only))
    async for row in _sliced(session, statement, Reservation.id):
        yield Wish(*row[1:])


async def contacts_by_rule(
    session: AsyncSession, campaign_ids: Sequence[int]
) -> list[tuple[str, str | None, str | None, int]]:
    """(status, outcome, standing rule, how many) of the campaigns' contacts."""
    rows = await session.execute(
        select(Contact.status, Contact.outcome, Contact.blocked_rule, func.count())
        .where(Contact.campaign_id.in_(campaign_ids))
        .group_by(Contact.status, Contact.outcome, Contact.blocked_rule)
    )
    return [(status, outcome, rule, int(count)) for status, outcome, rule, count in rows.all()]


async def pledges(session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING) -> list[Pledge]:
    """What was promised in these campaigns' calls, and what has arrived of it."""
    alike = (Attempt.campaign_id, Attempt.flow, Attempt.from_number, Promise.currency)
    rows = await session.execute(
        select(*alike, func.sum(Promise.amount_minor), func.sum(Promise.paid_minor))
        .join(Attempt, Attempt.id == Promise.attempt_id)
        .where(*_calls_of(campaign_ids, only))
        .group_by(*alike)
    )
    return [Pledge(*row[:4], int(row[4]), int(row[5])) for row in rows.all()]


async def promises_by_status(
    session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING
) -> dict[str, int]:
    """How many promises that were made in these calls are open, kept, broken and ended."""
    rows = await session.execute(
        select(Promise.status, func.count())
        .join(Attempt, Attempt.id == Promise.attempt_id)
        .where(*_calls_of(campaign_ids, only))
        .group_by(Promise.status)
    )
    return {status: int(count) for status, count in rows.all()}


async def list_names(session: AsyncSession, campaign_ids: Sequence[int]) -> dict[int, str]:
    """Campaign -> the name of its list; campaigns without one are left out."""
    rows = await session.execute(
        select(Campaign.id, ContactList.name)
        .join(ContactList, ContactList.id == Campaign.list_id)
        .where(Campaign.id.in_(campaign_ids))
    )
    return {campaign_id: name for campaign_id, name in rows.all()}


async def calls(
    session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING, *, last: int | None = None
) -> AsyncIterator[tuple[Call, str]]:
    """Every attempt (or the last so many) in order of intent, with its keys as kept: those of a check are dots."""
    columns = [getattr(Attempt, field.name) for field in fields(Call)]
    ours = _calls_of(campaign_ids, only)
    statement = select(*columns).where(*ours)
    if last is not None:
        newest = select(Attempt.id).where(*ours).order_by(Attempt.id.desc()).limit(last).subquery()
        statement = statement.where(Attempt.id.in_(select(newest.c.id)))
    async for rows in _slices(session, statement, Attempt.id):
        pressed = await _keys(session, rows[0][0], rows[-1][0])
        for row in rows:
            yield Call(*row), pressed.get(row[0], "")


async def texts(
    session: AsyncSession, campaign_ids: Sequence[int], only: Only = EVERYTHING
) -> AsyncIterator[TextSent]:
    """Every message of these campaigns and of their calls, in order."""
    flat = _texts(campaign_ids, only).subquery()
    statement = select(*[flat.c[field.name] for field in fields(TextSent)])
    async for row in _sliced(session, statement, flat.c.id):
        yield TextSent(*row)


async def person_keys(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    """Person -> the creditor's key."""
    rows = await session.execute(select(Person.id, Person.key).where(Person.id.in_(ids)))
    return {person_id: key for person_id, key in rows.all()}


def _calls_of(campaign_ids: Sequence[int], only: Only) -> list[ColumnElement[bool]]:
    """What a call must be to be asked about."""
    found = [Attempt.campaign_id.in_(campaign_ids), *_began(Attempt.intent_at, only)]
    if only.script is not None:
        found.append(Attempt.flow == only.script)
    if only.number is not None:
        found.append(Attempt.from_number == only.number)
    if only.after is not None:
        found.append(Attempt.id > only.after)
    if only.upto is not None:
        found.append(Attempt.id <= only.upto)
    return [*found, false()] if only.channel == "sms" else found


def _began(at: InstrumentedAttribute[datetime], only: Only) -> list[ColumnElement[bool]]:
    from_then = [] if only.since is None else [at >= only.since]
    return from_then if only.until is None else [*from_then, at < only.until]


def _flat(campaign_ids: Sequence[int], only: Only) -> AnyRows:
    """One row a call, with everything that a group is alike in."""
    ours = and_(*_calls_of(campaign_ids, only))
    agent, noted, coded = _wished(campaign_ids), _noted(ours), _coded(ours)
    flags = {name: func.coalesce(noted.c[name], 0) == 1 for name in FACTS.values()}
    flat: AnyRows = (
        select(
            Attempt.campaign_id,
            Attempt.flow,
            Attempt.from_number,
            Attempt.direction,
            Attempt.status,
            Attempt.carrier_status,
            Attempt.answered_at.is_not(None).label("picked_up"),
            Attempt.answered_by,
            Attempt.level,
            Attempt.key_pressed,
            Attempt.disposition,
            Attempt.callback_at.is_not(None).label("callback"),
            *((func.coalesce(agent.c[name], 0) == 1).label(name) for name in ("met", "missed", "queued_callback")),
            Promise.id.is_not(None).label("promised"),
            coded.c.attempt_id.is_not(None).label("payment_code"),
            *(flag.label(name) for name, flag in flags.items()),
            Attempt.price_currency.label("currency"),
            Attempt.seconds,
            Attempt.price_micros.label("micros"),
        )
        .outerjoin(agent, agent.c.attempt_id == Attempt.id)
        .outerjoin(noted, noted.c.attempt_id == Attempt.id)
        .outerjoin(coded, coded.c.attempt_id == Attempt.id)
        .outerjoin(Promise, Promise.attempt_id == Attempt.id)
        .where(ours)
    )
    return flat


def _wished(campaign_ids: Sequence[int]) -> Subquery:
    return (
        select(
            Reservation.attempt_id,
            _any(Reservation.connected_at.is_not(None)).label("met"),
            _any(Reservation.status.in_(NOT_MET)).label("missed"),
            _any(Reservation.status == "callback").label("queued_callback"),
        )
        .where(Reservation.campaign_id.in_(campaign_ids))
        .group_by(Reservation.attempt_id)
        .subquery()
    )


def _noted(ours: ColumnElement[bool]) -> Subquery:
    return (
        select(Interaction.attempt_id, *(_any(Interaction.kind == kind).label(name) for kind, name in FACTS.items()))
        .join(Attempt, Attempt.id == Interaction.attempt_id)
        .where(ours, Interaction.kind.in_(FACTS))
        .group_by(Interaction.attempt_id)
        .subquery()
    )


def _coded(ours: ColumnElement[bool]) -> Subquery:
    return (
        select(Message.attempt_id)
        .join(Attempt, Attempt.id == Message.attempt_id)
        .where(ours, Message.purpose == "payment_code")
        .group_by(Message.attempt_id)
        .subquery()
    )


def _texts_of(only: Only) -> list[ColumnElement[bool]]:
    """What a text must be to be asked about."""
    found = _began(Message.created_at, only)
    if only.script is not None:
        found.append(func.coalesce(Attempt.flow, Message.template) == only.script)
    if only.number is not None:
        found.append(Message.from_number == only.number)
    if only.channel is not None:
        found.append(Attempt.id.is_not(None) if only.channel == "call" else Attempt.id.is_(None))
    return found


def _texts(campaign_ids: Sequence[int], only: Only) -> Select[Any]:
    """One row a message; its campaign is its own, or that of the call it was asked for in."""
    names = [field.name for field in fields(TextSent) if field.name != "campaign_id"]
    campaign = func.coalesce(Message.campaign_id, Attempt.campaign_id).label("campaign_id")
    return (
        select(campaign, Attempt.flow, *(getattr(Message, name) for name in names))
        .outerjoin(Attempt, Attempt.id == Message.attempt_id)
        .where(
            or_(
                Message.campaign_id.in_(campaign_ids),
                and_(Message.campaign_id.is_(None), Attempt.campaign_id.in_(campaign_ids)),
            ),
            *_texts_of(only),
        )
    )


def _any(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))


async def _keys(session: AsyncSession, first: int, last: int) -> dict[int, str]:
    """What was pressed in each call, in order; a telephone number that was keyed in shows as dots."""
    rows = await session.execute(
        select(CallTurn.attempt_id, CallTurn.event["digits"].as_string())
        .where(CallTurn.attempt_id.between(first, last), CallTurn.event["type"].as_string() == "Pressed")
        .order_by(CallTurn.attempt_id, CallTurn.n)
    )
    found: dict[int, str] = {}
    for attempt_id, digits in rows.all():
        shown = str(digits) if len(str(digits)) <= LONGEST_KEYS else MASK * len(str(digits))
        found[attempt_id] = found.get(attempt_id, "") + shown
    return found


async def _slices(session: AsyncSession, statement: AnyRows, id_: Any) -> AsyncIterator[Sequence[Any]]:
    """The rows in slices by rising id, which must be the first column."""
    last = 0
    while True:
        rows = (await session.execute(statement.where(id_ > last).order_by(id_).limit(SLICE))).all()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


async def _sliced(session: AsyncSession, statement: AnyRows, id_: Any) -> AsyncIterator[Any]:
    async for rows in _slices(session, statement, id_):
        for row in rows:
            yield row
