"""What people agreed to: given, taken back, listed. A consent that was taken back stays on record with its end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Consent


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent as it was given: what to, on which day, how, to whom (a creditor's key; None: us), which number."""

    kind: str
    given_on: date
    how: str | None = None
    given_to: str | None = None
    number: str | None = None


async def give(session: AsyncSession, tenant_id: int, person_id: int, agreed: Agreed) -> bool:
    """Put a consent on record, or one that was taken back in force again from its new day; whether that is news."""
    same = [
        Consent.person_id == person_id,
        Consent.kind == agreed.kind,
        Consent.given_to.is_not_distinct_from(agreed.given_to),
    ]
    if agreed.given_to is None:  # of those given to a creditor there is one of a kind
        same.append(Consent.number.is_not_distinct_from(agreed.number))
    found = await session.scalar(select(Consent).where(*same).order_by(Consent.id).limit(1))
    if found is None:
        session.add(Consent(**asdict(agreed), tenant_id=tenant_id, person_id=person_id))
        await session.flush()
        return True
    if found.revoked_at is None and (found.given_on, found.number) == (agreed.given_on, agreed.number):
        return False
    found.given_on, found.how, found.number, found.revoked_at = agreed.given_on, agreed.how, agreed.number, None
    await session.flush()
    return True


async def revoke(session: AsyncSession, person_id: int, kinds: Collection[str], *, at: datetime) -> list[str]:
    """The person takes back consents of these kinds, whoever they were given to; the kinds that were in force."""
    ended = await session.scalars(
        update(Consent)
        .where(Consent.person_id == person_id, Consent.kind.in_(kinds), Consent.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(Consent.kind)
        .execution_options(synchronize_session=False)
    )
    return sorted(set(ended))


async def of_people(session: AsyncSession, person_ids: Collection[int]) -> dict[int, list[Consent]]:
    """Every consent of these people, those taken back too, oldest first, by person."""
    rows = await session.scalars(
        select(Consent)
        .where(Consent.person_id.in_(person_ids))
        .order_by(Consent.id)
        .execution_options(populate_existing=True)
    )
    found: dict[int, list[Consent]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found
