"""Whom somebody may see who serves some creditors only: their people, and the calls about their lists."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, Campaign, ContactList, Creditor, Debt


async def sees(session: AsyncSession, attempt: Attempt, scope: Sequence[str] | None) -> bool:
    """Whether a call is about a creditor of the scope (None: all): that of its list, else of the person's debts."""
    if scope is None:
        return True
    key = await session.scalar(
        select(Creditor.key)
        .join(ContactList, ContactList.creditor_id == Creditor.id)
        .join(Campaign, Campaign.list_id == ContactList.id)
        .where(Campaign.id == attempt.campaign_id)
    )
    return key in scope if key is not None else await sees_person(session, attempt.person_id, scope)


async def sees_person(session: AsyncSession, person_id: int, scope: Sequence[str] | None) -> bool:
    """Whether the person owes something to a creditor of the scope."""
    if scope is None:
        return True
    owed = select(Debt.id).join(Creditor, Creditor.id == Debt.creditor_id)
    return await session.scalar(owed.where(Debt.person_id == person_id, Creditor.key.in_(scope)).limit(1)) is not None
