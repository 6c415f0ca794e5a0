"""Acts of a campaign manager: create, start, pause, resume, stop, status."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.clock import real_ms
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.plan import Plan
from dialer.settings import is_loopback
from dialer.store import agents, campaigns, contacts, interactions
from dialer.store.models import Attempt, Campaign, Contact, ListMember

MAY = {  # what each command may find
    "start": ("draft",),
    "pause": ("running",),
    "resume": ("paused",),
    "stop": ("draft", "running", "paused"),
}
BECOMES = {"start": "running", "pause": "paused", "resume": "running", "stop": "stopped"}


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


async def create(op: Operation, name: str, *, list_name: str, flow: str, plan: Plan, skill: str = "") -> int:
    """A draft: one contact for each person of the list. The campaign's id; nothing is dialled yet."""
    op.flow(flow)  # raises when there is no such flow
    for number in plan.caller_ids:
        if not isinstance(read(number, "US"), PhoneNumber) or not number.startswith("+"):
            raise BadInput(f"{number} is not a number that can be shown: write it as +country code and number")
    now = op.clock.now()
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        known = await session.scalar(
            select(Campaign.id).where(Campaign.tenant_id == tenant.id, Campaign.name == name)
        )
        if known is not None:
            raise Refused(f'There is a campaign "{name}" already: choose another name')
        source = await campaigns.list_by_name(session, tenant.id, list_name)
        session.add(
            campaign := Campaign(
                tenant_id=tenant.id,
                list_id=source.id,
                name=name,
                flow=flow,
                status="draft",
                plan=plan.model_dump(mode="json"),
                skill=skill,
                created_at=now,
            )
        )
        await session.flush()
        await _fill(session, campaign, now)
        await _note(session, campaign, now, "campaign_created")
        return campaign.id


async def may_start(op: Operation, name: str) -> None:
    """Refused (with what to do) when `start` would be: before anything is prepared for it."""
    _can_dial(op)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        await _startable(session, op, await campaigns.by_name(session, tenant.id, name))


async def start(op: Operation, name: str) -> None:
    """Begin to dial. Refused without an account at a carrier, a number to show, or anybody to call."""
    async with op.database.write() as session:
        campaign = await _moved(session, op, name, "start")
        await _startable(session, op, campaign, moved=True)
        campaign.started_at = op.clock.now()


async def resume(op: Operation, name: str) -> None:
    """Dial on."""
    _can_dial(op)
    async with op.database.write() as session:
        await _moved(session, op, name, "resume")


async def pause(op: Operation, name: str) -> None:
    """Stop dialling. When this returns, no call of the campaign starts any more; live ones go on to their end."""
    await _halt(op, name, "pause")


async def stop(op: Operation, name: str) -> None:
    """End the campaign for good, as `pause` does; contacts that were not reached stay as they are."""
    await _halt(op, name, "stop")


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


async def finish_if_done(op: Operation, campaign_id: int) -> bool:
    """A campaign whose contacts are all done is finished; whether it is."""
    async with op.database.read() as session:
        open_contacts = await session.scalar(
            select(func.count())
            .select_from(Contact)
            .where(Contact.campaign_id == campaign_id, Contact.status.in_(("waiting", "claimed", "calling")))
        )
    if open_contacts:
        return False
    async with op.database.write() as session:
        return await campaigns.finish(session, campaign_id, at=op.clock.now())


async def _halt(op: Operation, name: str, command: str) -> None:
    async with op.database.write() as session:
        campaign = await _moved(session, op, name, command)
        if command == "stop":
            campaign.ended_at = op.clock.now()
        await session.execute(
            update(Attempt)
            .where(Attempt.campaign_id == campaign.id, Attempt.status.in_(("placing", "placed", "unknown")))
            .values(cancel_asked="stopped")
            .execution_options(synchronize_session=False)
        )
    await _drain(op, campaign.id)


