"""Place, hours and what the person named as inconvenient: in every place where they may be, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.rules.checks.bars import bar_denial
from dialer.rules.checks.case import Case, zone_exists
from dialer.rules.facts import Designated
from dialer.rules.hours import (
    DAY_MINUTES,
    Calendar,
    OpenHours,
    all_open,
    calendar_of,
    has_calendar,
    instant_at,
    next_common_opening,
)
from dialer.rules.packs import Region
from dialer.rules.statutes import HoursRule
from dialer.rules.verdict import Deny

NEVER_ENDS = datetime.max.replace(tzinfo=UTC)
DESIGNATIONS_AHEAD = 400  # windows looked through for the end of what is inconvenient


def place(case: Case) -> Iterator[Deny]:
    """No contact where the local time is not known."""
    if case.proposed.channel == "letter":
        return
    unknown = [zone.name for zone in case.facts.zones if not zone_exists(zone.name)]
    if unknown or not case.facts.zones:
        what = f"zones {', '.join(unknown)} do not exist" if unknown else "nothing tells where the person is"
        yield case.deny_by_house("PLACE_UNKNOWN", f"{what}, so the local time is not known; add an address or a zone")


def hours(case: Case) -> Iterator[Deny]:
    """The hours of every candidate region in every candidate zone, then those of the campaign."""
    proposed = case.proposed
    places = open_hours_of(case)
    legal = [open_hours for _, open_hours in places]
    for rule, open_hours in places:
        if not all_open([open_hours], case.at, case.ring):
            local = case.at.astimezone(ZoneInfo(open_hours.zone))
            reason = f"{local:%a %Y-%m-%d %H:%M:%S} in {open_hours.zone} is outside the hours allowed there"
            yield case.deny(rule, reason, next_common_opening(legal, case.at, case.ring))
            break
    chosen = proposed.limits.hours
    own = [OpenHours(zone, chosen) for zone in case.zones] if chosen is not None else []
    if not all_open(own, case.at, case.ring):
        reason = "outside the hours chosen for the campaign"
        until = next_common_opening([*legal, *own], case.at, case.ring)
        yield case.deny_by_house("CAMPAIGN_HOURS", reason, until)


def open_hours_of(case: Case) -> list[tuple[HoursRule, OpenHours]]:
    """The lawful hours of every candidate region in every candidate zone, each with its rule."""
    return [
        (rule, OpenHours(zone, rule.open, calendar))
        for rule, calendar in _hours_rules(case)
        for zone in case.zones
        if case.proposed.channel in rule.channels
    ]


def designations(case: Case) -> Iterator[Deny]:
    """Times and places that the person named as inconvenient."""
    named = [one for one in case.facts.designations if _concerns(case, one)]
    if not named:
        return
    moment, ended = case.at, False
    for _ in range(DESIGNATIONS_AHEAD):
        ends = [end for one in named for zone in case.zones if (end := _lasts(one, zone, moment, case.ring))]
        ended = not ends
        if ended or NEVER_ENDS in ends:
            break
        moment = max(ends)
    if moment > case.at or not ended:
        yield bar_denial(case, "designation", moment if ended else None)


def _concerns(case: Case, one: Designated) -> bool:
    if one.channel not in (None, case.proposed.channel):
        return False
    # the home covers its landline and its letter box, not a telephone that goes along
    at_home = case.place == "home" or case.line == "landline" or case.proposed.channel == "letter"
    match one.place:
        case None:
            return True
        case "home":
            return at_home
        case "work":
            return case.place == "work"


def _lasts(one: Designated, zone: str, moment: datetime, ring: timedelta) -> datetime | None:
    """When the window ends that holds a moment of [moment, moment + ring] there; None if no window does."""
    last = moment + ring
    today = moment.astimezone(ZoneInfo(zone)).date()
    if not one.days and one.from_minute is None and one.to_minute is None:
        if one.until is None:
            return NEVER_ENDS
        over = instant_at(one.until + timedelta(days=1), 0, zone)
        return over if moment < over else None
    found = [
        window[1]
        for ahead in range(-1, 2)
        if (window := _window(one, today + timedelta(days=ahead), zone)) and window[0] <= last and moment < window[1]
    ]
    return max(found, default=None)


def _window(one: Designated, day: date, zone: str) -> tuple[datetime, datetime] | None:
    """The window that begins on a day."""
    if (one.days and day.weekday() not in one.days) or (one.until is not None and day > one.until):
        return None
    begins = one.from_minute or 0
    ends = DAY_MINUTES if one.to_minute is None else one.to_minute
    overnight = ends <= begins
    end_day = day + timedelta(days=1) if overnight else day
    return instant_at(day, begins, zone), instant_at(end_day, ends, zone)


def _hours_rules(case: Case) -> list[tuple[HoursRule, Calendar | None]]:
    """The hours rule and holidays of every candidate region; the strict rule where a region is not known."""
    prefix = f"{case.pack.country}-"
    codes = [code for code in case.facts.regions if code.startswith(prefix)]
    found: list[tuple[HoursRule, Calendar | None]] = []
    for rule, subdivision in [_regional_hours(case, code) for code in codes or [""]]:
        calendar = _calendar(case, subdivision, rule) if rule.holidays == "closed" else None
        if not any(one is rule and days is calendar for one, days in found):
            found.append((rule, calendar))
    return found


def _regional_hours(case: Case, code: str) -> tuple[HoursRule, str | None]:
    pack = case.pack
    region: Region | None = pack.regions.get(code)
    subdivision = ((region.part_of if region else None) or code).removeprefix(f"{pack.country}-")
    if not has_calendar(pack.country, subdivision):
        return pack.hours_without_region or pack.hours, None
    own = region.hours if region else None
    return own if own and case.in_force(own) else pack.hours, subdivision


def _calendar(case: Case, subdivision: str | None, rule: HoursRule) -> Calendar:
    local = case.local if case.facts.cities else None
    return calendar_of(case.pack.country, subdivision, case.facts.cities, rule.also_closed, local)
