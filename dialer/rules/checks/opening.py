"""Place, hours and what the person named as inconvenient: in every place where they may be, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialer.rules.checks.bars import bar_denial
from dialer.rules.checks.case import Case
from dialer.rules.facts import Designated
from dialer.rules.hours import DAY_MINUTES, OpenHours, WeekWindow, all_open, instant_at, next_common_opening
from dialer.rules.statutes import HoursRule
from dialer.rules.verdict import Deny

NEVER_ENDS = datetime.max.replace(tzinfo=UTC)
DESIGNATIONS_AHEAD = 400  # windows looked through for the end of what is inconvenient


def place(case: Case) -> Iterator[Deny]:
    """No contact where the local time is not known."""
    if case.proposed.channel == "letter":
        return
    unknown = case.ground.unknown
    if unknown or not case.facts.zones:
        what = f"zones {', '.join(unknown)} do not exist" if unknown else "nothing tells where the person is"
        yield case.deny_by_house("PLACE_UNKNOWN", f"{what}, so the local time is not known; add an address or a zone")


def hours(case: Case) -> Iterator[Deny]:
    """The hours of every candidate region in every candidate zone, then those of the campaign."""
    for rule, open_hours in open_hours_of(case):
        if not open_hours.holds(case.at, case.ring):
            local = case.at.astimezone(ZoneInfo(open_hours.zone))
            reason = f"{local:%a %Y-%m-%d %H:%M:%S} in {open_hours.zone} is outside the hours allowed there"
            yield case.deny(rule, reason, _opening(case))
            break
    chosen = case.proposed.limits.hours
    if chosen is None:
        return
    own = _chosen(case.zones, chosen)
    if not all_open(own, case.at, case.ring):
        yield case.deny_by_house("CAMPAIGN_HOURS", "outside the hours chosen for the campaign", _opening(case, own))


def open_hours_of(case: Case) -> list[tuple[HoursRule, OpenHours]]:
    """The lawful hours of every candidate region in every candidate zone, each with its rule."""
    return [one for one in case.ground.hours if case.proposed.channel in one[0].channels]


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


def _opening(case: Case, own: Sequence[OpenHours] = ()) -> datetime | None:
    """When the law of every place, and these hours too, next allow it."""
    legal = [open_hours for _, open_hours in open_hours_of(case)]
    return next_common_opening([*legal, *own], case.at, case.ring)


@lru_cache(maxsize=1024)
def _chosen(zones: tuple[str, ...], chosen: tuple[WeekWindow, ...]) -> tuple[OpenHours, ...]:
    return tuple(OpenHours(zone, chosen) for zone in zones)


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
