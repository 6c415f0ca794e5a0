"""Telephone numbers of many people at once: which are on record, and new ones behind those."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Number, Person


@dataclass(frozen=True, slots=True)
class New:
    """A number that a creditor names for a person."""

    person_id: int
    e164: str
    country: str
    line_type: str


async def of_people(session: AsyncSession, person_ids: Collection[int]) -> dict[int, set[str]]:
    """By person the numbers on record, whatever their status, and the e-mail address as "mailto:…"."""
    found: dict[int, set[str]] = {}
    rows = await session.execute(select(Number.person_id, Number.e164).where(Number.person_id.in_(person_ids)))
    for person_id, e164 in rows.all():
        found.setdefault(person_id, set()).add(e164)
    keyring = session.info["keyring"]
    emails = await session.execute(
        select(Person.id, Person.email).where(Person.id.in_(person_ids), Person.email.is_not(None))
    )
    for person_id, email in emails.all():
        found.setdefault(person_id, set()).add(f"mailto:{keyring.unseal(email)}")
    return found


async def add(session: AsyncSession, tenant_id: int, new: Sequence[New]) -> None:
    """Put numbers on record, ranked behind those that are there."""
    if not new:
        return
    ranks = await session.execute(
        select(Number.person_id, func.max(Number.rank))
        .where(Number.person_id.in_({one.person_id for one in new}))
        .group_by(Number.person_id)
    )
    last = {person_id: int(rank) for person_id, rank in ranks.all()}
    rows = []
    for one in new:
        last[one.person_id] = last.get(one.person_id, -1) + 1
        rows.append(
            {
                "tenant_id": tenant_id,
                "person_id": one.person_id,
                "e164": one.e164,
                "country": one.country,
                "line_type": one.line_type,
                "rank": last[one.person_id],
                "status": "usable",
            }
        )
    await session.execute(insert(Number), rows)
