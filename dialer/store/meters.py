"""Meters: counted where things happen, summed over days, and counted anew from the calls themselves.

The row of a day is the lock that makes many workers take turns: it is held from `add` to the end of the transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.bulk import is_sqlite
from dialer.store.models import LIVE_STATUSES, Attempt, Meter, Number, Reservation

NEVER_ASKED = ("planned", "denied")  # of these the carrier has never heard


def _adding(insert: Any) -> Any:
    """Insert a row, or add to the one that is there. Made once: compiling it takes longer."""
    given = insert(Meter.__table__)
    row = [Meter.tenant_id, Meter.scope, Meter.of, Meter.name, Meter.day]
    counted = Meter.__table__.c["count"] + given.excluded["count"]
    return given.on_conflict_do_update(index_elements=row, set_={"count": counted})


_ADD_SQLITE, _ADD_POSTGRESQL = _adding(sqlite.insert), _adding(postgresql.insert)


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """Whose meter, by `scope` (tenant, campaign, number): `of` is a country, "12:BR" (a campaign there), or E.164."""

    scope: str
    of: str


def counted_for(campaign_id: int, country: str, shown: str | None) -> tuple[Counted, ...]:
    """Everything that one call to a country counts for."""
    own = (Counted("number", shown),) if shown else ()
    return (Counted("campaign", f"{campaign_id}:{country}"), *own, Counted("tenant", country))


async def add(session: AsyncSession, tenant_id: int, day: date, amounts: Mapping[tuple[Counted, str], int]) -> None:
    """Add to the meters of a day, always in the same order. An amount may be negative: a word that was corrected."""
    rows = [
        {"tenant_id": tenant_id, "scope": whose.scope, "of": whose.of, "name": name, "day": day, "count": amount}
        for (whose, name), amount in sorted(amounts.items())
        if amount
    ]
    if not rows:
        return
    await session.execute(_ADD_SQLITE if is_sqlite(session) else _ADD_POSTGRESQL, rows)


async def sums(
    session: AsyncSession, tenant_id: int, whose: Collection[Counted], since: Collection[date]
) -> dict[tuple[Counted, str, date], int]:
    """What was counted from each of these days on: by whose meter, its name, and the day. Absent: nothing."""
    if not whose or not since:
        return {}
    begun = sorted(set(since))
    columns = [func.sum(case((Meter.day >= day, Meter.count), else_=0)) for day in begun]
    rows = await session.execute(
        select(Meter.scope, Meter.of, Meter.name, *columns)
        .where(
            Meter.tenant_id == tenant_id,
            tuple_(Meter.scope, Meter.of).in_([(one.scope, one.of) for one in whose]),
            Meter.day >= begun[0],
        )
        .group_by(Meter.scope, Meter.of, Meter.name)
    )
    return {
        (Counted(scope, of), name, day): int(count)
        for scope, of, name, *counts in rows.all()
        for day, count in zip(begun, counts, strict=True)
    }


async def known(session: AsyncSession, tenant_id: int, since: date) -> list[Counted]:
    """Whose meters have counted anything from this day on."""
    rows = await session.execute(
        select(Meter.scope, Meter.of).where(Meter.tenant_id == tenant_id, Meter.day >= since).distinct()
    )
    return sorted(Counted(scope, of) for scope, of in rows.all())


async def under_way(session: AsyncSession, campaign_ids: Collection[int]) -> dict[int, int]:
    """Calls out of these campaigns that are not over."""
    rows = await session.execute(
        select(Attempt.campaign_id, func.count())
        .where(Attempt.campaign_id.in_(campaign_ids), Attempt.status.in_(LIVE_STATUSES), Attempt.direction == "out")
        .group_by(Attempt.campaign_id)
    )
    return {campaign: int(count) for campaign, count in rows.all()}


_RESTATE = (
    update(Attempt)
    .where(Attempt.id == bindparam("attempt"), Attempt.metered.is_not_distinct_from(bindparam("read")))
    .values(metered=bindparam("to"))
    .returning(Attempt.id)
    .execution_options(synchronize_session=False)
)
_COUNTRY = select(Number.country).where(Number.id == bindparam("number"))
_WAITS = select(Reservation.asked_at, Reservation.connected_at).where(Reservation.attempt_id == bindparam("attempt"))


async def restate(session: AsyncSession, attempt: Attempt, names: Collection[str]) -> bool:
    """Note at a call what it is metered as, instead of what was read; False when somebody else has noted it."""
    seen = {"attempt": attempt.id, "read": attempt.metered, "to": " ".join(sorted(names))}
    return await session.scalar(_RESTATE, seen) is not None


async def country_called(session: AsyncSession, attempt: Attempt) -> str:
    """The country of the number that a call went to."""
    found = await session.scalar(_COUNTRY, {"number": attempt.number_id})
    assert found is not None, "numbers are never deleted"
    return found


async def waits(session: AsyncSession, attempt_id: int) -> list[tuple[datetime, datetime | None]]:
    """When the person of a call asked for an agent, and when one was there."""
    rows = await session.execute(_WAITS, {"attempt": attempt_id})
    return [(asked, met) for asked, met in rows.all()]


async def waits_since(
    session: AsyncSession, tenant_id: int, since: datetime
) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """The same for all calls that were intended since then, by call; one whose person asked for nobody is absent."""
    rows = await session.execute(
        select(Reservation.attempt_id, Reservation.asked_at, Reservation.connected_at)
        .join(Attempt, Attempt.id == Reservation.attempt_id)
        .where(Attempt.tenant_id == tenant_id, Attempt.intent_at >= since)
    )
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for attempt_id, asked, met in rows.all():
        found.setdefault(attempt_id, []).append((asked, met))
    return found


async def calls_since(session: AsyncSession, tenant_id: int, since: datetime) -> AsyncIterator[tuple[Attempt, str]]:
    """Every call out that was asked of the carrier since then, with its country: (Attempt, country)."""
    rows = await session.stream(
        select(Attempt, Number.country)
        .join(Number, Number.id == Attempt.number_id)
        .where(
            Attempt.tenant_id == tenant_id,
            Attempt.direction == "out",
            Attempt.status.not_in(NEVER_ASKED),
            Attempt.intent_at >= since,
        )
        .execution_options(yield_per=500, populate_existing=True)
    )
    async for attempt, country in rows:
        yield attempt, country


async def kept(session: AsyncSession, tenant_id: int, since: date) -> dict[tuple[Counted, str, date], int]:
    """All rows from this day on, as they stand."""
    rows = await session.execute(
        select(Meter.scope, Meter.of, Meter.name, Meter.day, Meter.count).where(
            Meter.tenant_id == tenant_id, Meter.day >= since
        )
    )
    return {(Counted(scope, of), name, day): int(count) for scope, of, name, day, count in rows.all() if count}
