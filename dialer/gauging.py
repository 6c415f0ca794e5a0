"""How the meters stand: every limit with what it makes of dialling, and how our numbers are answered. Looks only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering
from dialer.operation import Operation
from dialer.rules.meters import Reading, load_meters
from dialer.rules.showing import today_at
from dialer.store import campaigns, meters
from dialer.store.meters import Counted
from dialer.store.models import Campaign

LOOK = "answered less than before: look into it (a label? the carrier?), and do not show another number instead"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One limit. `share` of it is used (1.0: at the limit); `pace` is the part of the usual calls that are begun."""

    limit: str
    of: str
    counted: str
    share: float
    slow_from: float
    rest_at: float
    pace: float
    next: str
    until: datetime
    citation: str
    link: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of ours. Rates are answered of all calls that showed it, from 0 to 1; None: there were none."""

    number: str
    calls_today: int
    short_today: int
    answered_recently: float | None
    answered_before: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Gauges:
    """All limits that calls of the last month are under, and all numbers that were shown."""

    limits: tuple[Gauge, ...]
    numbers: tuple[Shown, ...]


async def gauges(op: Operation) -> Gauges:
    """Everything that the meters tell now."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        rows = await session.scalars(
            select(Campaign).where(Campaign.tenant_id == tenant.id, Campaign.direction == "out").order_by(Campaign.id)
        )
        known = rows.all()
        read = await metering.readings(session, op, known)
        limits: dict[tuple[str, str], Gauge] = {}
        for campaign in known:
            for one in (reading for found in read[campaign.id].values() for reading in found):
                own = f'campaign "{campaign.name}"'
                gauge = _gauge(one, f"all calls to {one.limit.country}" if one.limit.scope == "tenant" else own)
                limits[gauge.of, gauge.limit] = gauge
        return Gauges(tuple(limits[key] for key in sorted(limits)), tuple(await _numbers(session, op, tenant.id)))


def _gauge(one: Reading, of: str) -> Gauge:
    limit = one.limit
    return Gauge(
        limit.rule.code, of, one.words, round(one.share, 4), limit.brakes.slow_from, limit.brakes.rest_at,
        round(one.pace, 2), metering.in_words(one), one.until, limit.rule.citation, limit.rule.link,
    )  # fmt: skip


async def _numbers(session: AsyncSession, op: Operation, tenant_id: int) -> list[Shown]:
    rule, today = load_meters().answer_rate, today_at(op.settings.time_zone, op.clock.now())
    recent = today - timedelta(days=rule.recent_days - 1)
    first = recent - timedelta(days=rule.before_days)
    whose = [one for one in await meters.known(session, tenant_id, first) if one.scope == "number"]
    summed = await meters.sums(session, tenant_id, whose, [today, recent, first])

    def of(one: Counted, name: str, since: date) -> int:
        return summed.get((one, name, since), 0)

    shown = []
    for one in whose:
        lately = (of(one, "answers", recent), of(one, "calls", recent))
        before = (of(one, "answers", first) - lately[0], of(one, "calls", first) - lately[1])
        note = LOOK if rule.has_fallen(lately, before) else ""
        today_of = (of(one, "calls", today), of(one, "short_calls", today))
        shown.append(Shown(one.of, *today_of, _rate(lately), _rate(before), note))
    return shown


def _rate(counted: Iterable[int]) -> float | None:
    answered, calls = counted
    return round(answered / calls, 4) if calls else None
