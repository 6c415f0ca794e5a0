"""Attempts: found by their token, changed only through the lifecycle's merge and a compare-and-swap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, reduce
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql.dml import ReturningUpdate

from dialer.rules.lifecycle import Final, News, Record, Status, merge
from dialer.store.models import LIVE_STATUSES, Attempt, Campaign, Contact, Number, Person, Reservation, Tenant
from ivr_flows.events import AnsweredBy

# When each status was first heard of. Not part of the record that reordered news must agree on.
_FIRST_HEARD = {"placed": "placed_at", "ringing": "ringing_at", "live": "answered_at", "ended": "ended_at"}


# Built once: to build a statement, and to find it among those that are compiled, takes most of what a question costs.
_ANY = select(Attempt).with_for_update(key_share=True).execution_options(populate_existing=True)
_BY_TOKEN = _ANY.where(Attempt.token == bindparam("token"))
_FRESH = select(Attempt).where(Attempt.id == bindparam("attempt")).execution_options(populate_existing=True)
_HELD = _ANY.where(Attempt.id == bindparam("attempt"))
_WHOSE = (
    select(Person, Number, Campaign, Tenant)
    .select_from(Person)
    .join(Number, Number.id == bindparam("number_id"))
    .join(Campaign, Campaign.id == bindparam("campaign_id"))
    .join(Tenant, Tenant.id == bindparam("tenant_id"))
    .where(Person.id == bindparam("person_id"))
)


_CLOSE = (
    update(Attempt)
    .where(Attempt.id == bindparam("attempt"))
    .values(disposition=bindparam("as"), closed_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)


@lru_cache(maxsize=128)
def _change(names: tuple[str, ...]) -> ReturningUpdate[Attempt]:
    """Sets these columns where the version is still the one that was seen; the attempt as it is afterwards."""
    return (
        update(Attempt)
        .where(Attempt.id == bindparam("attempt"), Attempt.version == bindparam("seen"))
        .values(version=Attempt.version + 1, **{name: bindparam(f"to_{name}") for name in names})
        .returning(Attempt)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


async def by_token(session: AsyncSession, token: str) -> Attempt | None:
    """The attempt whose callbacks carry this token, freshly read and held until the transaction ends.

    Held against other writers (not against rows that refer to it), because a repeat that arrives while the first
    request is being answered must see the turn that it took.
    """
    return await session.scalar(_BY_TOKEN, {"token": token})


async def fresh(session: AsyncSession, attempt_id: int) -> Attempt:
    """The attempt as committed now."""
    found = await session.scalar(_FRESH, {"attempt": attempt_id})
    assert found is not None, "attempts are never deleted"
    return found


async def held(session: AsyncSession, attempt_id: int) -> Attempt:
    """The attempt as committed now, held against other writers until the transaction ends."""
    found = await session.scalar(_HELD, {"attempt": attempt_id})
    assert found is not None, "attempts are never deleted"
    return found


async def close(session: AsyncSession, attempt: Attempt, disposition: str, *, at: datetime) -> None:
    """Code the outcome of an attempt that is held; closed it was at `at`, unless it was closed before."""
    closed_at = attempt.closed_at or at
    await session.execute(_CLOSE, {"attempt": attempt.id, "as": disposition, "at": closed_at})
    set_committed_value(attempt, "disposition", disposition)
    set_committed_value(attempt, "closed_at", closed_at)


_SETTLING = select(
    Contact, Campaign, select(func.max(Attempt.id)).where(Attempt.contact_id == Contact.id).scalar_subquery()
).join(Campaign, Campaign.id == Contact.campaign_id)
_SETTLING = _SETTLING.where(Contact.id == bindparam("contact")).execution_options(populate_existing=True)


async def settling(session: AsyncSession, attempt: Attempt) -> tuple[Contact, Campaign, bool]:
    """What decides on the contact of an attempt: itself, its campaign, and whether no later attempt was made."""
    contact, campaign, newest = (await session.execute(_SETTLING, {"contact": attempt.contact_id})).one()
    return contact, campaign, newest == attempt.id


async def whose(session: AsyncSession, attempt: Attempt) -> tuple[Person, Number, Campaign, Tenant]:
    """The person, number, campaign and company of an attempt, in one question; known to the session while held."""
    theirs = ("person_id", "number_id", "campaign_id", "tenant_id")
    found = await session.execute(_WHOSE, {name: getattr(attempt, name) for name in theirs})
    person, number, campaign, tenant = found.one()
    return person, number, campaign, tenant


def record_of(attempt: Attempt) -> Record:
    """The attempt as the lifecycle knows it."""
    return Record(
        status=cast(Status, attempt.status),
        sid=attempt.sid,
        result=cast("Final | None", attempt.carrier_status),
        verdict=cast(AnsweredBy, attempt.answered_by or "unknown"),
        key_heard=attempt.key_pressed,
        refused_code=attempt.error,
    )


async def apply(session: AsyncSession, attempt: Attempt, *news: News, at: datetime, **facts: Any) -> Attempt:
    """Merge news in its order (and facts that came with it) into the attempt; the attempt as it is afterwards.

    The swap is on the version: when somebody else wrote first, the news is merged into what they wrote.
    """
    while True:
        record = reduce(merge, news, record_of(attempt))
        values = _columns(record) | {name: value for name, value in facts.items() if value is not None}
        first = _FIRST_HEARD.get(record.status)
        if first and getattr(attempt, first) is None:
            values[first] = at
        values["heard_at"] = at
        given = {f"to_{name}": value for name, value in values.items()}
        seen = {"attempt": attempt.id, "seen": attempt.version}
        moved = await session.scalar(_change(tuple(values)), given | seen)
        if moved is not None:
            return moved
        attempt = await fresh(session, attempt.id)


@dataclass(frozen=True, slots=True)
class Silence:
    """How long nothing may be heard: an unanswered create and one of a stopped worker were asked for before these
    instants (wall clock, ms); a call that should ring or talk was last heard of before `unheard` (business time).
    """

    unanswered: int
    abandoned: int
    unheard: datetime


def overdue(silence: Silence) -> ColumnElement[bool]:
    """An attempt of which news is overdue."""
    nameless = Attempt.sid.is_(None)
    return and_(
        Attempt.status.in_(LIVE_STATUSES),
        or_(
            and_(nameless, Attempt.status != "placing", Attempt.intent_real <= silence.unanswered),
            and_(nameless, Attempt.status == "placing", Attempt.intent_real <= silence.abandoned),
            and_(~nameless, func.coalesce(Attempt.heard_at, Attempt.intent_at) < silence.unheard),
        ),
    )


async def silent(session: AsyncSession, silence: Silence) -> Sequence[Attempt]:
    """Attempts of which news is overdue, oldest intent first."""
    rows = await session.scalars(
        select(Attempt)
        .where(overdue(silence))
        .order_by(Attempt.intent_real)
        .execution_options(populate_existing=True)
    )
    return rows.all()


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A call that may be spoken to: what it is about, and how far it has come."""

    id: int
    token: str
    sid: str | None
    status: str
    direction: str
    debts: tuple[int, ...]
    turn: int
    waits: str


