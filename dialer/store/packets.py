"""Packets: what an agent's screen shows about the caller who is coming, on the line, or just gone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Agent, Packet, Reservation


async def present(session: AsyncSession, agent: Agent) -> tuple[Packet, Reservation] | None:
    """The agent's packet and its reservation, kept through wrap-up; None without a caller.

    A missed reservation belongs to nobody or to another agent: its packet is no longer this agent's.
    """
    row = (
        await session.execute(
            select(Packet, Reservation)
            .join(Reservation, Reservation.id == Packet.reservation_id)
            .where(Packet.agent_id == agent.id)
            .order_by(Packet.id.desc())
            .limit(1)
        )
    ).first()
    if row is None or row.Reservation.agent_id != agent.id:
        return None
    open_now = row.Reservation.status in ("reserved", "connected")
    return (row.Packet, row.Reservation) if open_now or agent.status == "wrapup" else None


async def agent_of(session: AsyncSession, packet_id: int, tenant_id: int) -> str | None:
    """The name of the agent whom a packet was written for."""
    return await session.scalar(
        select(Agent.name)
        .join(Packet, Packet.agent_id == Agent.id)
        .where(Packet.id == packet_id, Packet.tenant_id == tenant_id)
    )


async def shown(session: AsyncSession, packet_id: int, *, at: datetime) -> None:
    """The packet stands on the agent's screen; the first time counts."""
    await session.execute(update(Packet).where(Packet.id == packet_id, Packet.shown_at.is_(None)).values(shown_at=at))
