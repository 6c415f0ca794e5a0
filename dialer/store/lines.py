"""Changes of an agent's line, each in one statement: what is heard of it comes in any order, and twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Agent

RINGING = ("connecting", "paused")  # a line may be under way in these, and no caller can be in its conference


async def exists(session: AsyncSession, token: str, sid: str) -> bool:
    """The line was made under this id; False when the agent's present line is another one, or none."""
    made = await session.execute(
        update(Agent)
        .where(Agent.leg_token == token, Agent.leg_sid.is_(None), Agent.status.in_(RINGING))
        .values(leg_sid=sid, leg_claim_until=0, version=Agent.version + 1)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    if made.first() is not None:
        return True
    known = select(Agent.id).where(Agent.leg_token == token, Agent.leg_sid == sid)
    return await session.scalar(known) is not None


async def stands(session: AsyncSession, token: str, sid: str, *, at: datetime) -> bool:
    """The line stands in its conference: who was waiting for it is ready. Whether somebody became so."""
    mine = or_(Agent.leg_sid == sid, and_(Agent.leg_sid.is_(None), Agent.status.in_(RINGING)))
    line = {"leg_sid": sid, "leg_claim_until": 0, "leg_heard_at": at, "leg_joined_at": at}
    change = update(Agent).where(Agent.leg_token == token, mine).execution_options(synchronize_session=False)
    freed = await session.execute(
        change.where(Agent.status == "connecting")
        .values(status="ready", since=at, version=Agent.version + 1, **line)
        .returning(Agent.id)
    )
    if freed.first() is not None:
        return True
    await session.execute(change.where(Agent.status != "offline").values(version=Agent.version + 1, **line))
    return False


async def claimed(session: AsyncSession, token: str, until: int) -> None:
    """The create's answer is due by then (wall-clock ms; 0: nothing was created), if the line is still unknown."""
    await session.execute(
        update(Agent)
        .where(Agent.leg_token == token, Agent.leg_sid.is_(None))
        .values(leg_claim_until=until, version=Agent.version + 1)
        .execution_options(synchronize_session=False)
    )


def unheard(before: datetime) -> ColumnElement[bool]:
    """A line that should stand, and of which nothing was seen since `before`."""
    return and_(
        Agent.leg_sid.is_not(None),
        Agent.status.not_in(("offline", "connecting")),
        or_(Agent.leg_heard_at.is_(None), Agent.leg_heard_at < before),
    )


async def silent(session: AsyncSession, *, before: datetime, limit: int) -> Sequence[Agent]:
    """Agents of whose line nothing was seen since `before`, longest silence first."""
    rows = await session.scalars(
        select(Agent).where(unheard(before)).order_by(Agent.leg_heard_at, Agent.id).limit(limit)
    )
    return rows.all()


async def looked_after(session: AsyncSession, agent: Agent, *, at: datetime) -> bool:
    """Take over the look at a silent line; False when another worker has."""
    heard = agent.leg_heard_at
    same = Agent.leg_heard_at.is_(None) if heard is None else Agent.leg_heard_at == heard
    taken = await session.execute(
        update(Agent)
        .where(Agent.id == agent.id, same)
        .values(leg_heard_at=at)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def guests(session: AsyncSession) -> Sequence[str]:
    """Callers who were called back from a conference and may still be in it, by the ids of their calls."""
    rows = await session.scalars(select(Agent.guest_sid).where(Agent.guest_sid.is_not(None)))
    return [sid for sid in rows.all() if sid is not None]


async def guest_gone(session: AsyncSession, sid: str) -> None:
    """This caller is in no agent's conference any more."""
    await session.execute(
        update(Agent)
        .where(Agent.guest_sid == sid)
        .values(guest_sid=None)
        .execution_options(synchronize_session=False)
    )
