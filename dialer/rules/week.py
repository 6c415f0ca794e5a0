"""The lawful calling hours of a place, day by day, as the gate reads them from its pack; and its holidays. Pure.

It knows of no person: what a person asked for, how often they were called and what was agreed come on top.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import holidays

from dialer.errors import NotFound
from dialer.rules.checks.case import Case, case_of
from dialer.rules.checks.opening import open_hours_of
from dialer.rules.facts import Facts, Proposed, Zone
from dialer.rules.hours import OpenHours, all_open, instant_at, local_day, next_common_opening
from dialer.rules.packs import Packs, Region
from dialer.rules.places import zones_of_region
from dialer.rules.statutes import HoursRule

RING = timedelta(seconds=30)
DAYS = 7
ENGLISH = "en-US"


@dataclass(frozen=True, slots=True)
class Day:
    """A day at the place: the instants (UTC) from and to which calls are lawful; `holiday` is the name of one."""

    day: date
    spans: tuple[tuple[datetime, datetime], ...]
    holiday: str | None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days at a place ("BR-SP"), on the clock of `zone`; `zones` are all that it lies in. `rules` say so."""

    place: str
    zone: str
    zones: tuple[str, ...]
    rules: tuple[HoursRule, ...]
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a call may be made at an instant; if not, by which rule, and when it next may (None: not soon)."""

    at: datetime
    yes: bool
    rule: HoursRule | None
    next_at: datetime | None


def week_at(packs: Packs, place: str, first: date, *, language: str = ENGLISH) -> Week:
    """The week from a day on. Raises NotFound for a place that no pack knows, or whose local time is not known."""
    case = _case(packs, place, first)
    hours = open_hours_of(case)
    zone = case.zones[0]
    days = [first + timedelta(days=one) for one in range(DAYS)]
    named = dict(holidays_from(packs, place, first, days=DAYS, language=language))
    windows = [one for _, one in hours]
    return Week(
        place=place,
        zone=zone,
        zones=case.zones,
        rules=tuple(dict.fromkeys(rule for rule, _ in hours)),
        days=tuple(Day(day, tuple(_spans(windows, day, zone)), named.get(day)) for day in days),
    )


def may_call(packs: Packs, place: str, at: datetime) -> Asked:
    """Whether the hours of a place allow a call at an instant (aware). Raises NotFound as `week_at`."""
    hours = open_hours_of(_case(packs, place, at.date()))
    windows = [one for _, one in hours]
    shut = next((rule for rule, one in hours if not all_open([one], at, RING)), None)
    return Asked(at, shut is None, shut, None if shut is None else next_common_opening(windows, at, RING))


def zone_of(packs: Packs, place: str) -> str:
    """The (first) zone of a place. Raises NotFound as `week_at`."""
    return _case(packs, place, date.min).zones[0]


def holidays_from(
    packs: Packs, place: str, first: date, *, days: int, language: str = ENGLISH
) -> list[tuple[date, str]]:
    """Public holidays of a place from a day on, by day: (day, name). Days that a rule closes stand by its code.

    Names are in this language (BCP 47) where they are known in it, else in English.
    """
    country, _, region = place.partition("-")
    subdivision = _state(packs, place).removeprefix(f"{country}-") if region else None
    last = first + timedelta(days=days - 1)
    try:
        years = range(first.year, last.year + 1)
        named = _language_of_names(country, language)
        calendar = holidays.country_holidays(country, subdiv=subdivision, years=years, language=named)
    except NotImplementedError:
        return []
    found = {day: name for day, name in calendar.items() if first <= day <= last}
    for rule, open_hours in open_hours_of(_case(packs, place, first)):
        for ahead in range(days):
            day = first + timedelta(days=ahead)
            if open_hours.closed_on is not None and open_hours.closed_on.is_holiday(day):
                found.setdefault(day, rule.code)
    return sorted(found.items())


def _language_of_names(country: str, language: str) -> str:
    known = holidays.country_holidays(country).supported_languages
    return next((one for one in (language.replace("-", "_"), language.partition("-")[0]) if one in known), "en_US")


def places_of(packs: Packs) -> list[tuple[str, str]]:
    """Every place that hours can be asked for, as (code, name): a country of one zone whole, else by state."""
    found: list[tuple[str, str]] = []
    for country, pack in sorted(packs.by_country.items()):
        own = {code: f"{code} · {region.name}" for code, region in pack.regions.items()}
        if _zones(packs, country):
            states = {country: pack.name}
        else:
            states = {
                f"{country}-{one}": f"{country}-{one}" for one in holidays.country_holidays(country).subdivisions
            }
        found += [(code, name) for code, name in sorted((states | own).items()) if _zones(packs, code)]
    return found


def _spans(hours: list[OpenHours], day: date, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Where the windows of all places meet on a day of this zone."""
    begins, ends = instant_at(day, 0, zone), instant_at(day + timedelta(days=1), 0, zone)
    spans = [(begins, ends)]
    for one in hours:
        near = {local_day(begins, one.zone), local_day(ends, one.zone)}
        windows = sorted(window for around in near for window in one.windows_on(around))
        spans = [
            (max(span[0], window[0]), min(span[1], window[1]))
            for span in spans
            for window in windows
            if max(span[0], window[0]) < min(span[1], window[1])
        ]
    yield from spans


def _case(packs: Packs, place: str, on: date) -> Case:
    country = place.partition("-")[0]
    pack, zones = packs.find(country), _zones(packs, place)
    if pack is None or not zones:
        raise NotFound(f"Hours of {place} are not known: choose a country or a state that has a rule pack")
    region = pack.regions.get(place)
    cities = region.cities[:1] if region and region.part_of else ()
    regions = (_state(packs, place),) if "-" in place else ()
    now = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    facts = Facts(zones=zones, regions=regions, cities=cities)
    proposed = Proposed(at=now, person="", number="", country=country, mode="live_agent_manual")
    return case_of(facts, proposed, packs, pack=pack, at=now, reply=False)


def _zones(packs: Packs, place: str) -> tuple[Zone, ...]:
    country, _, region = place.partition("-")
    return zones_of_region(country, (_state(packs, place) if region else country).removeprefix(f"{country}-"))


def _state(packs: Packs, place: str) -> str:
    pack = packs.find(place.partition("-")[0])
    region: Region | None = pack.regions.get(place) if pack else None
    return (region.part_of if region else None) or place
