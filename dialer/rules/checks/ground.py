"""What holds on one day for all who may be in the same places: zones, rules in force, hours. It decides nothing.

It is worked out once and remembered for the packs that it was read from. Changed packs are another value, so that
nothing of the old ones is ever found for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeVar

from dialer.rules.facts import Facts
from dialer.rules.holidays_local import LocalHolidays, plain
from dialer.rules.hours import Calendar, OpenHours, calendar_of, has_calendar, zone_exists
from dialer.rules.packs import Pack, Packs, Region
from dialer.rules.statutes import CapRule, HoursRule, NoticeRule, QuietRule, RecordingRule, Rule, WordsRule

REMEMBERED = 4096  # some kilobytes each

AnyRule = TypeVar("AnyRule", bound=Rule)


class Candidates(NamedTuple):
    """Where the person may be: zones by name, regions by code ("BR-SP"), cities by name."""

    zones: tuple[str, ...]
    regions: tuple[str, ...]
    cities: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """`zones` are the candidate zones that exist, each once, `unknown` the names of the others.

    The rules are those of the country and then of its regions where the person may be, in force on `today` (of UTC).
    `hours` stand for every candidate region in every candidate zone.
    """

    today: date
    zones: tuple[str, ...]
    unknown: tuple[str, ...]
    hours: tuple[tuple[HoursRule, OpenHours], ...]
    caps: tuple[CapRule, ...]
    quiet: tuple[QuietRule, ...]
    notices: tuple[NoticeRule, ...]
    words: tuple[WordsRule, ...]
    recordings: tuple[RecordingRule, ...]


def candidates(facts: Facts) -> Candidates:
    """Where the person may be."""
    return Candidates(tuple([zone.name for zone in facts.zones]), facts.regions, facts.cities)


@lru_cache(maxsize=REMEMBERED)
def ground_of(packs: Packs, country: str, where: Candidates, today: date) -> Ground:
    """The ground of these places in a country that has a pack."""
    pack = packs.by_country[country]
    zones = tuple(dict.fromkeys(name for name in where.zones if zone_exists(name)))
    statutes = (pack, *(region for _, region in _regions(pack, where)))

    def holding(rules: Iterable[AnyRule]) -> tuple[AnyRule, ...]:
        return tuple(rule for rule in rules if pack.in_force(rule, today))

    return Ground(
        today=today,
        zones=zones,
        unknown=tuple(name for name in where.zones if not zone_exists(name)),
        hours=tuple(
            (rule, OpenHours(zone, rule.open, calendar))
            for rule, calendar in _hours(pack, packs.local, where, today)
            for zone in zones
        ),
        caps=holding(rule for one in statutes for rule in one.caps),
        quiet=holding(rule for one in statutes for rule in one.quiet),
        notices=holding(rule for one in statutes for rule in one.notices),
        words=holding(rule for one in statutes for rule in one.words),
        recordings=holding(one.recording for one in statutes if one.recording is not None),
    )


def _regions(pack: Pack, where: Candidates) -> tuple[tuple[str, Region], ...]:
    """The regions of the pack where the person may be: named states, and cities in them (or anywhere, if none is)."""
    named = [(code, pack.regions[code]) for code in where.regions if code in pack.regions]
    return tuple(dict(named + list(_cities(pack, where))).items()) if where.cities else tuple(named)


def _cities(pack: Pack, where: Candidates) -> Iterator[tuple[str, Region]]:
    names = {plain(city) for city in where.cities}
    for code, region in pack.regions.items():
        if region.part_of is None or (where.regions and region.part_of not in where.regions):
            continue
        if names & {plain(city) for city in region.cities}:
            yield code, region


def _hours(
    pack: Pack, local: LocalHolidays, where: Candidates, today: date
) -> list[tuple[HoursRule, Calendar | None]]:
    """The hours rule and holidays of every candidate region; the strict rule where a region is not known."""
    prefix = f"{pack.country}-"
    codes = [code for code in where.regions if code.startswith(prefix)]
    holidays = local if where.cities else None
    found: list[tuple[HoursRule, Calendar | None]] = []
    for rule, subdivision in [_regional_hours(pack, code, today) for code in codes or [""]]:
        closed = rule.holidays == "closed"
        calendar = (
            calendar_of(pack.country, subdivision, where.cities, rule.also_closed, holidays) if closed else None
        )
        if not any(one is rule and days is calendar for one, days in found):
            found.append((rule, calendar))
    return found


def _regional_hours(pack: Pack, code: str, today: date) -> tuple[HoursRule, str | None]:
    region: Region | None = pack.regions.get(code)
    subdivision = ((region.part_of if region else None) or code).removeprefix(f"{pack.country}-")
    if not has_calendar(pack.country, subdivision):
        return pack.hours_without_region or pack.hours, None
    own = region.hours if region else None
    return own if own and pack.in_force(own, today) else pack.hours, subdivision
