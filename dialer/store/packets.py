"""Packets: what an agent's screen shows about the caller who is coming, on the line, or just gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Agent, Attempt, Packet, Reservation


@dataclass(frozen=True, slots=True)
class Present:
    """Who is with an agent or on the way: the newest packet, its reservation and its call."""

    packet: Packet
    reservation: Reservation
    attempt: Attempt


async def present(session: AsyncSession, agent: Agent) -> Present | None:
    """Who is with the agent, kept through wrap-up; None without a caller.

    A missed reservation belongs to nobody or to another agent: its packet is no longer this agent's.
    """
    row = (
        await session.execute(
            select(Packet, Reservation, Attempt)
            .join(Reservation, Reservation.id == Packet.reservation_id)
            .join(Attempt, Attempt.id == Packet.attempt_id)
            .where(Packet.agent_id == agent.id)
            .order_by(Packet.id.desc())
            .limit(1)
        )
    ).first()
    if row is None or row.Reservation.agent_id != agent.id:
        return None
    open_now = row.Reservation.status in ("reserved", "connected")
    return Present(*row) if open_now or agent.status == "wrapup" else None


async def agent_of(session: AsyncSession, packet_id: int, tenant_id: int) -> str | None:
    """The name of the agent whom a packet was written for."""
    return await session.scalar(
        select(Agent.name)
        .join(Packet, Packet.agent_id == Agent.id)
        .where(Packet.id == packet_id, Packet.tenant_id == tenant_id)
    )


async def is_shown(session: AsyncSession, attempt_id: int) -> bool:
    """Whether the newest packet of this call stands on its agent's screen."""
    of_call = select(Packet.shown_at).join(Reservation, Reservation.id == Packet.reservation_id)
    newest = of_call.where(Reservation.attempt_id == attempt_id).order_by(Packet.id.desc()).limit(1)
    return await session.scalar(newest) is not None


async def shown(session: AsyncSession, packet_id: int, *, at: datetime) -> int | None:
    """The packet stands on the agent's screen: the attempt it tells of; None when that was known before."""
    first = update(Packet).where(Packet.id == packet_id, Packet.shown_at.is_(None)).values(shown_at=at)
    return await session.scalar(first.returning(Packet.attempt_id))
