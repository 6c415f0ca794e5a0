"""The hot path: one committed turn of a call. The compare-and-swap on `attempt.turn` decides who answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, CallTurn


async def swap(session: AsyncSession, attempt_id: int, n: int, **values: Any) -> bool:
    """Move the attempt from turn n - 1 to turn n and set columns; False when somebody else did so first."""
    moved = await session.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.turn == n - 1)
        .values(turn=n, version=Attempt.version + 1, **values)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def add(
    session: AsyncSession,
    attempt_id: int,
    n: int,
    *,
    at: datetime,
    event: dict[str, Any],
    answer: bytes,
    path: list[str],
) -> None:
    """Keep what was heard and what was answered (`answer` is sealed)."""
    await session.execute(
        insert(CallTurn).values(attempt_id=attempt_id, n=n, at=at, event=event, answer=answer, path=path)
    )


async def answer_of(session: AsyncSession, attempt_id: int, n: int) -> bytes | None:
    """The sealed answer that was given at turn n."""
    return await session.scalar(select(CallTurn.answer).where(CallTurn.attempt_id == attempt_id, CallTurn.n == n))


async def of_attempt(session: AsyncSession, attempt_id: int) -> list[CallTurn]:
    """All turns of an attempt, in order."""
    rows = await session.scalars(select(CallTurn).where(CallTurn.attempt_id == attempt_id).order_by(CallTurn.n))
    return list(rows)
