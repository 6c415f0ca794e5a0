"""Calling windows in the debtor's local time: is this instant inside, and when does the next one open?

Windows are half-open. All arithmetic goes through UTC, so that days with a clock change come out right.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from dialer.rules.holidays_local import LocalHolidays, municipal_holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
HORIZON_DAYS = 21  # longer than any run of holidays and weekends
HORIZON_STEPS = 400  # bounds the search when the windows of several places never meet

_RULE = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? (\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class WeekWindow:
    """Open on `weekday` (0 = Monday) from minute `opens` to before minute `closes` of the local day (0-1440)."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Days on which a place is closed: public holidays of a country (ISO 3166) and of a subdivision ("SP").

    `cities` may have holidays of their own, by the table `local`; `also` are further days, written MM-DD.
    """

    country: str
    subdivision: str | None = None
    cities: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    local: LocalHolidays | None = None

    def is_holiday(self, day: date) -> bool:
        """Whether it is closed there that day."""
        return day in _closed_days(self, day.year)


@lru_cache(maxsize=1024)
def calendar_of(
    country: str,
    subdivision: str | None,
    cities: tuple[str, ...],
    also: tuple[str, ...],
    local: LocalHolidays | None,
) -> Calendar:
    """The calendar of a place: the same value for the same place."""
    return Calendar(country, subdivision, cities, also, local)


@lru_cache(maxsize=4096)
def _closed_days(calendar: Calendar, year: int) -> frozenset[date]:
    days = set(_holidays(calendar.country, calendar.subdivision, year))
    days.update(date(year, int(day[:2]), int(day[3:])) for day in calendar.also if day != "02-29" or isleap(year))
    for city in calendar.cities:
        days |= municipal_holidays(calendar.country, calendar.subdivision, city, year, calendar.local)
    return frozenset(days)


@lru_cache(maxsize=512)
def has_calendar(country: str, subdivision: str) -> bool:
    """Whether the holidays of this subdivision are known."""
    return subdivision in holidays.country_holidays(country).subdivisions


@dataclass(frozen=True, slots=True, eq=False)
class OpenHours:
    """Weekly windows at one place, closed on the holidays of `closed_on` if given. Equal to nothing but itself."""

    zone: str
    windows: tuple[WeekWindow, ...]
    closed_on: Calendar | None = None

    def window_at(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """The open window [start, end) that holds `instant`, as instants in UTC."""
        for window in _windows_of(self, local_day(instant, self.zone)):
            if window[0] <= instant < window[1]:
                return window
        return None

    def holds(self, at: datetime, ring: timedelta) -> bool:
        """Whether [at, at + ring] lies inside one window."""
        window = self.window_at(at)
        return window is not None and at + ring < window[1]

    def next_opening(self, instant: datetime, ring: timedelta) -> datetime | None:
        """The first moment at or after `instant` from which a ring of this length ends inside the window."""
        first = local_day(instant, self.zone)
        for offset in range(HORIZON_DAYS):
            for start, end in self.windows_on(first + timedelta(days=offset)):
                moment = max(instant, start)
                if moment + ring < end:
                    return moment
        return None

    def windows_on(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The windows of a local day, as instants in UTC; none on a holiday that closes."""
        weekday = day.weekday()
        if self.closed_on and self.closed_on.is_holiday(day):
            return
        for window in self.windows:
            if window.weekday == weekday:
                yield instant_at(day, window.opens, self.zone), instant_at(day, window.closes, self.zone)


def read_hours(text: str) -> tuple[WeekWindow, ...]:
    """Windows from words such as "mon-fri 08:00-20:00, sat 08:00-14:00". Raises ValueError naming the bad part."""
    windows = [window for part in text.split(",") for window in _read_rule(part.strip())]
    return tuple(sorted(windows, key=lambda window: (window.weekday, window.opens)))


def all_open(places: Iterable[OpenHours], at: datetime, ring: timedelta) -> bool:
    """Whether [at, at + ring] lies inside one open window of every place."""
    return all(place.holds(at, ring) for place in places)


def next_common_opening(places: Sequence[OpenHours], at: datetime, ring: timedelta) -> datetime | None:
    """The first moment at or after `at` (UTC) when every place is open for a ring; None if there is none soon."""
    moment = at.astimezone(UTC)
    for _ in range(HORIZON_STEPS):
        openings = [place.next_opening(moment, ring) for place in places]
        latest = moment
        for opening in openings:
            if opening is None or opening - at > timedelta(days=HORIZON_DAYS):
                return None
            latest = max(latest, opening)
        if latest == moment:
            return moment
        moment = latest
    return None


@lru_cache(maxsize=1024)
def zone_exists(name: str) -> bool:
    """Whether the zone database knows it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def local_day(instant: datetime, zone: str) -> date:
    """The calendar date there."""
    return instant.astimezone(_zone(zone)).date()


@lru_cache(maxsize=65536)
def instant_at(day: date, minute: int, zone: str) -> datetime:
    """The instant (UTC) of a minute of a local day; the day's length is a matter of the zone."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=_zone(zone))
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)  # aware + timedelta is wall-clock time


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def _windows_of(place: OpenHours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    return tuple(place.windows_on(day))


def _read_rule(text: str) -> Iterator[WeekWindow]:
    match = _RULE.fullmatch(text)
    if not match or match[1] not in DAYS or (match[2] or match[1]) not in DAYS:
        raise ValueError(f"hours {text!r} are not understood; write them like 'mon-fri 08:00-20:00'")
    opens = int(match[3]) * 60 + int(match[4])
    closes = int(match[5]) * 60 + int(match[6])
    first, last = DAYS.index(match[1]), DAYS.index(match[2] or match[1])
    if not opens < closes <= DAY_MINUTES or first > last or int(match[4]) > 59 or int(match[6]) > 59:
        raise ValueError(f"hours {text!r} run backwards; a window lies within one day, days from mon to sun")
    for weekday in range(first, last + 1):
        yield WeekWindow(weekday, opens, closes)


@lru_cache(maxsize=512)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
