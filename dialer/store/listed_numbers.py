"""Numbers that stand on a do-not-call list, thousands at a time: put there, found there, ended there.

A list is a name, a kind of bar and, perhaps, the one creditor that it holds for. Ended entries stay on record.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Table, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.facts import SuppressionKind
from dialer.store import bulk, called_now
from dialer.store.models import Attempt, Creditor, Number, Person, Suppression

COLUMNS = ("tenant_id", "number", "list_name", "kind", "creditor_id", "automated_only", "since", "source")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of numbers: whose (tenant), its name (None: our own), what it bars, for which creditor (None: all)."""

    tenant_id: int
    name: str | None = None
    kind: SuppressionKind = "do_not_call"
    creditor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """A list at a glance: how many entries hold now, and when the newest was put on it."""

    name: str | None
    kind: str
    creditor: str | None
    entries: int
    newest: datetime


async def add(
    session: AsyncSession, listing: Listing, numbers: Mapping[str, datetime], *, source: str
) -> Sequence[str]:
    """Put numbers (E.164, each with the instant from which it holds) on the list; those that were not on it."""
    on_it = select(Suppression.number).where(
        *_entries(listing), Suppression.until.is_(None), bulk.among(session, Suppression.number, numbers)
    )
    known = set(await session.scalars(on_it))
    new = sorted(number for number in numbers if number not in known)
    rows = [
        (listing.tenant_id, number, listing.name, listing.kind, listing.creditor_id, False,
         (numbers[number] - EPOCH) // timedelta(milliseconds=1), source[:50])
        for number in new
    ]  # fmt: skip
    await bulk.insert_rows(session, cast(Table, Suppression.__table__), COLUMNS, rows)
    return new


async def page(session: AsyncSession, listing: Listing, *, behind: int, size: int) -> Sequence[tuple[int, str]]:
    """(id, number) of entries that hold, by id, from behind that one on."""
    rows = await session.execute(
        select(Suppression.id, Suppression.number)
        .where(*_entries(listing), Suppression.until.is_(None), Suppression.id > behind)
        .order_by(Suppression.id)
        .limit(size)
    )
    return [(row.id, row.number) for row in rows]


async def end(session: AsyncSession, ids: Collection[int], *, at: datetime) -> None:
    """These entries hold no longer; they stay on record with their end."""
    await session.execute(
        update(Suppression)
        .where(bulk.among(session, Suppression.id, ids), Suppression.until.is_(None))
        .values(until=at)
        .execution_options(synchronize_session=False)
    )


async def bump_holders(session: AsyncSession, tenant_id: int, numbers: Collection[str]) -> None:
    """Move the versions of everybody on record at these numbers: no intent decided before commits after this."""
    reached = select(Number.person_id).where(Number.tenant_id == tenant_id, bulk.among(session, Number.e164, numbers))
    await session.execute(
        update(Person)
        .where(Person.id.in_(reached))
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def take_back(session: AsyncSession, listing: Listing, numbers: Collection[str]) -> list[int]:
    """Ask that calls under way to these numbers do not happen, or end; the people who were being called.

    A list for one creditor reaches the calls about that creditor's debts, and no others.
    """
    dialled = bulk.among(session, Attempt.to_number, numbers)
    return await called_now.ask_to_cancel(session, listing.tenant_id, dialled, creditor_id=listing.creditor_id)


async def sizes(session: AsyncSession, tenant_id: int, *, at: datetime) -> list[Size]:
    """Every list of numbers with entries that hold now, the largest first."""
    rows = await session.execute(
        select(Suppression.list_name, Suppression.kind, Creditor.key, func.count(), func.max(Suppression.since))
        .outerjoin(Creditor, Creditor.id == Suppression.creditor_id)
        .where(
            Suppression.tenant_id == tenant_id,
            Suppression.person_id.is_(None),
            or_(Suppression.until.is_(None), Suppression.until > at),
        )
        .group_by(Suppression.list_name, Suppression.kind, Creditor.key)
        .order_by(func.count().desc())
    )
    return [Size(name, kind, creditor, int(count), newest) for name, kind, creditor, count, newest in rows]


def _entries(listing: Listing) -> tuple[ColumnElement[bool], ...]:
    return (
        Suppression.tenant_id == listing.tenant_id,
        Suppression.person_id.is_(None),
        Suppression.list_name.is_not_distinct_from(listing.name),
        Suppression.kind == listing.kind,
        Suppression.creditor_id.is_not_distinct_from(listing.creditor_id),
        Suppression.channel.is_(None),
    )
