"""Meters against the calls themselves: counted anew from what is on record, compared, and mended if asked to.

What is added to mend a meter is the difference, so that calls which are counted meanwhile stay counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.metering import counts_as
from dialer.operation import Operation
from dialer.rules.showing import today_at
from dialer.store import campaigns, meters
from dialer.store.bulk import is_sqlite
from dialer.store.meters import Counted, counted_for

WINDOW = timedelta(days=34)  # all that a limit or a rate looks back on

Day = tuple[Counted, str, date]


@dataclass(frozen=True, slots=True)
class Drift:
    """A meter of a day that does not say what the calls say. `company`: its number in the database."""

    company: int
    scope: str
    of: str
    name: str
    day: date
    kept: int
    counted: int


async def recount(op: Operation, *, mend: bool = False, window: timedelta = WINDOW) -> list[Drift]:
    """The meters of today and the `window` before it that differ from the calls on record; none when all is well.

    Those of all companies, unless it is done for one. `mend` corrects them. The days are those of our own place as it
    is set now: after another TOQUE_TIME_ZONE the days of before differ, and may be mended.
    """
    since = today_at(op.settings.time_zone, op.clock.now()) - window
    async with op.database.survey() as session:
        if not is_sqlite(session):  # both looks must see the same moment
            await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        companies = await campaigns.tenant_ids(session)
        drifts = [drift for one in companies for drift in await _of_company(session, op, one, since)]
    if mend:
        for company, theirs in groupby(drifts, key=attrgetter("company")):
            await _mend(op, company, list(theirs))
    return drifts


async def _of_company(session: AsyncSession, op: Operation, tenant_id: int, since: date) -> list[Drift]:
    kept = await meters.kept(session, tenant_id, since)
    counted = await _from_calls(session, op, tenant_id, since)
    return [
        Drift(tenant_id, whose.scope, whose.of, name, day, kept.get((whose, name, day), 0), counted[whose, name, day])
        for whose, name, day in sorted(kept.keys() | counted.keys())
        if kept.get((whose, name, day), 0) != counted[whose, name, day]
    ]


async def _from_calls(session: AsyncSession, op: Operation, tenant_id: int, since: date) -> Counter[Day]:
    place = op.settings.time_zone
    begun = datetime.combine(since, time(), ZoneInfo(place))
    waits = await meters.waits_since(session, tenant_id, begun)
    counted: Counter[Day] = Counter()
    async for attempt, country in meters.calls_since(session, tenant_id, begun):
        names = {"calls"}
        if attempt.closed_at is not None:
            names |= counts_as(op, attempt, country, waits.get(attempt.id, []))
        day = today_at(place, attempt.intent_at)
        whose = counted_for(attempt.campaign_id, country, attempt.from_number)
        counted.update((one, name, day) for one in whose for name in names)
    return counted


async def _mend(op: Operation, tenant_id: int, drifts: list[Drift]) -> None:
    by_day: dict[date, dict[tuple[Counted, str], int]] = {}
    for one in drifts:
        by_day.setdefault(one.day, {})[Counted(one.scope, one.of), one.name] = one.counted - one.kept
    async with op.database.write() as session:
        for day, amounts in sorted(by_day.items()):
            await meters.add(session, tenant_id, day, amounts)
