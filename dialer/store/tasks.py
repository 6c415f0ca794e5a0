"""What people of the team have to do: added, listed with the most urgent first, closed once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Task

ABOUT_HOLDS = ("check_payment", "answer_dispute")


def debts_of(task: Task) -> tuple[int, ...]:
    """The ids of the debts that a task is about."""
    named = tuple(int(one) for one in task.detail.get("debts", ()))
    return named or ((task.debt_id,) if task.debt_id is not None else ())


async def add(
    session: AsyncSession,
    *,
    tenant_id: int,
    person_id: int,
    kind: str,
    due_at: datetime,
    now: datetime,
    debts: Sequence[int] = (),
    attempt_id: int | None = None,
    detail: dict[str, Any] | None = None,
    owner: str | None = None,
) -> None:
    """One more task; a second one of the same kind about the same call replaces nothing and is not added."""
    known = select(Task.id).where(Task.attempt_id == attempt_id, Task.kind == kind, Task.status == "open")
    if attempt_id is not None and (task_id := await session.scalar(known)) is not None:
        await session.execute(
            update(Task)
            .where(Task.id == task_id)
            .values(detail={"debts": list(debts), **(detail or {})}, debt_id=debts[0] if len(debts) == 1 else None)
            .execution_options(synchronize_session=False)
        )
        return
    session.add(
        Task(
            tenant_id=tenant_id,
            person_id=person_id,
            debt_id=debts[0] if len(debts) == 1 else None,
            attempt_id=attempt_id,
            kind=kind,
            detail={"debts": list(debts), **(detail or {})},
            status="open",
            owner=owner,
            due_at=due_at,
            created_at=now,
        )
    )
    await session.flush()


async def move(session: AsyncSession, attempt_id: int, kind: str, *, due_at: datetime, owner: str) -> None:
    """The open task of this kind from this call has another time and is this agent's."""
    await session.execute(
        update(Task)
        .where(Task.attempt_id == attempt_id, Task.kind == kind, Task.status == "open")
        .values(due_at=due_at, owner=owner)
        .execution_options(synchronize_session=False)
    )


async def is_open(session: AsyncSession, person_id: int, kind: str) -> bool:
    """Whether a task of this kind about this person waits already."""
    waiting = select(Task.id).where(Task.person_id == person_id, Task.kind == kind, Task.status == "open")
    return await session.scalar(waiting.limit(1)) is not None


_GIVEN = select(Task.id).where(Task.attempt_id == bindparam("attempt"), Task.kind == bindparam("kind")).limit(1)


async def was_given(session: AsyncSession, attempt_id: int, kind: str) -> bool:
    """Whether this call has led to a task of this kind, done by now or not."""
    return await session.scalar(_GIVEN, {"attempt": attempt_id, "kind": kind}) is not None


async def about_holds(session: AsyncSession, person_ids: Collection[int]) -> Sequence[Task]:
    """The open tasks of these people that a hold waits for."""
    rows = await session.scalars(
        select(Task)
        .where(Task.person_id.in_(person_ids), Task.status == "open", Task.kind.in_(ABOUT_HOLDS))
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def listed(
    session: AsyncSession, tenant_id: int, *, status: str = "open", kind: str | None = None, limit: int = 1000
) -> Sequence[Task]:
    """Tasks of one status, those due first first."""
    wanted = select(Task).where(Task.tenant_id == tenant_id, Task.status == status).order_by(Task.due_at, Task.id)
    if kind is not None:
        wanted = wanted.where(Task.kind == kind)
    return (await session.scalars(wanted.limit(limit))).all()


async def close(session: AsyncSession, task_id: int, outcome: str, *, at: datetime) -> bool:
    """Close an open task; False when somebody else has."""
    closed = await session.execute(
        update(Task)
        .where(Task.id == task_id, Task.status == "open")
        .values(status="done", outcome=outcome, closed_at=at)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return closed.first() is not None
