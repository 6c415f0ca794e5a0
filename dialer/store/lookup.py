"""A person as those may see them who serve only some creditors: which people, debts, campaigns and calls are theirs.

Every query of a screen about people goes through here. `creditors` are keys; None means all of the company's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.models import (
    Attempt,
    Campaign,
    ContactList,
    Creditor,
    Debt,
    ListMember,
    Payment,
    Person,
    PersonKey,
    Suppression,
)

Creditors = Sequence[str] | None


def seen(tenant_id: int, creditors: Creditors) -> ColumnElement[bool]:
    """Whether a person of this company may be seen: one who owes, or is on a list of, one of these creditors."""
    mine = Person.tenant_id == tenant_id
    if creditors is None:
        return mine
    ids = _creditor_ids(tenant_id, creditors)
    listed = select(ListMember.person_id).join(ContactList).where(ContactList.creditor_id.in_(ids))
    return and_(
        mine,
        or_(Person.id.in_(select(Debt.person_id).where(Debt.creditor_id.in_(ids))), Person.id.in_(listed)),
    )


async def person(session: AsyncSession, tenant_id: int, creditors: Creditors, person_id: int) -> Person:
    """The person of that id; raises NotFound when there is none, or none that may be seen."""
    found = await session.scalar(select(Person).where(seen(tenant_id, creditors), Person.id == person_id))
    if found is None:
        raise NotFound("There is no such person. Look them up under People")
    return found


async def key_of(session: AsyncSession, of: Person, creditors: Creditors) -> str:
    """The key by which these creditors know a person ("aurora:4711"); none of theirs: an empty text."""
    if creditors is None:
        return of.key
    others = await session.scalars(select(PersonKey.key).where(PersonKey.person_id == of.id).order_by(PersonKey.id))
    keys = (of.key, *others)
    return next((one for one in keys if one.partition(":")[0] in creditors), "")


async def debts(session: AsyncSession, of: Person, creditors: Creditors) -> list[tuple[Debt, Creditor]]:
    """All debts of a person to these creditors, open ones first, then the oldest."""
    query = (
        select(Debt, Creditor)
        .join(Creditor, Creditor.id == Debt.creditor_id)
        .where(Debt.person_id == of.id, _among(creditors))
        .order_by(Debt.status != "open", Debt.due_on, Debt.id)
    )
    return [(debt, creditor) for debt, creditor in await session.execute(query)]


def with_contract(contract: str, creditors: Creditors) -> Select[Any]:
    """The people (ids) who owe one of these creditors something by this contract."""
    owed = select(Debt.person_id).join(Creditor, Creditor.id == Debt.creditor_id)
    return owed.where(Debt.contract == contract, _among(creditors))


async def whole(session: AsyncSession, of: Person, creditors: Creditors) -> bool:
    """Whether nothing of a person is hidden: all their debts are to these creditors, all their lists of these."""
    if creditors is None:
        return True
    strange = Creditor.key.not_in(list(creditors))
    owed = select(Debt.id).join(Creditor, Creditor.id == Debt.creditor_id).where(Debt.person_id == of.id, strange)
    listed = (
        select(ListMember.id)
        .join(ContactList, ContactList.id == ListMember.list_id)
        .join(Creditor, Creditor.id == ContactList.creditor_id)
        .where(ListMember.person_id == of.id, strange)
    )
    return await session.scalar(owed.limit(1)) is None and await session.scalar(listed.limit(1)) is None


async def campaigns(session: AsyncSession, tenant_id: int, creditors: Creditors) -> dict[int, Campaign]:
    """The campaigns that may be seen, by id: those of these creditors' lists, and those that are of no list."""
    query = (
        select(Campaign)
        .outerjoin(ContactList, ContactList.id == Campaign.list_id)
        .outerjoin(Creditor, Creditor.id == ContactList.creditor_id)
        .where(Campaign.tenant_id == tenant_id, or_(Campaign.list_id.is_(None), _among(creditors)))
    )
    return {one.id: one for one in await session.scalars(query)}


async def calls(session: AsyncSession, of: Person, creditors: Creditors) -> list[Attempt]:
    """The calls with a person, oldest first; of calls outside of lists only those about debts to these creditors."""
    shown = await campaigns(session, of.tenant_id, creditors)
    theirs = {debt.id for debt, _ in await debts(session, of, creditors)}
    rows = await session.scalars(select(Attempt).where(Attempt.person_id == of.id).order_by(Attempt.id))
    return [
        one
        for one in rows
        if one.campaign_id in shown
        and (creditors is None or shown[one.campaign_id].list_id is not None or theirs >= set(map(int, one.debts)))
    ]


async def payments(session: AsyncSession, of: Person, creditors: Creditors) -> list[Payment]:
    """What the person has paid to these creditors, oldest first."""
    query = (
        select(Payment)
        .join(Debt, Debt.id == Payment.debt_id)
        .join(Creditor, Creditor.id == Payment.creditor_id)
        .where(Debt.person_id == of.id, _among(creditors))
        .order_by(Payment.id)
    )
    return list(await session.scalars(query))


async def bars(
    session: AsyncSession, of: Person, numbers: Sequence[str], creditors: Creditors
) -> list[tuple[Suppression, str | None]]:
    """Every bar on the person or on one of these numbers, the newest first, each with the key of its creditor."""
    at_number = and_(Suppression.person_id.is_(None), Suppression.number.in_(numbers))
    query = (
        select(Suppression, Creditor.key)
        .outerjoin(Creditor, Creditor.id == Suppression.creditor_id)
        .where(
            Suppression.tenant_id == of.tenant_id,
            or_(Suppression.person_id == of.id, at_number),
            or_(Suppression.creditor_id.is_(None), _among(creditors)),
        )
        .order_by(Suppression.id.desc())
    )
    return [(bar, key) for bar, key in await session.execute(query)]


async def creditors_of(session: AsyncSession, tenant_id: int, creditors: Creditors) -> list[Creditor]:
    """The creditors that may be seen, by name."""
    query = select(Creditor).where(Creditor.tenant_id == tenant_id, _among(creditors)).order_by(Creditor.name)
    return list(await session.scalars(query))


def _among(creditors: Creditors) -> ColumnElement[bool]:
    return true() if creditors is None else Creditor.key.in_(list(creditors))


def _creditor_ids(tenant_id: int, creditors: Sequence[str]) -> Select[Any]:
    return select(Creditor.id).where(Creditor.tenant_id == tenant_id, Creditor.key.in_(list(creditors)))
