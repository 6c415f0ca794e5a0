"""The hot path: one committed turn of a call. The compare-and-swap on `attempt.turn` decides who answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from dialer.store.columns import milliseconds
from dialer.store.database import Database
from dialer.store.models import Attempt, CallTurn

MASK = "•"  # instead of each key of an identity check
KNOWN = ("checked", "confirmed")
_ADD = insert(CallTurn.__table__)  # type: ignore[arg-type]  # a class's table is one
_WRONG = (
    select(CallTurn.at)
    .join(Attempt, Attempt.id == CallTurn.attempt_id)
    .where(
        Attempt.person_id == bindparam("person"),
        Attempt.level.not_in(KNOWN),
        CallTurn.at > bindparam("since"),
        CallTurn.event["digits"].as_string().startswith(MASK * 2),
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """The next turn of a live call, decided on `attempt` as it was last seen: columns that it sets (no instants among
    them), and what is kept of it. `event` is as it stays on record, `answer` is sealed.
    """

    attempt: Attempt
    columns: dict[str, Any]
    at: datetime
    event: dict[str, Any]
    answer: bytes
    path: Sequence[str]


async def step(database: Database, one: Step) -> bool:
    """Take the turn, in a single statement; False when the call is not as it was seen, and nothing was done.

    Nor is anything done when anybody has put a bar on the person or the number since the call was intended, or wants
    the call to end: then it must be looked at whole. Raises Busy: look whether it is done.
    """
    attempt, n = one.attempt, one.attempt.turn + 1
    names = tuple(one.columns)
    swap = (
        n, *one.columns.values(), attempt.id, n - 1, attempt.version, attempt.tenant_id, attempt.person_id,
        attempt.to_number, milliseconds(attempt.intent_at),
    )  # fmt: skip
    row = (milliseconds(one.at), orjson.dumps(one.event).decode(), one.answer, orjson.dumps(one.path).decode())
    if database.is_sqlite:
        return await database.driver.change(_on_sqlite(names), (swap, (attempt.id, n, *row)))
    return await database.driver.change((_on_postgresql(names),), ((*swap, *row),))


# A bar of any kind since the intent: whether it ends this very call is decided where the call is looked at whole.
_SWAP = """UPDATE attempt SET turn = {}, version = version + 1{} WHERE id = {} AND turn = {} AND version = {}
AND status = 'live' AND closed_at IS NULL AND cancel_asked IS NULL AND NOT EXISTS (SELECT 1 FROM suppression
WHERE tenant_id = {} AND (person_id = {} OR person_id IS NULL AND number = {}) AND since >= {})"""
_FIXED = 8  # values of the swap beside the columns


@lru_cache(maxsize=64)
def _on_sqlite(names: tuple[str, ...]) -> tuple[str, str]:
    sets = "".join(f", {name} = ?" for name in names)
    swap = _SWAP.format("?", sets, *"???????")
    return swap, "INSERT INTO turn (attempt_id, n, at, event, answer, path) VALUES (?, ?, ?, ?, ?, ?)"


@lru_cache(maxsize=64)
def _on_postgresql(names: tuple[str, ...]) -> str:
    marks = [f"${n}" for n in range(1, _FIXED + len(names) + 5)]
    sets = "".join(f", {name} = {mark}" for name, mark in zip(names, marks[1:], strict=False))
    swap = _SWAP.format(marks[0], sets, *marks[1 + len(names) : _FIXED + len(names)])
    at, event, answer, path = marks[_FIXED + len(names) :]
    return (
        f"WITH moved AS ({swap} RETURNING id, turn) INSERT INTO turn (attempt_id, n, at, event, answer, path)"
        f" SELECT id, turn, {at}::bigint, {event}::json, {answer}::bytea, {path}::json FROM moved RETURNING n"
    )


async def swap(session: AsyncSession, attempt_id: int, n: int, **values: Any) -> bool:
    """Move the attempt from turn n - 1 to turn n and set columns; False when somebody else did so first.

    Where the session knows the attempt, it knows it as it is afterwards.
    """
    given = {f"to_{name}": value for name, value in values.items()}
    moved = await session.scalar(_move(tuple(values)), given | {"attempt": attempt_id, "to": n, "before": n - 1})
    return moved is not None


@lru_cache(maxsize=64)
def _move(names: tuple[str, ...]) -> ReturningUpdate[Attempt]:
    return (
        update(Attempt)
        .where(Attempt.id == bindparam("attempt"), Attempt.turn == bindparam("before"))
        .values(turn=bindparam("to"), version=Attempt.version + 1, **{one: bindparam(f"to_{one}") for one in names})
        .returning(Attempt)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


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
    row = {"attempt_id": attempt_id, "n": n, "at": at, "event": event, "answer": answer, "path": path}
    await session.execute(_ADD, row)


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
    return (await session.scalars(_WRONG, {"person": person_id, "since": since})).all()