async def under_way(session: AsyncSession, person_ids: Collection[int], *, hold: bool = False) -> list[UnderWay]:
    """The calls of these people that are not over; `hold` keeps them from others until the transaction ends.

    Not those that talk with an agent: that is no automated call, and the agent sees what is new on the screen.
    """
    met = select(Reservation.attempt_id).where(Reservation.status == "connected")
    columns = (
        Attempt.id, Attempt.token, Attempt.sid, Attempt.status, Attempt.direction, Attempt.debts, Attempt.turn,
        Attempt.waits,
    )  # fmt: skip
    wanted = select(*columns).where(Attempt.person_id.in_(person_ids), Attempt.status.in_(LIVE_STATUSES))
    wanted = wanted.with_for_update(key_share=True) if hold else wanted.where(Attempt.id.not_in(met))
    rows = (await session.execute(wanted.order_by(Attempt.id))).all()
    return [replace(UnderWay(*row), debts=tuple(int(debt) for debt in row.debts)) for row in rows]


async def ask_to_cancel(session: AsyncSession, ids: Collection[int], why: str) -> None:
    """Note on calls that they should end, for whoever hears of them next (perhaps that they exist at all)."""
    if ids:
        await session.execute(
            update(Attempt)
            .where(Attempt.id.in_(ids), Attempt.status.in_(LIVE_STATUSES), Attempt.cancel_asked.is_(None))
            .values(cancel_asked=why)
            .execution_options(synchronize_session=False)
        )


async def sids_known(session: AsyncSession, sids: Sequence[str]) -> set[str]:
    """Which of these carrier ids belong to attempts already."""
    return set(await session.scalars(select(Attempt.sid).where(Attempt.sid.in_(sids))))


def _columns(record: Record) -> dict[str, Any]:
    return {
        "status": record.status,
        "sid": record.sid,
        "carrier_status": record.result,
        "answered_by": None if record.verdict == "unknown" else record.verdict,
        "key_pressed": record.key_heard,
        "error": record.refused_code,
    }
