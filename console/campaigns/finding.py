"""Campaigns that a visitor may see: those of their company, over lists of creditors within their scope."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from console.frame import page
from console.guard import Visitor
from dialer.store.models import Campaign, ContactList, Creditor, Debt, Person


def seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """The campaigns that the visitor may see; those without a list only who sees all creditors."""
    mine = Campaign.tenant_id == visitor.tenant_id
    if visitor.creditors is None:
        return mine
    within = select(ContactList.id).where(ContactList.creditor_id.in_(creditors_of(visitor)))
    return and_(mine, Campaign.list_id.in_(within))


def lists_seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """The same for lists."""
    mine = ContactList.tenant_id == visitor.tenant_id
    return mine if visitor.creditors is None else and_(mine, ContactList.creditor_id.in_(creditors_of(visitor)))


def people_seen_by(visitor: Visitor) -> ColumnElement[bool]:
    """The same for people: those who owe, or owed, a creditor within the scope."""
    mine = Person.tenant_id == visitor.tenant_id
    if visitor.creditors is None:
        return mine
    owes = exists().where(Debt.person_id == Person.id, Debt.creditor_id.in_(creditors_of(visitor)))
    return and_(mine, owes)


def creditors_of(visitor: Visitor) -> Select[int]:
    """The ids of the creditors within the visitor's scope."""
    which = true() if visitor.creditors is None else Creditor.key.in_(visitor.creditors)
    return select(Creditor.id).where(Creditor.tenant_id == visitor.tenant_id, which)


def dials() -> ColumnElement[bool]:
    """Campaigns that are made by people and dial: not those that hold calls to us or calls by hand."""
    return and_(Campaign.direction == "out", Campaign.status != "by_hand")


async def campaign_if_seen(session: AsyncSession, visitor: Visitor, campaign_id: int) -> Campaign | None:
    """The campaign as committed now; None when there is none, or it is not the visitor's to see."""
    return await session.scalar(
        select(Campaign).where(Campaign.id == campaign_id, seen_by(visitor)).execution_options(populate_existing=True)
    )


async def campaigns_seen(session: AsyncSession, visitor: Visitor, *statuses: str) -> Sequence[Campaign]:
    """All campaigns that dial, in one of these statuses (none named: in any), the newest first."""
    of = Campaign.status.in_(statuses) if statuses else true()
    rows = await session.scalars(
        select(Campaign)
        .where(seen_by(visitor), dials(), of)
        .order_by(Campaign.id.desc())
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def creditor_names(session: AsyncSession, found: Sequence[Campaign]) -> dict[int, str]:
    """Campaign -> the name of the creditor whose list it calls; one without a list is left out."""
    rows = await session.execute(
        select(Campaign.id, Creditor.name)
        .join(ContactList, ContactList.id == Campaign.list_id)
        .join(Creditor, Creditor.id == ContactList.creditor_id)
        .where(Campaign.id.in_([one.id for one in found]) if found else or_(false()))
    )
    return {campaign: name for campaign, name in rows.all()}


async def creditor_name(session: AsyncSession, campaign: Campaign) -> str:
    """The name of the creditor whose list the campaign calls; nothing for one without a list."""
    return (await creditor_names(session, [campaign])).get(campaign.id, "")


async def free_name(session: AsyncSession, visitor: Visitor, name: str) -> str:
    """The name, or with the first number behind it that makes it another than those of the company's campaigns."""
    taken = set(await session.scalars(select(Campaign.name).where(Campaign.tenant_id == visitor.tenant_id)))
    numbered = (name if n == 1 else f"{name} {n}" for n in count(1))
    return next(one for one in numbered if one not in taken)


def not_found(request: Request, visitor: Visitor) -> HTMLResponse:
    """What is answered for a campaign that there is not, or not for this visitor."""
    return page(request, "campaigns/missing.html", visitor, status=404)
