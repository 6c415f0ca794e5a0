"""What supervisors watch: every agent with the present talk, how soon the card was there, and who wants somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import sight, supervisions
from dialer.store.models import (
    Agent,
    Attempt,
    Campaign,
    ContactList,
    Creditor,
    Interaction,
    Packet,
    Reservation,
    Supervision,
    User,
)

ASKED = "supervisor_asked"
SCRIPT_STEP = "script_step"


@dataclass(frozen=True, slots=True)
class Talk:
    """The call that an agent is in. `number` is the person's, in clear; `creditor` None: a call of no list."""

    attempt_id: int
    person_id: int
    number: str
    direction: str
    creditor: str | None
    campaign: str


@dataclass(frozen=True, slots=True)
class Seated:
    """An agent now. `talks_since` None: nobody is connected. `shown_at`: when the caller's card was on the screen.

    `hidden`: the caller is none of the viewer's creditors'. `watched`: who sits in the talk, and how: (name, mode).
    """

    id: int
    name: str
    status: str
    since: datetime
    until: datetime | None
    pause_reason: str | None
    talk: Talk | None
    hidden: bool
    talks_since: datetime | None
    shown_at: datetime | None
    wants_somebody: bool
    watched: tuple[tuple[str, str], ...]


async def seated(session: AsyncSession, tenant_id: int, creditors: Sequence[str] | None = None) -> list[Seated]:
    """All agents of a company who are on duty or paused, by name, for who sees these creditors (None: all)."""
    shown = (
        select(func.max(Packet.shown_at))
        .where(Packet.reservation_id == Reservation.id, Packet.agent_id == Agent.id)
        .correlate(Reservation, Agent)
        .scalar_subquery()
    )
    wants = exists().where(Interaction.attempt_id == Reservation.attempt_id, Interaction.kind == ASKED)
    busy = (Reservation.agent_id == Agent.id) & Reservation.status.in_(("reserved", "connected"))
    rows = await session.execute(
        select(Agent, Attempt, Campaign.name, Creditor, Reservation.connected_at, shown, wants)
        .outerjoin(Reservation, busy)
        .outerjoin(Attempt, Attempt.id == Reservation.attempt_id)
        .outerjoin(Campaign, Campaign.id == Reservation.campaign_id)
        .outerjoin(ContactList, ContactList.id == Campaign.list_id)
        .outerjoin(Creditor, Creditor.id == ContactList.creditor_id)
        .where(Agent.tenant_id == tenant_id, Agent.status != "offline")
        .order_by(Agent.name)
        .execution_options(populate_existing=True)
    )
    watched = await _watched(session, tenant_id)
    made = []
    for agent, attempt, campaign, creditor, connected_at, shown_at, asked in rows.all():
        seen = attempt is not None and await _sees(session, attempt, creditor, creditors)
        talk = _talk(attempt, campaign, creditor) if seen else None
        made.append(
            Seated(
                agent.id, agent.name, agent.status, agent.since, agent.until, agent.pause_reason, talk,
                attempt is not None and not seen, connected_at, shown_at, bool(asked), watched.get(agent.id, ()),
            )
        )  # fmt: skip
    return made


async def script_lines(session: AsyncSession, tenant_id: int) -> dict[int, list[dict[str, Any]]]:
    """Call -> the lines of the record that say where its agent stands in the script, for the talks of now."""
    rows = await session.execute(
        select(Interaction.attempt_id, Interaction.detail)
        .join(Reservation, (Reservation.attempt_id == Interaction.attempt_id) & (Reservation.status == "connected"))
        .where(Reservation.tenant_id == tenant_id, Interaction.kind == SCRIPT_STEP)
        .order_by(Interaction.id)
    )
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for attempt_id, detail in rows.all():
        found[attempt_id].append(detail)
    return found


def _talk(attempt: Attempt, campaign: str, creditor: Creditor | None) -> Talk:
    return Talk(
        attempt.id, attempt.person_id, attempt.to_number, attempt.direction, creditor.name if creditor else None,
        campaign,
    )  # fmt: skip


async def _sees(
    session: AsyncSession, attempt: Attempt, creditor: Creditor | None, scope: Sequence[str] | None
) -> bool:
    if scope is None or creditor is not None:
        return scope is None or (creditor is not None and creditor.key in scope)
    return await sight.sees(session, attempt, scope)


async def _watched(session: AsyncSession, tenant_id: int) -> dict[int, tuple[tuple[str, str], ...]]:
    """Agent -> the users who sit in their talk."""
    rows = await session.execute(
        select(Supervision.agent_id, User.name, Supervision.wanted)
        .join(User, User.id == Supervision.user_id)
        .where(
            supervisions.OPEN, Supervision.tenant_id == tenant_id, Supervision.status.in_(supervisions.IN_THE_ROOM)
        )
        .order_by(Supervision.id)
    )
    found: dict[int, tuple[tuple[str, str], ...]] = defaultdict(tuple)
    for agent_id, name, mode in rows.all():
        found[agent_id] += ((name, mode),)
    return found
