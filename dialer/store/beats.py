"""When workers beat last, and what they found when they counted meters anew. Queries only; times: wall clock, ms."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import WorkerBeat

FORGOTTEN_AFTER = 86_400_000  # a worker that was killed leaves its row
SILENT_AFTER = 30_000  # one that has not beaten for so long runs no more, or hangs


@dataclass(frozen=True, slots=True)
class LastBeats:
    """The newest of all workers. None: no worker runs; meters were not counted anew; all reach the window.

    `window_away_at`: since when one that beats cannot reach the window of calls per second.
    """

    beat_at: int | None
    recounted_at: int | None
    drifting: int | None
    window_away_at: int | None = None


async def renew(session: AsyncSession, name: str, *, at: int, window_away_at: int | None = None) -> None:
    """The worker of that name has finished a beat, and can or cannot reach the window of calls per second."""
    known = await session.execute(
        update(WorkerBeat)
        .where(WorkerBeat.name == name)
        .values(beat_at=at, window_away_at=window_away_at)
        .returning(WorkerBeat.id)
        .execution_options(synchronize_session=False)
    )
    if known.first() is None:
        await session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < at - FORGOTTEN_AFTER))
        session.add(WorkerBeat(name=name, beat_at=at, window_away_at=window_away_at))
        await session.flush()


async def recounted(session: AsyncSession, name: str, *, drifting: int, at: int) -> None:
    """That worker has counted the meters anew; so many of them differ."""
    await session.execute(
        update(WorkerBeat)
        .where(WorkerBeat.name == name)
        .values(recounted_at=at, drifting=drifting)
        .execution_options(synchronize_session=False)
    )


async def ended(session: AsyncSession, name: str) -> None:
    """The worker has stopped."""
    await session.execute(delete(WorkerBeat).where(WorkerBeat.name == name))


async def last(session: AsyncSession) -> LastBeats:
    """The newest beat of any worker, and the newest recount."""
    beat_at = await session.scalar(select(func.max(WorkerBeat.beat_at)))
    newest = (
        await session.execute(
            select(WorkerBeat.recounted_at, WorkerBeat.drifting)
            .where(WorkerBeat.recounted_at.is_not(None))
            .order_by(WorkerBeat.recounted_at.desc())
            .limit(1)
        )
    ).first()
    away_at = await session.scalar(
        select(func.min(WorkerBeat.window_away_at)).where(WorkerBeat.beat_at > (beat_at or 0) - SILENT_AFTER)
    )
    return LastBeats(
        beat_at, newest.recounted_at if newest else None, newest.drifting if newest else None, away_at
    )  # fmt: skip


async def window_away(session: AsyncSession, name: str | None) -> bool:
    """Whether the worker of that name, when it beat last, could not reach the window of calls per second."""
    if name is None:
        return False
    return await session.scalar(select(WorkerBeat.window_away_at).where(WorkerBeat.name == name)) is not None
