"""Loads: how far a file has come, what came of its rows, and which of them the record contradicted.

`rows_done` moves by compare-and-swap together with the rows of a chunk: a load that was cut off goes on behind the
last chunk, and two that load the same file at once take turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.bulk import insert_rows
from dialer.store.models import Load, LoadReject


async def unfinished(session: AsyncSession, tenant_id: int, kind: str, digest: str) -> Load | None:
    """The load of this very content that was cut off; None when the creditor's record has had later loads since."""
    found = await session.scalar(
        select(Load)
        .where(Load.tenant_id == tenant_id, Load.kind == kind, Load.digest == digest)
        .order_by(Load.id.desc())
        .limit(1)
    )
    if found is None or found.status != "running":
        return None
    later = await session.scalar(
        select(Load.id).where(Load.creditor_id == found.creditor_id, Load.id > found.id).limit(1)
    )
    return found if later is None else None


async def begin(
    session: AsyncSession,
    *,
    tenant_id: int,
    creditor_id: int,
    list_id: int | None,
    kind: str,
    digest: str,
    at: datetime,
    rows_done: int = 0,
    counts: dict[str, Any] | None = None,
) -> Load:
    """A new load, of which so many rows (none of them good) are done."""
    made = Load(
        tenant_id=tenant_id,
        creditor_id=creditor_id,
        list_id=list_id,
        kind=kind,
        digest=digest,
        status="running",
        rows_done=rows_done,
        counts=counts or {},
        started_at=at,
    )
    session.add(made)
    await session.flush()
    return made


async def state(session: AsyncSession, load_id: int) -> Load:
    """The load as it is now; held against others until the transaction ends (PostgreSQL)."""
    found = await session.scalar(
        select(Load).where(Load.id == load_id).with_for_update().execution_options(populate_existing=True)
    )
    assert found is not None, "loads are never deleted"
    return found


async def advance(session: AsyncSession, load_id: int, *, before: int, after: int, counts: dict[str, Any]) -> bool:
    """Rows up to `after` are done, if they stood at `before` and the load still runs."""
    done = await session.execute(
        update(Load)
        .where(Load.id == load_id, Load.rows_done == before, Load.status == "running")
        .values(rows_done=after, counts=counts)
        .returning(Load.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def finish(session: AsyncSession, load_id: int, *, at: datetime) -> bool:
    """The load is done; False when somebody else has said so first."""
    done = await session.execute(
        update(Load)
        .where(Load.id == load_id, Load.status == "running")
        .values(status="done", finished_at=at)
        .returning(Load.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def keep_rejects(session: AsyncSession, load_id: int, rejects: Iterable[tuple[int, str]]) -> None:
    """Keep which lines the record contradicted, and why: whoever goes on with the load reports them too."""
    await insert_rows(
        session,
        LoadReject.metadata.tables["load_reject"],
        ("load_id", "line", "reason"),
        ((load_id, line, reason) for line, reason in rejects),
    )


async def kept_rejects(session: AsyncSession, load_id: int) -> dict[int, str]:
    """Line -> why the record contradicted it, of the chunks that are done."""
    rows = await session.execute(select(LoadReject.line, LoadReject.reason).where(LoadReject.load_id == load_id))
    return {line: reason for line, reason in rows.all()}
