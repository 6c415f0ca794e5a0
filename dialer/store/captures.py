"""Cards that agents take in talks: each change in one statement, because news comes in any order, and twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, CardCapture

# Written out rather than bound, so that every planner sees that the indexes of open ones fit.
OPEN = CardCapture.status.in_([literal_column(f"'{one}'") for one in ("asked", "open", "charging")])


async def by_token(session: AsyncSession, token: str) -> CardCapture | None:
    """As committed now."""
    return await session.scalar(
        select(CardCapture).where(CardCapture.token == token).execution_options(populate_existing=True)
    )


async def latest(session: AsyncSession, attempt_id: int) -> CardCapture | None:
    """The last card that was begun in this call, whatever became of it."""
    return await session.scalar(
        select(CardCapture)
        .where(CardCapture.attempt_id == attempt_id)
        .order_by(CardCapture.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


async def is_under_way(session: AsyncSession, token: str) -> bool:
    """Whether a card is being taken in the call with this token."""
    mine = exists().where(CardCapture.attempt_id == Attempt.id, OPEN)
    return await session.scalar(select(Attempt.id).where(Attempt.token == token, mine)) is not None


async def swap(session: AsyncSession, capture: CardCapture, *, at: datetime, **values: Any) -> bool:
    """Set columns of one that is as it was read, and open; whether it was."""
    changed = await session.execute(
        update(CardCapture)
        .where(CardCapture.id == capture.id, CardCapture.version == capture.version, OPEN)
        .values(version=CardCapture.version + 1, moved_at=at, **values)
        .returning(CardCapture.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


async def end(session: AsyncSession, capture_id: int, status: str, *, at: datetime, error: str = "") -> bool:
    """How it came out, once: what was charged stays so; whether it is news."""
    which = CardCapture.status != "charged" if status == "charged" else OPEN
    changed = await session.execute(
        update(CardCapture)
        .where(CardCapture.id == capture_id, which)
        .values(version=CardCapture.version + 1, moved_at=at, status=status, error=error)
        .returning(CardCapture.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def _still(before: datetime) -> ColumnElement[bool]:
    """Open, and not moved since; but whoever is on the line may take as long as they like."""
    waits = (CardCapture.status == "open") & (Attempt.status == "live")
    return and_(Attempt.id == CardCapture.attempt_id, OPEN, CardCapture.moved_at < before, ~waits)


def stale(before: datetime) -> ColumnElement[bool]:
    """Whether one stands still that should not."""
    return exists().where(_still(before))


async def standing_still(session: AsyncSession, before: datetime) -> Sequence[tuple[CardCapture, Attempt]]:
    """Those that stand still and should not, with their calls."""
    rows = await session.execute(
        select(CardCapture, Attempt)
        .where(_still(before))
        .order_by(CardCapture.id)
        .execution_options(populate_existing=True)
    )
    return [(capture, attempt) for capture, attempt in rows.all()]
