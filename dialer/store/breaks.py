"""Booked breaks and what became of them. The next one of an agent stands on the agent's own row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.rules.breaks import LAPSES, Booking, Break
from dialer.store.models import Agent, BookedBreak, KeptBreak


def read(row: BookedBreak) -> Booking:
    """A row as the rules take it."""
    return Booking(
        row.id, frozenset(row.weekdays), time.fromisoformat(row.starts), row.minutes, row.reason, row.zone,
        row.created_at,
    )  # fmt: skip


async def of_agents(session: AsyncSession, agent_ids: Collection[int]) -> dict[int, list[Booking]]:
    """Agent -> the breaks that are booked for them, in the order of the day."""
    rows = await session.scalars(
        select(BookedBreak)
        .where(BookedBreak.agent_id.in_(agent_ids), BookedBreak.cancelled_at.is_(None))
        .order_by(BookedBreak.starts, BookedBreak.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[Booking]] = defaultdict(list)
    for row in rows:
        found[row.agent_id].append(read(row))
    return found


async def booked(session: AsyncSession, tenant_id: int, booking_id: int) -> BookedBreak:
    """A booking of the company that stands; NotFound."""
    row = await session.get(BookedBreak, booking_id, populate_existing=True)
    if row is None or row.tenant_id != tenant_id or row.cancelled_at is not None:
        raise NotFound(f"There is no break {booking_id} booked (any more). Look at the list of breaks again")
    return row


async def cancel(session: AsyncSession, booking_id: int, at: datetime) -> bool:
    """The booking holds no more; False when somebody has cancelled it already."""
    moved = await session.execute(
        update(BookedBreak)
        .where(BookedBreak.id == booking_id, BookedBreak.cancelled_at.is_(None))
        .values(cancelled_at=at)
        .returning(BookedBreak.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def held(session: AsyncSession, agent_ids: Collection[int]) -> Sequence[Agent]:
    """These agents as committed now, by id; nobody else changes them until the transaction ends."""
    rows = await session.scalars(
        select(Agent)
        .where(Agent.id.in_(agent_ids))
        .order_by(Agent.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return rows.all()


def columns_of(following: Break | None) -> dict[str, Any]:
    """The next break as the agent's row has it."""
    if following is None:
        return {"break_at": None, "break_minutes": 0, "break_reason": None, "break_of": None}
    one = following.booking
    return {"break_at": following.at, "break_minutes": one.minutes, "break_reason": one.reason, "break_of": one.id}


async def expect(session: AsyncSession, agent_id: int, following: Break | None) -> None:
    """That is the agent's next break from now on. The row's version stays: whoever moves the agent is not held up."""
    await session.execute(
        update(Agent)
        .where(Agent.id == agent_id)
        .values(**columns_of(following))
        .execution_options(synchronize_session=False)
    )


def to_settle(now: datetime) -> ColumnElement[bool]:
    """An agent of whom a break has come who is free, rests for it already, has wrapped up, or has let it lapse."""
    return and_(
        Agent.break_at <= now,
        or_(
            Agent.status == "ready",
            and_(Agent.status == "wrapup", Agent.until <= now),
            and_(Agent.status == "paused", Agent.pause_reason == Agent.break_reason),
            and_(Agent.break_at <= now - LAPSES, Agent.status.not_in(("reserved", "in_call"))),
        ),
    )


async def keep(
    session: AsyncSession, agent: Agent, outcome: str, *, began: datetime | None = None, ended: datetime | None = None
) -> None:
    """What became of the break that was the agent's next one."""
    await session.execute(
        insert(KeptBreak).values(
            tenant_id=agent.tenant_id, agent_id=agent.id, booking_id=agent.break_of, due_at=agent.break_at,
            minutes=agent.break_minutes, reason=agent.break_reason, outcome=outcome, began_at=began, ended_at=ended,
        )
    )  # fmt: skip


async def end(session: AsyncSession, agent_id: int, at: datetime) -> None:
    """The agent is back from the break that they are on, if they are on one."""
    await session.execute(
        update(KeptBreak)
        .where(KeptBreak.agent_id == agent_id, KeptBreak.outcome == "taken", KeptBreak.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


async def last_kept(session: AsyncSession, agent_ids: Collection[int]) -> dict[int, datetime]:
    """Agent -> when the latest break was due of which it stands what became of it."""
    rows = await session.execute(
        select(KeptBreak.agent_id, func.max(KeptBreak.due_at))
        .where(KeptBreak.agent_id.in_(agent_ids))
        .group_by(KeptBreak.agent_id)
    )
    return {agent_id: at for agent_id, at in rows.all()}


async def kept(session: AsyncSession, tenant_id: int, since: datetime, until: datetime) -> dict[int, list[KeptBreak]]:
    """Agent -> what became of the breaks of that time, the earliest first."""
    rows = await session.scalars(
        select(KeptBreak)
        .where(KeptBreak.tenant_id == tenant_id, KeptBreak.due_at >= since, KeptBreak.due_at < until)
        .order_by(KeptBreak.due_at)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[KeptBreak]] = defaultdict(list)
    for row in rows:
        found[row.agent_id].append(row)
    return found
