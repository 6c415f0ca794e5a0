"""How lists stand: people, numbers, debts, what is owed, the latest load; and one list from within. Queries only.

People and debts are counted as they are now; what is owed are the debts of the list's creditor that are not settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.debts import UNSETTLED
from dialer.store.list_files import Sight
from dialer.store.models import Campaign, Contact, ContactList, Creditor, Debt, ListMember, Load, Number, Person

CHANGES = ("update", "withdraw", "payments")
HISTORY = 50


@dataclass(slots=True)
class Figures:
    """A list. `owed` is currency -> minor units; `load` the latest load onto it."""

    list: ContactList
    creditor: Creditor
    people: int = 0
    numbers: int = 0
    debts: int = 0
    owed: dict[str, int] = field(default_factory=dict)
    load: Load | None = None


async def all_lists(session: AsyncSession, sight: Sight) -> list[Figures]:
    """All lists in sight, by creditor, the latest first."""
    rows = await session.execute(_lists(sight).order_by(Creditor.name, ContactList.id.desc()))
    found = {source.id: Figures(source, creditor) for source, creditor in rows.all()}
    await _count(session, found)
    return list(found.values())


async def one_list(session: AsyncSession, sight: Sight, list_id: int) -> Figures:
    """One list; raises NotFound for one that is out of sight."""
    row = (await session.execute(_lists(sight).where(ContactList.id == list_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such list. See those that are: Lists")
    found = {list_id: Figures(row[0], row[1])}
    await _count(session, found)
    return found[list_id]


async def named(session: AsyncSession, sight: Sight, name: str) -> int | None:
    """The id of the list of that name, if it is in sight."""
    row = (await session.execute(_lists(sight).where(ContactList.name == name))).one_or_none()
    return None if row is None else row[0].id


async def creditors(session: AsyncSession, sight: Sight) -> Sequence[Creditor]:
    """The creditors in sight, by name."""
    query = select(Creditor).where(Creditor.tenant_id == sight.tenant_id, _seen(sight)).order_by(Creditor.name)
    return (await session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class Inside:
    """Who is on a list: debts as (status, currency, how many, minor units), people as (country, region, how many),
    numbers as (line type, status, how many).
    """

    debts: Sequence[tuple[str, str, int, int]]
    places: Sequence[tuple[str, str | None, int]]
    lines: Sequence[tuple[str, str, int]]


async def inside(session: AsyncSession, source: ContactList) -> Inside:
    """The people of a list, counted in three ways."""
    here = ListMember.list_id == source.id
    owed = (
        select(Debt.status, Debt.currency, func.count(), func.sum(Debt.amount_minor))
        .join(ListMember, ListMember.person_id == Debt.person_id)
        .where(here, Debt.creditor_id == source.creditor_id)
        .group_by(Debt.status, Debt.currency)
        .order_by(Debt.status, Debt.currency)
    )
    places = (
        select(Person.country, Person.region, func.count())
        .join(ListMember, ListMember.person_id == Person.id)
        .where(here)
        .group_by(Person.country, Person.region)
        .order_by(func.count().desc(), Person.country, Person.region)
    )
    lines = (
        select(Number.line_type, Number.status, func.count())
        .join(ListMember, ListMember.person_id == Number.person_id)
        .where(here)
        .group_by(Number.line_type, Number.status)
        .order_by(func.count().desc(), Number.line_type)
    )
    return Inside(*[[tuple(row) for row in (await session.execute(one)).all()] for one in (owed, places, lines)])


async def using(session: AsyncSession, list_id: int) -> list[tuple[Campaign, dict[str, int]]]:
    """The campaigns of a list, the latest first, and their contacts by status."""
    rows = (
        await session.scalars(select(Campaign).where(Campaign.list_id == list_id).order_by(Campaign.id.desc()))
    ).all()
    counted = await session.execute(
        select(Contact.campaign_id, Contact.status, func.count())
        .where(Contact.campaign_id.in_([one.id for one in rows]))
        .group_by(Contact.campaign_id, Contact.status)
    )
    found: dict[int, dict[str, int]] = {one.id: {} for one in rows}
    for campaign, status, count in counted.all():
        found[campaign][status] = count
    return [(one, found[one.id]) for one in rows]


async def history(session: AsyncSession, source: ContactList) -> Sequence[Load]:
    """What was loaded onto a list, and what its creditor has sent since, the latest first."""
    changes = (Load.creditor_id == source.creditor_id) & Load.kind.in_(CHANGES)
    changes &= Load.started_at >= source.created_at
    query = select(Load).where((Load.list_id == source.id) | changes).order_by(Load.id.desc()).limit(HISTORY)
    return (await session.scalars(query)).all()


def _lists(sight: Sight) -> Select[ContactList, Creditor]:
    return (
        select(ContactList, Creditor)
        .join(Creditor, Creditor.id == ContactList.creditor_id)
        .where(ContactList.tenant_id == sight.tenant_id, _seen(sight))
    )


def _seen(sight: Sight) -> ColumnElement[bool]:
    return Creditor.key.in_(sight.creditors) if sight.creditors is not None else Creditor.key.is_not(None)


async def _count(session: AsyncSession, found: dict[int, Figures]) -> None:
    mine = ListMember.list_id.in_(found)
    per = ListMember.list_id
    for list_id, count in (await session.execute(select(per, func.count()).where(mine).group_by(per))).all():
        found[list_id].people = count
    numbers = select(per, func.count()).join(Number, Number.person_id == ListMember.person_id).where(mine)
    for list_id, count in (await session.execute(numbers.group_by(per))).all():
        found[list_id].numbers = count
    owed = (
        select(per, Debt.currency, func.count(), func.sum(Debt.amount_minor))
        .join(Debt, Debt.person_id == ListMember.person_id)
        .join(ContactList, (ContactList.id == per) & (ContactList.creditor_id == Debt.creditor_id))
        .where(mine, Debt.status.in_(UNSETTLED))
        .group_by(per, Debt.currency)
        .order_by(Debt.currency)
    )
    for list_id, currency, count, minor in (await session.execute(owed)).all():
        found[list_id].debts += count
        found[list_id].owed[currency] = int(minor)
    await _add_loads(session, found)


async def _add_loads(session: AsyncSession, found: dict[int, Figures]) -> None:
    latest = select(func.max(Load.id)).where(Load.list_id.in_(found)).group_by(Load.list_id)
    for load in (await session.scalars(select(Load).where(Load.id.in_(latest)))).all():
        if load.list_id in found:
            found[load.list_id].load = load
