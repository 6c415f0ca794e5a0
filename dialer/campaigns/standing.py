"""How campaigns stand, and why one does not move. Looks only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.store import agents, campaigns, contacts
from dialer.store.models import LIVE_STATUSES, Attempt, Campaign, Contact, ContactList


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign at a glance. `waiting_for` says in words why nothing moves, if nothing does."""

    name: str
    status: str
    flow: str
    contacts: dict[str, int]
    live: int
    next_due: datetime | None
    waiting_for: str | None
    list_name: str | None = None
    skill: str = ""
    plan: dict[str, Any] = field(default_factory=dict)
    checked_at: datetime | None = None


async def standing(op: Operation, name: str | None = None) -> list[Standing]:
    """All campaigns, or the one of that name (NotFound)."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if name is not None:
            found: Sequence[Campaign] = [await campaigns.by_name(session, tenant.id, name)]
        else:
            query = select(Campaign).where(Campaign.tenant_id == tenant.id).order_by(Campaign.id)
            found = (await session.scalars(query)).all()
        return [await _standing(session, op, campaign) for campaign in found]


async def _standing(session: AsyncSession, op: Operation, campaign: Campaign) -> Standing:
    live = await session.scalar(
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.campaign_id == campaign.id, Attempt.status.in_(LIVE_STATUSES))
    )
    due = await contacts.next_due(session, campaign.id)
    return Standing(
        name=campaign.name,
        status=campaign.status,
        flow=campaign.flow,
        contacts=await contacts.counts(session, campaign.id),
        live=int(live or 0),
        next_due=due,
        waiting_for=campaign.waiting_for
        or await _why_braked(session, op, campaign)
        or await _why_waiting(session, campaign, due, op.clock.now()),
        list_name=await session.scalar(select(ContactList.name).where(ContactList.id == campaign.list_id)),
        skill=campaign.skill,
        plan=Plan.model_validate(campaign.plan).model_dump(mode="json"),
        checked_at=campaign.checked_at,
    )


async def _why_braked(session: AsyncSession, op: Operation, campaign: Campaign) -> str | None:
    """Why a running campaign rests before a limit, or is slowed down by it."""
    if campaign.status != "running":
        return None
    brake = (await metering.brakes(session, op, [campaign])).get(campaign.id)
    if brake is None or not brake.reading.brakes:
        return None
    rule = brake.reading.limit.rule
    return f"{metering.in_words(brake.reading)} ({rule.code}: {rule.citation}). See: toque meters"


async def _why_waiting(session: AsyncSession, campaign: Campaign, due: datetime | None, now: datetime) -> str | None:
    """Why a running campaign does not dial: the rule that most of its waiting contacts wait for."""
    if campaign.status != "running" or due is None:
        return None
    if await agents.all_away(session, campaign.tenant_id, campaign.skill):
        return "all agents are away: it dials when one of them is ready (toque agent ready NAME)"
    if due <= now:
        return None
    row = (
        await session.execute(
            select(
                Contact.blocked_rule, func.min(Contact.blocked_reason).label("reason"), func.count().label("people")
            )
            .where(Contact.campaign_id == campaign.id, Contact.status == "waiting")
            .group_by(Contact.blocked_rule)
            .order_by(func.count().desc())
            .limit(1)
        )
    ).first()
    if row is None or row.blocked_rule is None:
        return f"waiting for the next retry at {due.isoformat(timespec='minutes')}"
    soonest = due.isoformat(timespec="minutes")
    who = "1 person waits" if row.people == 1 else f"{row.people} people wait"
    return f"{who}: {row.reason} ({row.blocked_rule}); next at {soonest}"
