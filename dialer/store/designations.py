"""Times and places that people named as inconvenient: put on record once, ended but never deleted, listed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Designation


@dataclass(frozen=True, slots=True)
class Inconvenient:
    """When or where not: weekdays (0 = Monday; none: every day), minutes of the local day, last day, place.

    `from_minute` to before `to_minute`; backwards: over midnight; both None: the whole day.
    """

    days: tuple[int, ...] = ()
    from_minute: int | None = None
    to_minute: int | None = None
    until: date | None = None
    place: str | None = None


async def add_once(
    session: AsyncSession,
    tenant_id: int,
    person_id: int,
    named: Inconvenient,
    *,
    origin: str,
    at: datetime,
    attempt_id: int | None = None,
) -> bool:
    """Put it on record unless the very same one stands; whether it is new."""
    columns = asdict(named) | {"days": sorted(set(named.days)), "origin": origin}
    for row in (await of_people(session, [person_id])).get(person_id, ()):
        if all(getattr(row, name) == value for name, value in columns.items()):
            return False
    session.add(
        Designation(**columns, tenant_id=tenant_id, person_id=person_id, attempt_id=attempt_id, created_at=at)
    )
    await session.flush()
    return True


async def end(
    session: AsyncSession, person_id: int, *, at: datetime, which: Collection[int] | None = None
) -> Sequence[int]:
    """The person has taken these back (ids; None: all that stand); the ids of those that were ended."""
    query = update(Designation).where(Designation.person_id == person_id, Designation.ended_at.is_(None))
    if which is not None:
        query = query.where(Designation.id.in_(which))
    ended = await session.scalars(
        query.values(ended_at=at).returning(Designation.id).execution_options(synchronize_session=False)
    )
    return sorted(ended)


async def of_people(session: AsyncSession, person_ids: Collection[int]) -> dict[int, list[Designation]]:
    """What stands of these people, oldest first, by person."""
    rows = await session.scalars(
        select(Designation)
        .where(Designation.person_id.in_(person_ids), Designation.ended_at.is_(None))
        .order_by(Designation.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[Designation]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found
