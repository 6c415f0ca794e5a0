"""Who is in a campaign, and in which order: the people of its list, ranked. Only before it begins."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.store import campaigns, ranks
from dialer.store.models import Campaign, Contact

NOT_BEGUN = ("draft", "checked")


async def fill(session: AsyncSession, op: Operation, campaign: Campaign) -> int:
    """One contact for each person of the list who has none yet, in the plan's order; how many there are."""
    plan = Plan.model_validate(campaign.plan)
    count = await ranks.fill(session, campaign, at=op.clock.now(), only=plan.only)
    await order(session, op, campaign)
    return count


async def order(session: AsyncSession, op: Operation, campaign: Campaign) -> None:
    """Rank the contacts that wait, by the plan's ordering as of this hour."""
    weights = Plan.model_validate(campaign.plan).ordering.weights
    await ranks.rank(session, campaign, weights, at=op.clock.now())


async def fill_anew(session: AsyncSession, op: Operation, campaign: Campaign) -> int:
    """The same for a campaign whose plan or list is another now; nobody of it was called yet."""
    await session.execute(
        delete(Contact)
        .where(Contact.campaign_id == campaign.id, Contact.tries == 0)
        .execution_options(synchronize_session=False)
    )
    return await fill(session, op, campaign)


async def fill_if_not_begun(op: Operation, name: str) -> None:
    """People who came to the list since the campaign was made belong to it, until it begins."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        if campaign.status in NOT_BEGUN:
            await fill(session, op, campaign)
