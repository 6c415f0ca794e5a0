"""Payments on record: which of a file are known, and what they prove of each debt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Payment


def part_of(reference: str, debt_id: int) -> str:
    """The reference under which a further debt of the same payment is kept: one transfer may settle several."""
    return f"{reference}#{debt_id}"


async def known(
    session: AsyncSession, creditor_id: int, references: Collection[str]
) -> dict[str, list[tuple[int, int]]]:
    """By reference what is on record: (debt, minor units), parts of one payment together."""
    rows = await session.execute(
        select(Payment.reference, Payment.debt_id, Payment.amount_minor).where(
            Payment.creditor_id == creditor_id, Payment.reference.in_(references)
        )
    )
    found: dict[str, list[tuple[int, int]]] = {}
    for reference, debt_id, minor in rows.all():
        found.setdefault(reference.removesuffix(f"#{debt_id}"), []).append((debt_id, minor))
    return found


async def is_known(session: AsyncSession, tenant_id: int, reference: str) -> bool:
    """Whether a payment with this reference is on record, whichever creditor's debts it was for."""
    found = select(Payment.id).where(Payment.tenant_id == tenant_id, Payment.reference == reference)
    return await session.scalar(found.limit(1)) is not None


async def confirmed(session: AsyncSession, debt_ids: Collection[int]) -> dict[int, int]:
    """What the payments on record of each debt add up to, in minor units."""
    rows = await session.execute(
        select(Payment.debt_id, func.sum(Payment.amount_minor))
        .where(Payment.debt_id.in_(debt_ids))
        .group_by(Payment.debt_id)
    )
    return {debt_id: int(total) for debt_id, total in rows.all()}


async def add(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Put payments on record."""
    if rows:
        await session.execute(insert(Payment), rows)
