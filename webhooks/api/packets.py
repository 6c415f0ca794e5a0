"""The packet of an agent's present caller, opened."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store import packets
from dialer.store.models import Agent, Reservation
from webhooks.api.bodies import PacketBody, PacketContent


async def present(session: AsyncSession, op: Operation, agent: Agent) -> PacketBody | None:
    """The packet of the caller who is coming, on the line or (in wrap-up) just gone; None when there is none."""
    here = await packets.present(session, agent)
    if here is None:
        return None
    packet, reservation = here.packet, here.reservation
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
    here = await packets.present(session, agent)
    return here.attempt.id if here is not None and here.attempt.person_id == person_id else None


def _waited(reservation: Reservation, now: datetime) -> int:
    until = reservation.connected_at or reservation.ended_at or now
    return max(0, int((until - reservation.asked_at).total_seconds()))
