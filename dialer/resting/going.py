"""Acts at the time of a break: who is free goes, who comes out of a call goes right after it, and nobody twice.

Ends nobody's break: only the agent knows whether they are back. No call is left, and no caller who is coming.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.addresses import conference_name
from dialer.operation import Operation
from dialer.rules import breaks as rules
from dialer.rules.breaks import Situation
from dialer.store import agents, breaks
from dialer.store.models import Agent


def due(op: Operation) -> ColumnElement[bool]:
    """Whether somebody is to go on a break, or has let one lapse."""
    return exists().where(breaks.to_settle(op.clock.now()))


async def settle(op: Operation) -> None:
    """Everybody whose break has come and who is free goes on it now, each in a transaction of their own."""
    now = op.clock.now()
    async with op.database.read() as session:
        found = list(await session.scalars(select(Agent.id).where(breaks.to_settle(now))))
    for agent_id in found:
        async with op.database.write() as session:
            (agent,) = await breaks.held(session, [agent_id])
            wrapped_up = agent.status == "wrapup" and agent.until is not None and agent.until <= now
            gone = await decide(session, agent, now, comes_back=wrapped_up)
        if gone:
            await op.fanout.publish(f"desk:{conference_name(agent.leg_token)}", {"break": True})


async def decide(session: AsyncSession, agent: Agent, now: datetime, *, comes_back: bool = False) -> bool:
    """What becomes of the break that has come for an agent whose row is held; whether they are on it now."""
    seen = situation(agent)
    if seen is None:
        return False
    match rules.fate(seen, now, comes_back=comes_back):
        case "waits":
            return False
        case "begins":
            return await begin(session, agent, now)
        case "counts":
            await breaks.keep(session, agent, "taken", began=agent.since)
        case "missed":
            await breaks.keep(session, agent, "missed")
        case "away":
            await breaks.keep(session, agent, "away")
    await _look_ahead(session, agent, now)
    return False


async def begin(session: AsyncSession, agent: Agent, now: datetime) -> bool:
    """The agent, whose row is held, goes on the break that is next; False when they have moved meanwhile."""
    until = now + timedelta(minutes=agent.break_minutes)
    gone = await agents.swap(session, agent, status="paused", since=now, until=until, pause_reason=agent.break_reason)
    if gone:
        await breaks.end(session, agent.id, now)
        await breaks.keep(session, agent, "taken", began=now)
        await _look_ahead(session, agent, now)
    return gone


def situation(agent: Agent) -> Situation | None:
    """The agent as the rules see them; None when no break is booked."""
    if agent.break_at is None or agent.break_reason is None:
        return None
    return Situation(agent.status, agent.since, agent.pause_reason, agent.break_at, agent.break_reason)


def has_come(agent: Agent, now: datetime) -> bool:
    """Whether a break of theirs is due."""
    return agent.break_at is not None and agent.break_at <= now


async def _look_ahead(session: AsyncSession, agent: Agent, now: datetime) -> None:
    """The next one comes after the one that was; of days on which nobody watched nothing is told."""
    assert agent.break_at is not None, "only a break that was booked is over"
    booked = await breaks.of_agents(session, [agent.id])
    following = rules.next_break(booked.get(agent.id, []), max(agent.break_at, now - rules.LAPSES))
    await breaks.expect(session, agent.id, following)
