"""The append-only record of what happened to a person. Rows are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import who
from dialer.store.models import Interaction

_ADD = insert(Interaction.__table__)  # type: ignore[arg-type]  # a class's table is one


async def add(
    session: AsyncSession,
    *,
    tenant_id: int,
    at: datetime,
    kind: str,
    person_id: int | None = None,
    attempt_id: int | None = None,
    actor: str = "system",
    detail: dict[str, Any] | None = None,
) -> None:
    """Add one line to the record. `detail` holds no telephone number and no key of an identity check."""
    row = {"tenant_id": tenant_id, "person_id": person_id, "attempt_id": attempt_id, "at": at, "kind": kind}
    await session.execute(_ADD, row | {"actor": who.on_record(actor), "detail": detail or {}})


async def add_all(
    session: AsyncSession, rows: Sequence[dict[str, Any]], *, tenant_id: int, at: datetime, kind: str, actor: str
) -> None:
    """Add many lines of one kind, each with its own `person_id` and `detail`."""
    if rows:
        alike = {"tenant_id": tenant_id, "at": at, "kind": kind, "actor": who.on_record(actor)}
        await session.execute(insert(Interaction), [alike | row for row in rows])


async def happened(session: AsyncSession, attempt_id: int, kind: str) -> bool:
    """Whether the record of a call has a line of this kind."""
    line = select(Interaction.id).where(Interaction.attempt_id == attempt_id, Interaction.kind == kind)
    return await session.scalar(line.limit(1)) is not None
