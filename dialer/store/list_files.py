"""Files that were handed in to the console: whose they are, how far they have come. All times are real."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.models import ListFile

BUSY = ("checking", "loading")
SILENT_AFTER = timedelta(seconds=15)  # no process is at it any more
SHOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody may see: a company's, and of these creditors (keys; None: of all)."""

    tenant_id: int
    creditors: tuple[str, ...] | None = None


async def of(session: AsyncSession, sight: Sight, file_id: int) -> ListFile:
    """One file as it is now; raises NotFound for one that is out of sight."""
    if (found := await find(session, sight, file_id)) is None:
        raise NotFound("There is no such file. Hand it in again: Lists, New list")
    return found


async def find(session: AsyncSession, sight: Sight, file_id: int) -> ListFile | None:
    """The same; None for one that is out of sight or gone."""
    found = await session.get(ListFile, file_id, populate_existing=True)
    hidden = found is None or found.tenant_id != sight.tenant_id
    if found is None or hidden or (sight.creditors is not None and found.creditor not in sight.creditors):
        return None
    return found


async def recent(session: AsyncSession, sight: Sight, now: datetime) -> Sequence[ListFile]:
    """The files of the last day, the latest first."""
    query = select(ListFile).where(ListFile.tenant_id == sight.tenant_id, ListFile.created_at > now - SHOWN_FOR)
    if sight.creditors is not None:
        query = query.where(ListFile.creditor.in_(sight.creditors))
    return (await session.scalars(query.order_by(ListFile.id.desc()))).all()


async def change(session: AsyncSession, file_id: int, *, was: Collection[str] | None = None, **values: Any) -> bool:
    """Set columns, if the status is one of `was`; whether it was."""
    which = [ListFile.id == file_id] + ([ListFile.status.in_(was)] if was is not None else [])
    done = await session.execute(
        update(ListFile).where(*which).values(**values).returning(ListFile.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return done.first() is not None


async def begin(session: AsyncSession, file_id: int, status: str, now: datetime) -> bool:
    """Take a file on: False while another process is at it, or when it is done."""
    silent = ListFile.status.not_in(BUSY) | ListFile.beat_at.is_(None) | (ListFile.beat_at < now - SILENT_AFTER)
    done = await session.execute(
        update(ListFile)
        .where(ListFile.id == file_id, ListFile.status != "done", silent)
        .values(status=status, beat_at=now, rows_done=0, fault=None)
        .returning(ListFile.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


def is_silent(file: ListFile, now: datetime) -> bool:
    """Whether it should be under way, and nobody is at it."""
    return file.status in BUSY and (file.beat_at is None or file.beat_at < now - SILENT_AFTER)
