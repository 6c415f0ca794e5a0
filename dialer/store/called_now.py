"""Calls of ours that are under way to certain people or numbers, and the wish that they should not happen after all.

Only the wish is written here, in the transaction of what caused it; the carrier is asked after the commit. It is put
down before people's versions move (calls are locked first), and again afterwards: an intent may have come between.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import LIVE_STATUSES, Attempt, Debt

NOT_ANSWERED = ("placing", "placed", "ringing", "unknown")
BY_HAND = "live_agent_manual"


async def ask_to_cancel(
    session: AsyncSession,
    tenant_id: int,
    *which: ColumnElement[bool],
    creditor_id: int | None = None,
    answered_too: bool = True,
    automated_only: bool = False,
) -> list[int]:
    """Ask that our calls that fit all conditions do not happen, or end; the people who are being called, by id.

    `creditor_id`: only calls about that creditor's debts (and those of which it is not known what they are about).
    """
    query = select(Attempt.id, Attempt.person_id, Attempt.debts).where(
        Attempt.tenant_id == tenant_id,
        Attempt.direction == "out",
        Attempt.status.in_(LIVE_STATUSES if answered_too else NOT_ANSWERED),
        *which,
    )
    if automated_only:
        query = query.where(Attempt.mode != BY_HAND)
    calls = (await session.execute(query)).all()
    if creditor_id is not None:
        theirs = await _debts_of(session, creditor_id, {row.person_id for row in calls})
        calls = [row for row in calls if not row.debts or theirs & {str(one) for one in row.debts}]
    if calls:
        await session.execute(
            update(Attempt)
            .where(Attempt.id.in_([row.id for row in calls]))
            .values(cancel_asked="opted_out")
            .execution_options(synchronize_session=False)
        )
    return sorted({row.person_id for row in calls})


async def _debts_of(session: AsyncSession, creditor_id: int, person_ids: Collection[int]) -> set[str]:
    rows = await session.scalars(
        select(Debt.id).where(Debt.creditor_id == creditor_id, Debt.person_id.in_(person_ids))
    )
    return {str(one) for one in rows}
