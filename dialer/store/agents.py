"""Agents and reservations: an agent for at most one call, a call for at most one agent (I7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store import supervisions
from dialer.store.models import Agent, Reservation

OPEN = ("waiting", "reserved", "connected")
ON_DUTY = ("connecting", "ready", "reserved", "in_call", "wrapup")
SIGNED_IN = ("ready", "reserved", "in_call", "wrapup")


def fits(skills: list[Any], skill: str, language: str | None) -> bool:
    """Whether an agent's skills cover a need. A language is one such as "pt-BR"; naming none means all."""
    languages = [one for one in skills if "-" in one]
    topics = [one for one in skills if "-" not in one]
    return (not skill or not topics or skill in topics) and (
        not languages or language is None or language in languages
    )


_ON_DUTY = select(Agent.skills).where(Agent.tenant_id == bindparam("tenant"), Agent.status.in_(ON_DUTY))


async def on_duty(session: AsyncSession, tenant_id: int, skill: str = "", language: str | None = None) -> int:
    """How many agents who fit stand in their conference or are on the way to it."""
    rows = await session.scalars(_ON_DUTY, {"tenant": tenant_id})
    return sum(fits(skills, skill, language) for skills in rows)


async def any_known(session: AsyncSession, tenant_id: int) -> bool:
    """Whether there are any agents at all, on duty or not."""
    return await session.scalar(select(Agent.id).where(Agent.tenant_id == tenant_id).limit(1)) is not None


async def all_away(session: AsyncSession, tenant_id: int, skill: str) -> bool:
    """Whether there are agents for such calls and not one of them has a line that stands and takes calls."""
    rows = await session.execute(select(Agent.skills, Agent.status).where(Agent.tenant_id == tenant_id))
    mine = [status for skills, status in rows if fits(skills, skill, None)]
    return bool(mine) and not any(status in SIGNED_IN for status in mine)


async def by_name(session: AsyncSession, tenant_id: int, name: str) -> Agent:
    """The agent of that name; raises NotFound."""
    agent = await session.scalar(select(Agent).where(Agent.tenant_id == tenant_id, Agent.name == name))
    if agent is None:
        raise NotFound(f'There is no agent "{name}". Add one: toque agent add "{name}" --via tel:+…')
    return agent


async def by_leg(session: AsyncSession, token: str) -> Agent | None:
    """The agent whose own leg carries this token."""
    return await session.scalar(select(Agent).where(Agent.leg_token == token))


async def held_by_leg(session: AsyncSession, token: str) -> Agent | None:
    """The same as committed now, and nobody else changes the agent until this transaction ends."""
    return await session.scalar(
        select(Agent)
        .where(Agent.leg_token == token)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def swap(session: AsyncSession, agent: Agent | Idle, **values: Any) -> bool:
    """Change an agent that nobody else has changed since it was read; False when somebody has."""
    moved = await session.execute(
        update(Agent)
        .where(Agent.id == agent.id, Agent.version == agent.version)
        .values(version=agent.version + 1, **values)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def no_break_due(by: datetime) -> ColumnElement[bool]:
    """No break comes for the agent until then: whose break has come gets no more calls before it."""
    return or_(Agent.break_at.is_(None), Agent.break_at > by)


@dataclass(frozen=True, slots=True)
class Idle:
    """What is asked of an agent who is free: all that a hand-over needs, of every one at each wish."""

    id: int
    version: int
    name: str
    skills: list[Any]
    since: datetime
    leg_token: str


async def idle(session: AsyncSession, tenant_id: int, by: datetime) -> list[Idle]:
    """Ready agents of whom no break comes until then, longest idle first.

    Not those in whose conference somebody of a former talk may still be.
    """
    rows = await session.execute(
        select(Agent.id, Agent.version, Agent.name, Agent.skills, Agent.since, Agent.leg_token)
        .where(
            Agent.tenant_id == tenant_id,
            Agent.status == "ready",
            Agent.guest_sid.is_(None),
            no_break_due(by),
            ~supervisions.stays_with(Agent.id),
        )
        .order_by(Agent.since, Agent.id)
    )
    return [Idle(*row) for row in rows]


async def in_status(session: AsyncSession, *statuses: str) -> list[Agent]:
    """Agents of all tenants in one of these statuses."""
    rows = await session.scalars(
        select(Agent)
        .where(Agent.status.in_(statuses))
        .order_by(Agent.since)
        .execution_options(populate_existing=True)
    )
    return list(rows)


_OPEN = (
    select(Reservation)
    .where(Reservation.attempt_id == bindparam("attempt"), Reservation.status.in_(OPEN))
    .execution_options(populate_existing=True)
)


async def open_reservation(session: AsyncSession, attempt_id: int) -> Reservation | None:
    """The attempt's reservation that is not over yet."""
    return await session.scalar(_OPEN, {"attempt": attempt_id})


async def busy_reservation(session: AsyncSession, agent_id: int) -> Reservation | None:
    """The reservation that holds this agent."""
    return await session.scalar(
        select(Reservation)
        .where(Reservation.agent_id == agent_id, Reservation.status.in_(("reserved", "connected")))
        .execution_options(populate_existing=True)
    )


async def waiting(session: AsyncSession, tenant_id: int | None = None) -> list[Reservation]:
    """Callers without an agent, longest waiting first."""
    query = select(Reservation).where(Reservation.status == "waiting").order_by(Reservation.asked_at, Reservation.id)
    if tenant_id is not None:
        query = query.where(Reservation.tenant_id == tenant_id)
    return list(await session.scalars(query.execution_options(populate_existing=True)))


async def position(session: AsyncSession, reservation: Reservation) -> int:
    """Place in the queue: 1 is next."""
    ahead = await session.scalar(
        select(func.count())
        .select_from(Reservation)
        .where(
            Reservation.tenant_id == reservation.tenant_id,
            Reservation.status == "waiting",
            Reservation.asked_at < reservation.asked_at,
        )
    )
    return int(ahead or 0) + 1


async def move(session: AsyncSession, reservation: Reservation, *, to: str, at: datetime, **values: Any) -> bool:
    """Move a reservation on from the status it was read in; False when it has moved already."""
    moved = await session.execute(
        update(Reservation)
        .where(Reservation.id == reservation.id, Reservation.status == reservation.status)
        .values(status=to, **({"ended_at": at} if to not in OPEN else {}), **values)
        .returning(Reservation.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None
