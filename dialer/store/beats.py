"""When workers beat last, and what they found when they counted meters anew. Queries only; times: wall clock, ms."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import WorkerBeat

FORGOTTEN_AFTER = 86_400_000  # a worker that was killed leaves its row


@dataclass(frozen=True, slots=True)
class LastBeats:
    """The newest of all workers. None: no worker runs; meters were not counted anew."""

    beat_at: int | None
    recounted_at: int | None
    drifting: int | None


async def renew(session: AsyncSession, name: str, *, at: int) -> None:
    """The worker of that name has finished a beat."""
    known = await session.execute(
        update(WorkerBeat)
        .where(WorkerBeat.name == name)
        .values(beat_at=at)
        .returning(WorkerBeat.id)
        .execution_options(synchronize_session=False)
    )
    if known.first() is None:
        await session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < at - FORGOTTEN_AFTER))
        session.add(WorkerBeat(name=name, beat_at=at))
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
    return LastBeats(beat_at, newest.recounted_at if newest else None, newest.drifting if newest else None)
