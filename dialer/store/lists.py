"""Lists, who stands on them, and the campaigns that late people of a list join."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Refused
from dialer.store import campaigns
from dialer.store.bulk import among, insert_rows
from dialer.store.models import Campaign, Contact, ContactList, Creditor, ListMember, Tenant

JOINABLE = ("draft", "checked", "running", "paused")


async def hold(session: AsyncSession) -> None:
    """Lists are loaded one chunk at a time: two that meet a person for the first time would both add them.

    Nothing else takes this lock (FOR NO KEY UPDATE: others may refer to the row); SQLite has one writer anyway.
    """
    tenant = await campaigns.tenant(session)
    await session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update(key_share=True))


async def named(session: AsyncSession, tenant_id: int, creditor: Creditor, name: str, now: datetime) -> ContactList:
    """The list of that name, made at first use. Refused when it holds another creditor's debts."""
    await must_be_of(session, tenant_id, creditor.id, name)
    found = await session.scalar(
        select(ContactList).where(ContactList.tenant_id == tenant_id, ContactList.name == name)
    )
    if found is None:
        session.add(found := ContactList(tenant_id=tenant_id, creditor_id=creditor.id, name=name, created_at=now))
        await session.flush()
    return found


async def must_be_of(session: AsyncSession, tenant_id: int, creditor_id: int, name: str) -> None:
    """Refused when there is a list of that name with another creditor's debts."""
    owner = await session.scalar(
        select(ContactList.creditor_id).where(ContactList.tenant_id == tenant_id, ContactList.name == name)
    )
    if owner not in (None, creditor_id):
        raise Refused(f'The list "{name}" belongs to another creditor: choose another name for the list')


async def must_be_free(session: AsyncSession, tenant_id: int, creditor: str, name: str) -> None:
    """The same by the creditor's key, which need not be on record yet: asked before columns are chosen."""
    known = await session.scalar(select(Creditor.id).where(Creditor.tenant_id == tenant_id, Creditor.key == creditor))
    await must_be_of(session, tenant_id, known or 0, name)


async def add_members(session: AsyncSession, list_id: int, person_ids: Collection[int]) -> int:
    """Put people on a list, in this order, who do not stand there yet; how many were added."""
    there = set(
        await session.scalars(
            select(ListMember.person_id).where(
                ListMember.list_id == list_id, among(session, ListMember.person_id, person_ids)
            )
        )
    )
    new = [(list_id, one) for one in dict.fromkeys(person_ids) if one not in there]
    await insert_rows(session, ListMember.metadata.tables["list_member"], ("list_id", "person_id"), new)
    return len(new)


async def join_campaigns(
    session: AsyncSession, list_id: int, person_ids: Collection[int], *, at: datetime
) -> dict[int, int]:
    """People of the list who are in none of its unfinished campaigns wait there from now on: campaign id -> how many.

    The campaigns are held meanwhile, so that none of them ends as done at the same moment (PostgreSQL).
    """
    using = await session.scalars(
        select(Campaign)
        .where(Campaign.list_id == list_id, Campaign.status.in_(JOINABLE))
        .order_by(Campaign.id)
        .with_for_update(read=True)
    )
    return {
        campaign.id: joined
        for campaign in using.all()
        if campaign.plan.get("only", "all") == "all" and (joined := await _join(session, campaign, person_ids, at))
    }


async def _join(session: AsyncSession, campaign: Campaign, person_ids: Collection[int], at: datetime) -> int:
    late = select(
        literal(campaign.tenant_id),
        literal(campaign.id),
        ListMember.person_id,
        literal("waiting"),
        literal(at, type_=Contact.due_at.type),
        ListMember.id,
        literal(0),
    ).where(
        ListMember.list_id == campaign.list_id,
        among(session, ListMember.person_id, person_ids),
        ~exists().where(Contact.campaign_id == campaign.id, Contact.person_id == ListMember.person_id),
    )
    columns = ["tenant_id", "campaign_id", "person_id", "status", "due_at", "rank", "tries"]
    joined = await session.execute(
        insert(Contact).from_select(columns, late.order_by(ListMember.id)).returning(Contact.id)
    )
    return len(joined.all())
