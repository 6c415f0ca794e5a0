"""Calls and messages whose price the carrier has not told yet. Queries and writes only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.results.group import Priced
from dialer.store.models import Attempt, Message


@dataclass(frozen=True, slots=True)
class Unpriced:
    """One of them: the carrier's id, and when it began."""

    id: int
    sid: str
    began: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Whose price is asked for: over between `since` and `until`, and not asked for after `asked_before`."""

    since: datetime
    until: datetime
    asked_before: datetime


async def calls(session: AsyncSession, due: Due, limit: int) -> list[Unpriced]:
    """Answered calls without a price, those that ended first before others."""
    rows = await session.execute(
        select(Attempt.id, Attempt.sid, Attempt.intent_at)
        .where(
            Attempt.price_micros.is_(None),
            Attempt.carrier_status == "completed",
            Attempt.sid.is_not(None),
            Attempt.ended_at.between(due.since, due.until),
            or_(Attempt.price_asked_at.is_(None), Attempt.price_asked_at < due.asked_before),
        )
        .order_by(Attempt.ended_at)
        .limit(limit)
    )
    return [Unpriced(row_id, sid, began) for row_id, sid, began in rows.all() if sid is not None]


async def messages(session: AsyncSession, due: Due, limit: int) -> list[Unpriced]:
    """Messages that went out and have no price, oldest first."""
    rows = await session.execute(
        select(Message.id, Message.sid, Message.created_at)
        .where(
            Message.price_micros.is_(None),
            Message.direction == "out",
            Message.status.in_(("sent", "delivered", "failed")),
            Message.sid.is_not(None),
            Message.created_at.between(due.since, due.until),
            or_(Message.price_asked_at.is_(None), Message.price_asked_at < due.asked_before),
        )
        .order_by(Message.created_at)
        .limit(limit)
    )
    return [Unpriced(row_id, sid, began) for row_id, sid, began in rows.all() if sid is not None]


async def keep(
    session: AsyncSession, model: type[Attempt] | type[Message], asked: Sequence[Unpriced], told: Iterable[Priced],
    *, at: datetime,
) -> int:  # fmt: skip
    """Write down what was told, and that the rest was asked for; how many have a price now."""
    by_sid = {one.sid: one for one in asked}
    found = [(by_sid[price.sid].id, price) for price in told if price.sid in by_sid]
    for row_id, price in found:
        values: dict[str, object] = {"price_micros": price.micros, "price_currency": price.currency}
        if model is Message and price.segments is not None:
            values["segments"] = price.segments
        await _write(session, model, [row_id], values | {"price_asked_at": at})
    priced = {row_id for row_id, _ in found}
    await _write(session, model, [one.id for one in asked if one.id not in priced], {"price_asked_at": at})
    return len(priced)


async def _write(
    session: AsyncSession, model: type[Attempt] | type[Message], ids: Sequence[int], values: dict[str, object]
) -> None:
    await session.execute(
        update(model).where(model.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
    )
