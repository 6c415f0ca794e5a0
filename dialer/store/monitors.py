"""What monitors ask of calls and callers at this instant: each query reads what is live or newest, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, literal, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store import attempts
from dialer.store.live_calls import LIVE
from dialer.store.models import Attempt, Reservation

UNKNOWN = Attempt.status == literal_column("'unknown'")  # written out, so that SQLite sees that an index fits
WAITING = Reservation.status == literal_column("'waiting'")
MOST_CALLERS = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who waits for an agent of that skill and language."""

    tenant_id: int
    skill: str
    language: str
    asked_at: datetime


async def last_begun(session: AsyncSession, campaign_ids: Sequence[int]) -> datetime | None:
    """When the newest call out of these campaigns was intended."""
    newest: list[datetime] = []
    for campaign_id in campaign_ids:
        query = select(Attempt.intent_at).where(Attempt.campaign_id == campaign_id, Attempt.direction == "out")
        found = await session.scalar(query.order_by(Attempt.id.desc()).limit(1))
        newest += [found] if found else []
    return max(newest, default=None)


async def overdue(session: AsyncSession, silence: attempts.Silence) -> int:
    """How many live calls nothing was heard of for so long."""
    found = await session.scalar(select(func.count()).select_from(Attempt).where(LIVE, attempts.overdue(silence)))
    return int(found or 0)


async def unknown_by_age(session: AsyncSession, upto: Mapping[str, int], *, now_real: int) -> dict[str, int]:
    """Attempts whose create has no known answer: name of an age -> how many, 0 included.

    `upto`: name -> greatest age in ms, youngest first. Those older than all are "longer".
    """
    older: Any = case(
        *((Attempt.intent_real > now_real - ms, literal(name)) for name, ms in upto.items()), else_="longer"
    )
    rows = await session.execute(select(older.label("age"), func.count()).where(LIVE, UNKNOWN).group_by("age"))
    return dict.fromkeys((*upto, "longer"), 0) | {age: int(count) for age, count in rows.all()}


async def callers(session: AsyncSession) -> list[Caller]:
    """Who waits for an agent, longest first, up to MOST_CALLERS."""
    rows = await session.execute(
        select(Reservation.tenant_id, Reservation.skill, Reservation.language, Reservation.asked_at)
        .where(WAITING)
        .order_by(Reservation.asked_at)
        .limit(MOST_CALLERS)
    )
    return [Caller(*row) for row in rows.all()]
