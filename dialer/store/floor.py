"""What supervisors watch: every agent with the present talk, how soon the card was there, and who wants somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Agent, Campaign, Interaction, Packet, Reservation

ASKED = "supervisor_asked"


@dataclass(frozen=True, slots=True)
class Seated:
    """An agent now. `talks_since` None: nobody is connected. `shown_at`: when the caller's card was on the screen."""

    id: int
    name: str
    status: str
    since: datetime
    until: datetime | None
    pause_reason: str | None
    campaign: str | None
    talks_since: datetime | None
    shown_at: datetime | None
    wants_somebody: bool


async def seated(session: AsyncSession, tenant_id: int) -> list[Seated]:
    """All agents of a company who are on duty or paused, by name, in one statement."""
    shown = (
        select(func.max(Packet.shown_at))
        .where(Packet.reservation_id == Reservation.id, Packet.agent_id == Agent.id)
        .correlate(Reservation, Agent)
        .scalar_subquery()
    )
    wants = exists().where(Interaction.attempt_id == Reservation.attempt_id, Interaction.kind == ASKED)
    busy = (Reservation.agent_id == Agent.id) & Reservation.status.in_(("reserved", "connected"))
    rows = await session.execute(
        select(Agent, Campaign.name, Reservation.connected_at, shown, wants)
        .outerjoin(Reservation, busy)
        .outerjoin(Campaign, Campaign.id == Reservation.campaign_id)
        .where(Agent.tenant_id == tenant_id, Agent.status != "offline")
        .order_by(Agent.name)
        .execution_options(populate_existing=True)
    )
    return [
        Seated(
            agent.id, agent.name, agent.status, agent.since, agent.until, agent.pause_reason, campaign,
            connected_at, shown_at, bool(asked),
        )
        for agent, campaign, connected_at, shown_at, asked in rows.all()
    ]  # fmt: skip
