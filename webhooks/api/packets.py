"""The packet of an agent's present caller, opened."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store.models import Agent, Attempt, Packet, Reservation
from webhooks.api.bodies import PacketBody, PacketContent


async def present(session: AsyncSession, op: Operation, agent: Agent) -> PacketBody | None:
    """The packet of the caller who is coming, on the line or (in wrap-up) just gone; None when there is none."""
    row = await _newest(session, agent)
    if row is None:
        return None
    packet, reservation = row
    return PacketBody(
        id=packet.id,
        attempt=packet.attempt_id,
        reservation=reservation.status,
        waited_seconds=_waited(reservation, op.clock.now()),
        created_at=packet.created_at,
        shown_at=packet.shown_at,
        body=PacketContent.model_validate(orjson.loads(op.database.keyring.unseal(packet.body))),
    )


async def attempt_with(session: AsyncSession, agent: Agent, person_id: int) -> int | None:
    """The id of the attempt on which this agent has that person; None when somebody else, or nobody, is there."""
    row = await _newest(session, agent)
    if row is None:
        return None
    on_line = (Attempt.id == row[0].attempt_id, Attempt.person_id == person_id)
    return await session.scalar(select(Attempt.id).where(*on_line))


async def _newest(session: AsyncSession, agent: Agent) -> tuple[Packet, Reservation] | None:
    """A missed reservation belongs to nobody or to another agent: its packet is no longer this agent's."""
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


def _waited(reservation: Reservation, now: datetime) -> int:
    until = reservation.connected_at or reservation.ended_at or now
    return max(0, int((until - reservation.asked_at).total_seconds()))
