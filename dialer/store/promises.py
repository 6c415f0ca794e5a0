"""Promises to pay: what they are about, what has arrived for them, which are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.settlement import Pledge, Verdict
from dialer.store.models import Attempt, Number, Person, Promise

REMINDER = "promise_reminder"  # the template of the one text before the day


@dataclass(frozen=True, slots=True)
class Given:
    """A promise with all that its deadlines need: who gave it, where they are, on which call."""

    id: int
    tenant_id: int
    person_id: int
    attempt_id: int
    pledge: Pledge
    currency: str
    due_on: date
    created_at: datetime
    language: str
    country: str
    region: str | None
    number: str
    level: str


async def open_of(session: AsyncSession, person_ids: Collection[int]) -> Sequence[Promise]:
    """The open promises of these people, and the broken ones, for which late news may still come; oldest first."""
    rows = await session.scalars(
        select(Promise)
        .where(Promise.person_id.in_(person_ids), Promise.status.in_(("open", "broken")))
        .order_by(Promise.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def due(
    session: AsyncSession, *, until: date, since: date | None = None, unreminded: bool = False, after: int = 0
) -> list[Given]:
    """Open promises due on or before `until` (and from `since`), some hundred at a time, by id beyond `after`."""
    wanted = _given_by().where(Promise.status == "open", Promise.due_on <= until, Promise.id > after).limit(500)
    if since is not None:
        wanted = wanted.where(Promise.due_on >= since)
    if unreminded:
        wanted = wanted.where(Promise.reminded_at.is_(None))
    return [_given(row) for row in (await session.execute(wanted)).all()]


async def given(session: AsyncSession, promise_ids: Collection[int]) -> list[Given]:
    """These promises with who gave them and where they are."""
    rows = await session.execute(_given_by().where(Promise.id.in_(promise_ids)))
    return [_given(row) for row in rows.all()]


async def swap(
    session: AsyncSession, promise_id: int, status: Verdict, *, at: datetime, was: Verdict = "open"
) -> bool:
    """Settle a promise that still stands as it was read; whether it did."""
    moved = await session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.status == was)
        .values(status=status, settled_at=at)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def reminded(session: AsyncSession, promise_id: int, *, at: datetime) -> bool:
    """Note the reminder of an open promise, once; whether this was the once."""
    moved = await session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.status == "open", Promise.reminded_at.is_(None))
        .values(reminded_at=at)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def put(session: AsyncSession, attempt: Attempt, *, now: datetime, **values: Any) -> int:
    """The promise of this call, new or in the place of the one that was given before in the same call. Its id."""
    found = await session.scalar(
        select(Promise).where(Promise.attempt_id == attempt.id).execution_options(populate_existing=True)
    )
    if found is None:
        found = Promise(
            tenant_id=attempt.tenant_id, person_id=attempt.person_id, attempt_id=attempt.id, created_at=now
        )
        session.add(found)
    for name, value in values.items():
        setattr(found, name, value)
    found.status, found.paid_minor, found.settled_at, found.reminded_at = "open", 0, None, None
    found.schedule = []
    await session.flush()
    return found.id


async def stands(session: AsyncSession, attempt_id: int, *, on: date) -> bool:
    """Whether the promise that was given on this call is still open, and its day has not passed."""
    found = select(Promise.id).where(Promise.attempt_id == attempt_id, Promise.status == "open", Promise.due_on >= on)
    return await session.scalar(found) is not None


def pledge_of(promise: Promise) -> Pledge:
    """A promise as the rules know it."""
    return Pledge(
        debts=tuple(int(one) for one in promise.debts),
        amount_minor=promise.amount_minor,
        paid_minor=promise.paid_minor,
        status=promise.status,  # type: ignore[arg-type]
    )


def _given_by() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Promise, Person.language, Person.country, Person.region, Number.e164, Number.country.label("of"),
        Attempt.level,
    )  # fmt: skip
    return (
        select(*columns)
        .join(Person, Person.id == Promise.person_id)
        .join(Attempt, Attempt.id == Promise.attempt_id)
        .join(Number, Number.id == Attempt.number_id)
        .order_by(Promise.id)
    )


def _given(row: Any) -> Given:
    promise: Promise = row.Promise
    return Given(
        id=promise.id,
        tenant_id=promise.tenant_id,
        person_id=promise.person_id,
        attempt_id=promise.attempt_id,
        pledge=pledge_of(promise),
        currency=promise.currency,
        due_on=promise.due_on,
        created_at=promise.created_at,
        language=row.language,
        country=row.of,
        region=row.region if row.of == row.country else None,
        number=row.e164,
        level=row.level,
    )