async def _drain(op: Operation, campaign_id: int) -> None:
    """Wait until every intent of before has had its answer, then take back what the carrier still holds queued.

    Bounded by the carrier client's own time-outs: an intent older than that is `unknown`, and was asked before.
    """
    longest = int(op.carrier.longest_create * 1000) + 2000
    while True:
        async with op.database.read() as session:
            rows = (
                await session.execute(
                    select(Attempt.status, Attempt.sid).where(
                        Attempt.campaign_id == campaign_id,
                        Attempt.status.in_(("placing", "placed")),
                        Attempt.intent_real > real_ms() - longest,
                    )
                )
            ).all()
        if not any(row.status == "placing" for row in rows):
            break
        await asyncio.sleep(0.02)
    for row in rows:
        if row.sid:
            await op.carrier.cancel(row.sid)


async def _startable(session: AsyncSession, op: Operation, campaign: Campaign, *, moved: bool = False) -> None:
    _can_dial(op)
    if not moved:
        _must_be_in(campaign, "start")
    if not (Plan.model_validate(campaign.plan).caller_ids or op.settings.caller_ids):
        raise Refused("No number to show: set TOQUE_CALLER_IDS or give the campaign --caller-id")
    if not (await contacts.counts(session, campaign.id)).get("waiting"):
        raise Refused(f'Nobody to call: the list of "{campaign.name}" holds no person with a usable number')


def _must_be_in(campaign: Campaign, command: str) -> None:
    allowed = MAY[command]
    if campaign.status not in allowed:
        raise Refused(
            f'"{campaign.name}" is {campaign.status}: {command} is for campaigns that are {" or ".join(allowed)}'
        )


async def _moved(session: AsyncSession, op: Operation, name: str, command: str) -> Campaign:
    """The campaign in its new status; Refused when the command does not fit the present one."""
    tenant = await campaigns.tenant(session)
    campaign = await campaigns.by_name(session, tenant.id, name)
    _must_be_in(campaign, command)
    before = campaign.status
    changed = await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign.id, Campaign.status == before)
        .values(status=BECOMES[command], waiting_for=None)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        raise Refused(f'"{name}" was changed by somebody else at the same moment: look at its status and try again')
    await _note(session, campaign, op.clock.now(), f"campaign_{command}")
    await session.refresh(campaign)
    return campaign


async def _fill(session: AsyncSession, campaign: Campaign, now: datetime) -> None:
    """One statement for the whole list: people in the order in which they were loaded."""
    people = select(
        literal(campaign.tenant_id),
        literal(campaign.id),
        ListMember.person_id,
        literal("waiting"),
        literal(now, type_=Contact.due_at.type),
        ListMember.id,
        literal(0),
    ).where(ListMember.list_id == campaign.list_id)
    columns = ["tenant_id", "campaign_id", "person_id", "status", "due_at", "rank", "tries"]
    await session.execute(insert(Contact).from_select(columns, people))


async def _standing(session: AsyncSession, op: Operation, campaign: Campaign) -> Standing:
    counted = await contacts.counts(session, campaign.id)
    live = await session.scalar(
        select(func.count())
        .select_from(Attempt)
        .where(
            Attempt.campaign_id == campaign.id,
            Attempt.status.in_(("placing", "placed", "ringing", "live", "unknown")),
        )
    )
    due = await contacts.next_due(session, campaign.id)
    return Standing(
        name=campaign.name,
        status=campaign.status,
        flow=campaign.flow,
        contacts=counted,
        live=int(live or 0),
        next_due=due,
        waiting_for=campaign.waiting_for or await _why_waiting(session, campaign, due, op.clock.now()),
    )


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


async def _note(session: AsyncSession, campaign: Campaign, at: datetime, kind: str) -> None:
    await interactions.add(
        session, tenant_id=campaign.tenant_id, at=at, kind=kind, actor="manager", detail={"campaign": campaign.name}
    )


def _can_dial(op: Operation) -> None:
    settings = op.settings
    if not settings.can_dial:
        raise Refused(
            "No account at a carrier: set TOQUE_TWILIO_ACCOUNT_SID and TOQUE_TWILIO_AUTH_TOKEN"
            " (or try everything without one: toque demo)"
        )
    if settings.real_carrier and (is_loopback(settings.public_url) or not settings.public_url.startswith("https://")):
        raise Refused(
            "The carrier cannot call this server back: set TOQUE_PUBLIC_URL to the https address that reaches it"
        )
