"""What goes on in one campaign at this instant: calls under way, agents, lines, what people wait for. Queries only.

Every list is bounded, so that a look costs the same however large the campaign is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import LIVE_STATUSES, Agent, Attempt, CallTurn, Contact, Reservation

OPEN = ("waiting", "reserved", "connected")
WENT_WRONG = ("failed", "refused")
# Written out rather than bound, so that SQLite sees that the index of live calls fits.
LIVE = Attempt.status.in_([literal_column(f"'{one}'") for one in LIVE_STATUSES])


def live_of(campaign_id: int) -> ColumnElement[bool]:
    """Live calls of a campaign, found among all live ones: these are few, and its own may be a hundred thousand."""
    return LIVE & (Attempt.campaign_id + 0 == campaign_id)  # a sum: no planner takes the campaign's index for it


@dataclass(frozen=True, slots=True)
class InFlight:
    """A call under way. `waits` is what its flow waits for, `wish` how its wish for an agent stands (None: none)."""

    id: int
    person_id: int
    direction: str
    number: str
    status: str
    waits: str
    turn: int
    level: str
    began: datetime
    answered: datetime | None
    cancel: str | None
    wish: str | None
    agent: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """People who wait for the same: the rule that holds them (None: nothing but their time), and until when."""

    rule: str | None
    reason: str | None
    people: int
    next: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A call that the carrier refused or could not bring about. `code` is the carrier's, `sip` the network's."""

    attempt_id: int
    person_id: int
    at: datetime
    status: str
    code: str | None
    sip: int | None


async def in_flight(session: AsyncSession, campaign_id: int, *, most: int) -> list[InFlight]:
    """Calls under way: those that wait for an agent or have one, then those with people; the oldest first."""
    columns: tuple[Any, ...] = (
        Attempt.id, Attempt.person_id, Attempt.direction, Attempt.to_number, Attempt.status, Attempt.waits,
        Attempt.turn, Attempt.level, Attempt.intent_at, Attempt.answered_at, Attempt.cancel_asked,
        Reservation.status, Agent.name,
    )  # fmt: skip
    rows = await session.execute(
        select(*columns)
        .outerjoin(Reservation, (Reservation.attempt_id == Attempt.id) & Reservation.status.in_(OPEN))
        .outerjoin(Agent, Agent.id == Reservation.agent_id)
        .where(live_of(campaign_id))
        .order_by(Reservation.id.is_(None), Attempt.answered_at.is_(None), Attempt.id)
        .limit(most)
    )
    return [InFlight(*row) for row in rows.all()]


async def how_many(session: AsyncSession, campaign_id: int) -> dict[str, int]:
    """Calls under way by status."""
    rows = await session.execute(
        select(Attempt.status, func.count()).where(live_of(campaign_id)).group_by(Attempt.status)
    )
    return {status: int(count) for status, count in rows.all()}


async def lines_in_use(session: AsyncSession, tenant_id: int) -> int:
    """Calls of all the company's campaigns that are under way."""
    found = await session.scalar(
        select(func.count()).select_from(Attempt).where(Attempt.tenant_id == tenant_id, LIVE)
    )
    return int(found or 0)


async def begun_since(session: AsyncSession, campaign_id: int, real: int, *, most: int) -> int:
    """How many of the campaign's last `most` calls out began after `real` (wall-clock ms)."""
    newest = (
        select(Attempt.intent_real)
        .where(Attempt.campaign_id == campaign_id, Attempt.direction == "out")
        .order_by(Attempt.id.desc())
        .limit(most)
        .subquery()
    )
    found = await session.scalar(select(func.count()).select_from(newest).where(newest.c.intent_real > real))
    return int(found or 0)


async def last_answers(session: AsyncSession, turns: Sequence[tuple[int, int]]) -> dict[int, bytes]:
    """Call -> the sealed answer of its present turn, for pairs of call and turn."""
    if not turns:
        return {}
    present = dict(turns)
    rows = await session.execute(
        select(CallTurn.attempt_id, CallTurn.n, CallTurn.answer)
        .join(Attempt, (Attempt.id == CallTurn.attempt_id) & (Attempt.turn == CallTurn.n))
        .where(CallTurn.attempt_id.in_(present))
    )
    return {attempt_id: answer for attempt_id, n, answer in rows.all() if present[attempt_id] == n}


async def waiting(session: AsyncSession, campaign_id: int, *, most: int) -> list[Waiting]:
    """People in the queue by the rule that holds them, most people first."""
    rows = await session.execute(
        select(
            Contact.blocked_rule,
            func.min(Contact.blocked_reason),
            func.count().label("people"),
            func.min(Contact.due_at),
        )
        .where(Contact.campaign_id == campaign_id, Contact.status == "waiting")
        .group_by(Contact.blocked_rule)
        .order_by(func.count().desc(), Contact.blocked_rule)
        .limit(most)
    )
    return [Waiting(rule, reason, int(people), next_) for rule, reason, people, next_ in rows.all()]


async def troubles(session: AsyncSession, campaign_id: int, *, among: int, most: int) -> list[Trouble]:
    """The last calls that went wrong among the campaign's newest, newest first."""
    newest = (
        select(Attempt.id)
        .where(Attempt.campaign_id == campaign_id)
        .order_by(Attempt.id.desc())
        .limit(among)
        .subquery()
    )
    rows = await session.execute(
        select(
            Attempt.id,
            Attempt.person_id,
            func.coalesce(Attempt.ended_at, Attempt.closed_at, Attempt.intent_at),
            func.coalesce(Attempt.carrier_status, Attempt.status),
            Attempt.error,
            Attempt.sip_code,
        )
        .where(
            Attempt.id.in_(select(newest.c.id)),
            or_(Attempt.carrier_status.in_(WENT_WRONG), Attempt.error.is_not(None), Attempt.status == "unknown"),
        )
        .order_by(Attempt.id.desc())
        .limit(most)
    )
    return [Trouble(*row) for row in rows.all()]


async def all_settled_upto(session: AsyncSession, campaign_id: int, *, margin: int) -> int:
    """An id up to which every call of the campaign is over; `margin` further back than the first that is not."""
    of_it = Attempt.campaign_id == campaign_id
    first_open = await session.scalar(select(func.min(Attempt.id)).where(of_it, Attempt.closed_at.is_(None)))
    if first_open is None:
        first_open = (await session.scalar(select(func.max(Attempt.id)).where(of_it)) or 0) + 1
    return max(0, int(first_open) - 1 - margin)
