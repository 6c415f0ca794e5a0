"""Acts of a campaign manager: create, clone, edit, start, pause, resume, stop. What stops a start is in checking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.campaigns import checking, filling
from dialer.campaigns.standing import standing
from dialer.clock import real_ms
from dialer.errors import BadInput, Refused
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.plan import Plan
from dialer.store import campaigns, contacts, interactions
from dialer.store.models import Attempt, Campaign
from ivr_flows.errors import FlowInvalid

__all__ = [
    "clone", "create", "edit", "finish_if_done", "may_start", "pause", "resume", "standing", "start",
    "stop",
]  # fmt: skip

MAY = {  # what each command may find
    "edit": ("draft", "checked", "paused"),
    "start": ("draft", "checked"),
    "pause": ("running",),
    "resume": ("paused",),
    "stop": ("draft", "checked", "running", "paused"),
}
BECOMES = {"start": "running", "pause": "paused", "resume": "running", "stop": "stopped"}
NEXT = {  # what may be done instead
    "draft": 'start it: toque campaign start "{0}"',
    "checked": 'start it: toque campaign start "{0}"',
    "running": 'to change it, pause it first: toque campaign pause "{0}"',
    "paused": 'go on with it: toque campaign resume "{0}"',
    "stopped": 'it has ended; make another like it: toque campaign clone "{0}" NEW',
    "finished": 'it has ended; make another like it: toque campaign clone "{0}" NEW',
    "answering": "it answers calls that come in, and never dials",
    "by_hand": "it holds the calls that agents make by hand, and never dials",
}


async def create(op: Operation, name: str, *, list_name: str, flow: str, plan: Plan, skill: str = "") -> int:
    """A draft: one contact for each person of the list. The campaign's id; nothing is dialled yet."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        await _can_be_dialled(session, op, tenant.id, flow, plan)
        source = await campaigns.list_by_name(session, tenant.id, list_name)
        campaign = Campaign(tenant_id=tenant.id, list_id=source.id, name=name, flow=flow, skill=skill)
        return await _add(session, op, campaign, plan)


async def clone(op: Operation, name: str, new: str, *, list_name: str | None = None) -> int:
    """A draft like a campaign of before (NotFound), over the same list or another; the new campaign's id.

    It begins anew with everybody on the list; what was learnt of people (opt-outs, steps, promises) holds as ever.
    """
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        known = await campaigns.by_name(session, tenant.id, name)
        if known.direction == "in":
            raise Refused(f'"{name}" answers calls that come in: there is one of it, and it is not cloned')
        list_id = (await campaigns.list_by_name(session, tenant.id, list_name)).id if list_name else known.list_id
        campaign = Campaign(tenant_id=tenant.id, list_id=list_id, name=new, flow=known.flow, skill=known.skill)
        return await _add(session, op, campaign, Plan.model_validate(known.plan))


async def edit(
    op: Operation, name: str, changes: Mapping[str, Any], *, flow: str | None = None, skill: str | None = None
) -> None:
    """Other choices for a campaign that does not run; pydantic's ValidationError for a value that cannot be.

    One that has not begun is a draft again, with its people chosen and ordered anew; a paused one stays paused.
    """
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        _must_be_in(campaign, "edit")
        begun = campaign.status == "paused"
        plan = Plan.model_validate({**campaign.plan, **changes})
        if begun and plan.only != Plan.model_validate(campaign.plan).only:
            raise Refused(f'"{name}" has begun: whom it calls is settled. {_next(campaign)}')
        await _can_be_dialled(session, op, tenant.id, flow or campaign.flow, plan)
        campaign.plan = plan.model_dump(mode="json")
        campaign.flow = flow or campaign.flow
        campaign.skill = campaign.skill if skill is None else skill
        if not begun:
            campaign.status, campaign.checked_at = "draft", None
        await session.flush()
        await (filling.order if begun else filling.fill_anew)(session, op, campaign)
        await _note(session, op, campaign, "campaign_edited", changed=sorted(changes))


async def may_start(op: Operation, name: str) -> None:
    """Refused (with what to do) when `start` would be: before anything is prepared for it."""
    checking.refuse(op)
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
    _must_be_in(campaign, "start")
    await checking.must_be_able_to_start(op, name)


async def start(op: Operation, name: str) -> None:
    """Begin to dial. Refused without an account at a carrier, a number to show, or anybody to call."""
    await may_start(op, name)
    async with op.database.write() as session:
        campaign = await _moved(session, op, name, "start")
        campaign.started_at = op.clock.now()


async def resume(op: Operation, name: str) -> None:
    """Dial on. Refused while nothing can be dialled, or the flow cannot be used."""
    checking.refuse(op)
    async with op.database.write() as session:
        campaign = await _moved(session, op, name, "resume")
        try:
            await pinning.current(session, op, campaign.tenant_id, campaign.flow)
        except FlowInvalid as fault:
            raise Refused(f"The flow cannot be used. {fault}") from fault


async def pause(op: Operation, name: str) -> None:
    """Stop dialling. When this returns, no call of the campaign starts any more; live ones go on to their end."""
    await _halt(op, name, "pause")


async def stop(op: Operation, name: str) -> None:
    """End the campaign for good, as `pause` does; contacts that were not reached stay as they are."""
    await _halt(op, name, "stop")


async def finish_if_done(op: Operation, campaign_id: int) -> bool:
    """A campaign whose contacts are all done is finished; whether it is."""
    async with op.database.write() as session:
        await campaigns.held(session, campaign_id)
        if await contacts.open_in(session, [campaign_id]):  # somebody may have joined the list just now
            return False
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


async def _can_be_dialled(session: AsyncSession, op: Operation, tenant_id: int, flow: str, plan: Plan) -> None:
    """The flow exists (raises when there is none) and is one that calls; the numbers to show are numbers."""
    if (await pinning.current(session, op, tenant_id, flow)).inbound:
        raise BadInput(f"The flow {flow} answers calls of people to us: choose one that calls")
    for number in plan.caller_ids:
        if not isinstance(read(number, "US"), PhoneNumber) or not number.startswith("+"):
            raise BadInput(f"{number} is not a number that can be shown: write it as +country code and number")


async def _add(session: AsyncSession, op: Operation, campaign: Campaign, plan: Plan) -> int:
    known = await session.scalar(
        select(Campaign.id).where(Campaign.tenant_id == campaign.tenant_id, Campaign.name == campaign.name)
    )
    if known is not None:
        raise Refused(f'There is a campaign "{campaign.name}" already: choose another name')
    campaign.status, campaign.plan = "draft", plan.model_dump(mode="json")
    campaign.created_at = op.clock.now()
    session.add(campaign)
    await session.flush()
    await filling.fill(session, op, campaign)
    await _note(session, op, campaign, "campaign_created")
    return campaign.id


def _must_be_in(campaign: Campaign, command: str) -> None:
    if campaign.status not in MAY[command]:
        what = f'"{campaign.name}" is {campaign.status}: {command} is for campaigns that are'
        raise Refused(f"{what} {' or '.join(MAY[command])}; {_next(campaign)}")


def _next(campaign: Campaign) -> str:
    return NEXT[campaign.status].format(campaign.name)


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
    await _note(session, op, campaign, f"campaign_{command}")
    await session.refresh(campaign)
    return campaign


async def _note(session: AsyncSession, op: Operation, campaign: Campaign, kind: str, **more: Any) -> None:
    await interactions.add(
        session,
        tenant_id=campaign.tenant_id,
        at=op.clock.now(),
        kind=kind,
        actor="manager",
        detail={"campaign": campaign.name, **more},
    )
