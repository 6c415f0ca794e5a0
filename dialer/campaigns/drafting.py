"""Acts on a draft that saves itself while somebody still chooses: all of it may change, also list and name.

A campaign that was checked is a draft again; one that has begun is changed by `campaigning.edit` alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.campaigns import filling
from dialer.errors import BadInput, NotFound, Refused
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.plan import Plan
from dialer.store import campaigns, interactions
from dialer.store.models import Campaign, ContactList

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """All choices. `list_id` is one of the company's lists, `flow` a flow that calls."""

    name: str
    list_id: int
    flow: str
    plan: Plan
    skill: str = ""


async def save(op: Operation, draft: Draft, campaign_id: int | None = None) -> int:
    """Make the draft, or change the one of that id (NotFound, Refused when it has begun); its id.

    BadInput says which choice cannot be. People are chosen anew only where list or choice of people changed.
    """
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        await _must_be_possible(session, op, tenant.id, draft)
        source = await session.get(ContactList, draft.list_id)
        if source is None or source.tenant_id != tenant.id:
            raise NotFound("There is no such list. Choose one of those that were loaded")
        await _name_must_be_free(session, tenant.id, draft.name.strip(), campaign_id)
        if campaign_id is None:
            return await _make(session, op, tenant.id, draft)
        return await _change(session, op, await _held(session, tenant.id, campaign_id), draft)


async def _make(session: AsyncSession, op: Operation, tenant_id: int, draft: Draft) -> int:
    campaign = Campaign(tenant_id=tenant_id, status="draft", created_at=op.clock.now())
    _write(campaign, draft)
    session.add(campaign)
    await session.flush()
    await filling.fill(session, op, campaign)
    await _note(session, op, campaign, "campaign_created")
    return campaign.id


async def _change(session: AsyncSession, op: Operation, campaign: Campaign, draft: Draft) -> int:
    before = Plan.model_validate(campaign.plan)
    same = (campaign.name, campaign.list_id, campaign.flow, campaign.skill, before) == (
        draft.name.strip(), draft.list_id, draft.flow, draft.skill, draft.plan,
    )  # fmt: skip
    if same:
        return campaign.id
    others = campaign.list_id != draft.list_id or before.only != draft.plan.only
    _write(campaign, draft)
    campaign.status, campaign.checked_at = "draft", None
    await session.flush()
    if others:
        await filling.fill_anew(session, op, campaign)
    elif before.order != draft.plan.order:
        await filling.order(session, op, campaign)
    await _note(session, op, campaign, "campaign_edited")
    return campaign.id


def _write(campaign: Campaign, draft: Draft) -> None:
    campaign.name, campaign.list_id, campaign.flow = draft.name.strip(), draft.list_id, draft.flow
    campaign.skill, campaign.plan = draft.skill, draft.plan.model_dump(mode="json")


async def _held(session: AsyncSession, tenant_id: int, campaign_id: int) -> Campaign:
    """The draft, held against a start at the same moment."""
    await campaigns.held(session, campaign_id)
    found = await session.get(Campaign, campaign_id, populate_existing=True)
    if found is None or found.tenant_id != tenant_id:
        raise NotFound("There is no such campaign. See the list of campaigns")
    if found.status not in filling.NOT_BEGUN:
        raise Refused(f'"{found.name}" is {found.status}: it has begun. Pause it, and change what may still change')
    return found


async def _name_must_be_free(session: AsyncSession, tenant_id: int, name: str, campaign_id: int | None) -> None:
    taken = await session.scalar(select(Campaign.id).where(Campaign.tenant_id == tenant_id, Campaign.name == name))
    if taken not in (None, campaign_id):
        raise Refused(f'There is a campaign "{name}" already: choose another name')


async def _must_be_possible(session: AsyncSession, op: Operation, tenant_id: int, draft: Draft) -> None:
    if not draft.name.strip() or len(draft.name.strip()) > LONGEST_NAME:
        raise BadInput(f"The campaign needs a name of at most {LONGEST_NAME} characters")
    if (await pinning.current(session, op, tenant_id, draft.flow)).inbound:
        raise BadInput(f"The flow {draft.flow} answers calls of people to us: choose one that calls")
    for number in draft.plan.caller_ids:
        if not isinstance(read(number, "US"), PhoneNumber) or not number.startswith("+"):
            raise BadInput(f"{number} is not a number that can be shown: write it as +country code and number")


async def _note(session: AsyncSession, op: Operation, campaign: Campaign, kind: str) -> None:
    await interactions.add(
        session, tenant_id=campaign.tenant_id, at=op.clock.now(), kind=kind, actor="manager",
        detail={"campaign": campaign.name},
    )  # fmt: skip
