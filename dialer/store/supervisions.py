"""Supervisors in talks, each change in one statement: news comes in any order, and twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, literal, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import (
    Agent,
    Attempt,
    Number,
    Reservation,
    Supervision,
    User,
)

LISTENERS = ("administrator", "manager", "supervisor")  # the roles that may
# Written out rather than bound, so that every planner sees that the indexes of open ones fit.
OPEN = Supervision.status.in_([literal_column(f"'{one}'") for one in ("asked", "ringing", "joined", "leaving")])
IN_THE_ROOM = ("joined", "leaving")
WANTED = ("asked", "ringing", "joined")


@dataclass(frozen=True, slots=True)
class Talk:
    """What is needed to judge whether a supervision may go on."""

    user: User
    agent: Agent
    attempt: Attempt
    connected: bool


def any_open() -> ColumnElement[bool]:
    """Whether anybody listens, or is on the way in or out."""
    return exists().where(OPEN)


async def open_ones(session: AsyncSession) -> Sequence[Supervision]:
    """Those that are not over."""
    rows = await session.scalars(
        select(Supervision).where(OPEN).order_by(Supervision.id).execution_options(populate_existing=True)
    )
    return rows.all()


async def of_user(session: AsyncSession, user_id: int) -> Supervision | None:
    """The user's own that is not over."""
    return await session.scalar(
        select(Supervision).where(Supervision.user_id == user_id, OPEN).execution_options(populate_existing=True)
    )


async def last_of_user(session: AsyncSession, user_id: int, *, since: datetime) -> Supervision | None:
    """The user's newest, if it ended since then: so that they are told why."""
    query = select(Supervision).where(Supervision.user_id == user_id).order_by(Supervision.id.desc()).limit(1)
    found = await session.scalar(query)
    return found if found is not None and found.ended_at is not None and found.ended_at >= since else None


async def by_token(session: AsyncSession, token: str) -> Supervision | None:
    """The one whose line carries this token."""
    return await session.scalar(
        select(Supervision).where(Supervision.token == token).execution_options(populate_existing=True)
    )


async def by_sid(session: AsyncSession, sid: str) -> Supervision | None:
    """The one whose line is this call."""
    return await session.scalar(
        select(Supervision).where(Supervision.sid == sid).execution_options(populate_existing=True)
    )


async def in_room(session: AsyncSession, room: str) -> Sequence[Supervision]:
    """Those that are about the conference of this agent's line, and not over."""
    return (await session.scalars(select(Supervision).where(OPEN, Supervision.room == room))).all()


def stays_with(agent_id: Any) -> ColumnElement[bool]:
    """Whether somebody may still hear what is said in this agent's conference."""
    return exists().where(OPEN, Supervision.agent_id == agent_id, Supervision.status.in_(IN_THE_ROOM))


async def is_watched(session: AsyncSession, agent_id: int) -> bool:
    """The same of one agent, now."""
    return bool(await session.scalar(select(stays_with(agent_id))))


async def heard_by(session: AsyncSession, agent_id: int, attempt_id: int) -> str:
    """The loudest mode of those who sit in this talk: barge, whisper, listen; empty when nobody does."""
    loudest = case(
        (Supervision.wanted == "barge", 3),
        (Supervision.mode == "barge", 3),
        (Supervision.wanted == "whisper", 2),
        (Supervision.mode == "whisper", 2),
        else_=1,
    )
    found = await session.scalar(
        select(loudest)
        .where(
            OPEN,
            Supervision.agent_id == agent_id,
            Supervision.attempt_id == attempt_id,
            Supervision.status.in_(IN_THE_ROOM),
        )
        .order_by(loudest.desc())
        .limit(1)
    )
    return ("", "listen", "whisper", "barge")[int(found or 0)]


async def talk_of(session: AsyncSession, one: Supervision) -> Talk:
    """The user, the agent and the call; `connected`: the agent is still in this call, on the same line."""
    talks = select(
        exists().where(
            Reservation.agent_id == one.agent_id,
            Reservation.attempt_id == one.attempt_id,
            Reservation.status == "connected",
        )
    )
    agent = await session.get_one(Agent, one.agent_id, populate_existing=True)
    same = agent.leg_token == one.room and agent.leg_sid == one.coached
    return Talk(
        await session.get_one(User, one.user_id, populate_existing=True),
        agent,
        await session.get_one(Attempt, one.attempt_id, populate_existing=True),
        same and bool(await session.scalar(talks)),
    )


async def is_somebody_s(session: AsyncSession, tenant_id: int, e164: str) -> bool:
    """Whether a number is on record of a person of the company: such a one is no supervisor's line."""
    found = select(Number.id).where(Number.tenant_id == tenant_id, Number.e164 == e164).limit(1)
    return await session.scalar(found) is not None


async def is_an_agents(session: AsyncSession, via: str) -> bool:
    """Whether an agent who is here is reached by this line."""
    found = select(Agent.id).where(Agent.via == via, Agent.status != "offline").limit(1)
    return await session.scalar(found) is not None


async def swap(session: AsyncSession, one: Supervision, **values: Any) -> bool:
    """Change one that nobody else has changed since it was read; False when somebody has."""
    moved = await session.execute(
        update(Supervision)
        .where(Supervision.id == one.id, Supervision.version == one.version)
        .values(version=one.version + 1, **values)
        .returning(Supervision.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def exists_as(session: AsyncSession, token: str, sid: str, *, at: datetime) -> bool:
    """The line was made under this id; False when nobody waits for it (any more)."""
    mine = or_(Supervision.sid.is_(None), Supervision.sid == sid)
    made = await session.execute(
        update(Supervision)
        .where(Supervision.token == token, mine, Supervision.status.in_(WANTED))
        .values(
            sid=sid, claim_until=0, heard_at=at, version=Supervision.version + 1,
            status=case((Supervision.status == "asked", literal("ringing")), else_=Supervision.status),
        )
        .returning(Supervision.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return made.first() is not None


async def lost(session: AsyncSession, token: str, sid: str) -> None:
    """A line that is being taken down has this id, which was not known yet."""
    await session.execute(
        update(Supervision)
        .where(Supervision.token == token, Supervision.sid.is_(None), OPEN)
        .values(sid=sid, claim_until=0, version=Supervision.version + 1)
        .execution_options(synchronize_session=False)
    )


async def claimed(session: AsyncSession, token: str, until: int) -> None:
    """The create's answer is due by then (wall-clock ms; 0: nothing was created), if the line is still unknown."""
    await session.execute(
        update(Supervision)
        .where(Supervision.token == token, Supervision.sid.is_(None))
        .values(claim_until=until, version=Supervision.version + 1)
        .execution_options(synchronize_session=False)
    )


async def applied(session: AsyncSession, one: Supervision, mode: str, *, at: datetime) -> None:
    """The carrier was told `mode`. Whoever wanted something else meanwhile: nobody knows which was told last."""
    await session.execute(
        update(Supervision)
        .where(Supervision.id == one.id)
        .values(
            mode=case((Supervision.wanted == mode, literal(mode)), else_=literal("")),
            heard_at=at,
            version=Supervision.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
