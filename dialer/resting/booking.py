"""Acts of whoever plans the day: breaks are booked for agents, by hand or as the usual set of a shift, and cancelled.

Every one of them is on record. Nobody is paused here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.rules import breaks as rules
from dialer.rules.breaks import Booking
from dialer.rules.hours import local_day, zone_exists
from dialer.store import agents, breaks, campaigns, interactions
from dialer.store.models import Agent, BookedBreak

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Wish:
    """A break to be booked: ISO weekdays, a time of day, minutes, why. `zone` empty: that of our own place."""

    weekdays: frozenset[int]
    starts: time
    minutes: int
    reason: str
    zone: str = ""


async def book(op: Operation, names: Collection[str], wishes: Sequence[Wish]) -> list[BookedBreak]:
    """Book these breaks for each of these agents, or none of them.

    BadInput says what is wrong with a wish, NotFound who is no agent, Refused where an agent has a break already.
    """
    now = op.clock.now()
    plans = [_checked(one, op.settings.time_zone) for one in wishes]
    if not names or not plans:
        raise BadInput("Choose at least one agent and one break")
    async with op.database.write() as session:
        found = await _agents(session, names)
        standing = await breaks.of_agents(session, [one.id for one in found])
        made = []
        for agent in found:
            for plan in plans:
                row = await _add(session, agent, plan, standing[agent.id], now)
                standing[agent.id].append(breaks.read(row))
                made.append(row)
        await plan_next(session, [one.id for one in found], now)
    return made


async def cancel(op: Operation, booking_id: int) -> BookedBreak:
    """A booked break is no more; one that has begun goes on. NotFound when there is none of that id."""
    now = op.clock.now()
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        row = await breaks.booked(session, tenant.id, booking_id)
        (agent,) = await breaks.held(session, [row.agent_id])
        if await breaks.cancel(session, row.id, now):
            await _note(session, "break_cancelled", row, now)
            await plan_next(session, [agent.id], now)
    return row


async def plan_next(session: AsyncSession, agent_ids: Collection[int], now: datetime) -> None:
    """Write down the next break of each, whatever was their next one before; one that is due stays so.

    The agents' rows are to be held: two changes of plan at once would leave the older one standing.
    """
    booked, told = await breaks.of_agents(session, agent_ids), await breaks.last_kept(session, agent_ids)
    for agent in await breaks.held(session, agent_ids):
        mine = booked.get(agent.id, [])
        if agent.break_at is None or agent.break_at > now or agent.break_of not in {one.id for one in mine}:
            behind = max(now, told.get(agent.id, now))  # one that was taken early is not to come again
            await breaks.expect(session, agent.id, rules.next_break(mine, behind))


def wishes_of(name: str, begins: time, weekdays: frozenset[int], zone: str = "") -> list[Wish]:
    """The breaks of a usual set for a shift that begins then on these days. BadInput names the sets there are."""
    chosen = rules.sets().get(name)
    if chosen is None:
        raise BadInput(f"There is no set of breaks called {name}. Take one of: {', '.join(rules.sets())}")
    return [
        Wish(rules.later(weekdays, days), starts, minutes, reason, zone)
        for days, starts, minutes, reason in rules.of_shift(chosen, begins)
    ]


def time_of(text: str) -> time:
    """A time of day as people write it; BadInput."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text.strip()):
        raise BadInput(f"{text[:20]}: this is no time of day. Write it like 14:30")
    hours, _, minutes = text.strip().partition(":")
    return time(int(hours), int(minutes))


def days_of(text: str) -> frozenset[int]:
    """Weekdays as people write them (mon-fri, or sat,sun); BadInput."""
    found: set[int] = set()
    for one in (part.strip().casefold() for part in text.split(",")):
        first, dash, last = one.partition("-")
        last = last if dash else first
        if first not in DAY_NAMES or last not in DAY_NAMES:
            raise BadInput(f"{text[:40]}: these are no weekdays. Write them like mon-fri or sat,sun")
        begin, end = DAY_NAMES.index(first), DAY_NAMES.index(last)
        found |= {(begin + n) % 7 + 1 for n in range((end - begin) % 7 + 1)}
    return frozenset(found)


def days_in_words(weekdays: Collection[int]) -> str:
    """The same the other way round: mon, tue, fri."""
    return ", ".join(DAY_NAMES[one - 1] for one in sorted(weekdays))


def _checked(wish: Wish, zone: str) -> Wish:
    if not wish.weekdays or not wish.weekdays <= set(rules.WEEK):
        raise BadInput("Choose at least one weekday")
    if not 1 <= wish.minutes <= rules.LONGEST:
        raise BadInput(f"A break has 1 to {rules.LONGEST} minutes. Write how long it is meant to be")
    if wish.reason not in rules.reasons():
        raise BadInput(f"A break is for one of: {', '.join(rules.reasons())}. Choose one")
    place = wish.zone or zone
    if not zone_exists(place):
        raise BadInput(f"{place[:50]}: there is no such time zone. Write it like America/Sao_Paulo")
    return Wish(wish.weekdays, wish.starts, wish.minutes, wish.reason, place)


async def _agents(session: AsyncSession, names: Collection[str]) -> Sequence[Agent]:
    tenant = await campaigns.tenant(session)
    found = [await agents.by_name(session, tenant.id, name) for name in set(names)]
    return await breaks.held(session, [one.id for one in found])


async def _add(
    session: AsyncSession, agent: Agent, wish: Wish, standing: Sequence[Booking], now: datetime
) -> BookedBreak:
    row = BookedBreak(
        tenant_id=agent.tenant_id, agent_id=agent.id, weekdays=sorted(wish.weekdays), minutes=wish.minutes,
        starts=f"{wish.starts:%H:%M}", reason=wish.reason, zone=wish.zone, created_at=now, cancelled_at=None,
    )  # fmt: skip
    week = local_day(now, wish.zone) + timedelta(days=1)
    new = Booking(0, wish.weekdays, wish.starts, wish.minutes, wish.reason, wish.zone, now)
    for other in standing:
        if rules.clash(new, other, week):
            raise Refused(
                f'"{agent.name}" has a break at {other.starts:%H:%M} already, and the two would meet.'
                " Cancel it first, or choose another time"
            )
    session.add(row)
    await session.flush()
    await _note(session, "break_booked", row, now)
    return row


async def _note(session: AsyncSession, kind: str, row: BookedBreak, at: datetime) -> None:
    detail = {
        "agent": row.agent_id, "break": row.id, "days": days_in_words(row.weekdays), "starts": row.starts,
        "minutes": row.minutes, "reason": row.reason, "zone": row.zone,
    }  # fmt: skip
    await interactions.add(session, tenant_id=row.tenant_id, at=at, kind=kind, actor="operator", detail=detail)
