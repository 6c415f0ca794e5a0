"""How the breaks of a day stand: those that are booked, with what became of them. Looks only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.resting.booking import days_in_words
from dialer.rules import breaks as rules
from dialer.rules.breaks import Booking, Kept, Stand
from dialer.store import agents, breaks, campaigns
from dialer.store.models import Agent, KeptBreak


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is looked at, and when that is: a day of somebody's calendar."""

    since: datetime
    until: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """One break of the day: when it was due, for how many minutes, why, how it stands, when it began."""

    due: datetime
    minutes: int
    reason: str
    stand: Stand
    began: datetime | None

    @property
    def back(self) -> datetime:
        """When the agent is meant to be back."""
        return (self.began or self.due) + timedelta(minutes=self.minutes)


async def standing(session: AsyncSession, staff: Sequence[Agent], span: Span) -> dict[int, list[Standing]]:
    """Agent -> the breaks of that time, the earliest first. One company's agents at a time."""
    if not staff:
        return {}
    booked = await breaks.of_agents(session, [one.id for one in staff])
    kept = await breaks.kept(session, staff[0].tenant_id, span.since, span.until)
    return {one.id: _of(one, booked.get(one.id, []), kept.get(one.id, []), span) for one in staff}


def _of(agent: Agent, booked: Sequence[Booking], kept: Sequence[KeptBreak], span: Span) -> list[Standing]:
    made = [
        _standing(agent, one.due_at, one.minutes, one.reason, Kept(one.outcome, one.began_at, one.ended_at), span.now)
        for one in kept
    ]
    told = {(one.booking_id, one.due_at) for one in kept}
    first, days = span.since.date() - timedelta(days=1), (span.until - span.since).days + 3
    for day in (first + timedelta(days=n) for n in range(days)):
        for one in rules.on_day(booked, day):
            plan = one.booking
            if span.since <= one.at < span.until and one.at >= plan.since and (plan.id, one.at) not in told:
                made.append(_standing(agent, one.at, plan.minutes, plan.reason, None, span.now))
    return sorted(made, key=lambda one: one.due)


def _standing(agent: Agent, due: datetime, minutes: int, reason: str, kept: Kept | None, now: datetime) -> Standing:
    stand = rules.how_stands(due, minutes, kept, now)
    if kept is None and stand in ("due", "missed") and agent.status == "offline":
        stand = "away"
    return Standing(due, minutes, reason, stand, kept.began if kept else None)


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as lists show it: `days` in short English words, `next_at` if it is the agent's next break."""

    id: int
    agent: str
    days: str
    starts: str
    minutes: int
    reason: str
    zone: str
    next_at: datetime | None


async def listed(op: Operation, name: str | None = None) -> list[Booked]:
    """Every break that is booked, by agent and time of day; of one agent alone with `name` (NotFound)."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        if name is None:
            found = await session.scalars(select(Agent).where(Agent.tenant_id == tenant.id).order_by(Agent.name))
            staff = list(found)
        else:
            staff = [await agents.by_name(session, tenant.id, name)]
        booked = await breaks.of_agents(session, [one.id for one in staff])
    return [_booked(agent, plan) for agent in staff for plan in booked.get(agent.id, [])]


def _booked(agent: Agent, plan: Booking) -> Booked:
    following = agent.break_at if agent.break_of == plan.id else None
    return Booked(
        plan.id, agent.name, days_in_words(plan.weekdays), f"{plan.starts:%H:%M}", plan.minutes, plan.reason,
        plan.zone, following,
    )  # fmt: skip
