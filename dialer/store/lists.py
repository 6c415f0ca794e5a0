"""Lists and who stands on them; what is on record of the people of one chunk of rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Refused
from dialer.store.models import ContactList, Creditor, Debt, ListMember, Number, Person


async def named(session: AsyncSession, tenant_id: int, creditor: Creditor, name: str, now: datetime) -> ContactList:
    """The list of that name, made at first use. Refused when it holds another creditor's debts."""
    found = await session.scalar(
        select(ContactList).where(ContactList.tenant_id == tenant_id, ContactList.name == name)
    )
    if found is None:
        session.add(found := ContactList(tenant_id=tenant_id, creditor_id=creditor.id, name=name, created_at=now))
        await session.flush()
    if found.creditor_id != creditor.id:
        raise Refused(f'The list "{name}" belongs to another creditor: choose another name for the list')
    return found


async def people_by(
    session: AsyncSession, tenant_id: int, keys: Collection[str], document_indexes: Collection[str]
) -> list[Person]:
    """Everybody on record under one of these keys or document indexes."""
    rows = await session.scalars(
        select(Person).where(
            Person.tenant_id == tenant_id,
            or_(Person.key.in_(keys), Person.document_index.in_(document_indexes)),
        )
    )
    return list(rows)


async def numbers_of(session: AsyncSession, person_ids: Collection[int]) -> list[Number]:
    """All numbers of these people, whatever their status."""
    return list(await session.scalars(select(Number).where(Number.person_id.in_(person_ids))))


async def debts_of(session: AsyncSession, creditor_id: int, person_ids: Collection[int]) -> list[Debt]:
    """All debts of these people to one creditor, whatever their status."""
    return list(
        await session.scalars(select(Debt).where(Debt.creditor_id == creditor_id, Debt.person_id.in_(person_ids)))
    )


async def add_members(session: AsyncSession, list_id: int, person_ids: Collection[int]) -> int:
    """Put people on a list, in this order, who do not stand there yet; how many were added."""
    there = set(
        await session.scalars(
            select(ListMember.person_id).where(ListMember.list_id == list_id, ListMember.person_id.in_(person_ids))
        )
    )
    new = [{"list_id": list_id, "person_id": one} for one in dict.fromkeys(person_ids) if one not in there]
    if new:
        await session.execute(insert(ListMember), new)
    return len(new)
