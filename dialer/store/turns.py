"""The hot path: one committed turn of a call. The compare-and-swap on `attempt.turn` decides who answers it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, CallTurn

MASK = "•"  # instead of each key of an identity check
KNOWN = ("checked", "confirmed")


async def swap(session: AsyncSession, attempt_id: int, n: int, **values: Any) -> bool:
    """Move the attempt from turn n - 1 to turn n and set columns; False when somebody else did so first.

    Where the session knows the attempt, it knows it as it is afterwards.
    """
    moved = await session.scalar(
        update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.turn == n - 1)
        .values(turn=n, version=Attempt.version + 1, **values)
        .returning(Attempt)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return moved is not None


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


async def wrong_entries(session: AsyncSession, person_id: int, *, since: datetime) -> Sequence[datetime]:
    """When something was keyed in at the identity check in calls of a person that nobody was identified in.

    One key alone is none: it is the wish to leave the question out.
    """
    wrong = (
        select(CallTurn.at)
        .join(Attempt, Attempt.id == CallTurn.attempt_id)
        .where(
            Attempt.person_id == person_id,
            Attempt.level.not_in(KNOWN),
            CallTurn.at > since,
            CallTurn.event["digits"].as_string().startswith(MASK * 2),
        )
    )
    return (await session.scalars(wrong)).all()
