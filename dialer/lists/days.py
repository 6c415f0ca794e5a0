"""Days as people write them. ISO everywhere; with slashes in the order of the country; two-digit years never."""

from __future__ import annotations

import re
from datetime import date

from dialer.lists.cells import Fault

DAY_FIRST = frozenset({"BR", "FR"})
MONTH_FIRST = frozenset({"US"})
EARLIEST, LATEST = 1990, 2099

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]+Z?)?", re.ASCII)
_WRITTEN = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{2}|\d{4})(?: 0?0:00(?::00)?)?", re.ASCII)


def read_day(text: str, country: str) -> date | Fault:
    """The day that a text means in a country (ISO 3166)."""
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return Fault("not a date; write it like 2026-11-30")
    if len(written[4]) == 2:
        return Fault("a year of two digits can be read in two ways; write four")
    first, second, year = int(written[1]), int(written[3]), int(written[4])
    if country in DAY_FIRST:
        return _day(year, second, first)
    if country in MONTH_FIRST and written[2] != ".":
        return _day(year, first, second)
    return Fault("day first or month first? write it like 2026-11-30")


def read_year(text: str) -> int | Fault:
    """A year of birth, from a year or from a whole date."""
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    if len(years) != 1 or not 1900 <= int(years[0]) <= 2015:
        return Fault("not a year of birth; write four digits, like 1980")
    return int(years[0])


def _day(year: int, month: int, day: int) -> date | Fault:
    if not EARLIEST <= year <= LATEST:
        return Fault(f"the year lies outside {EARLIEST} to {LATEST}")
    try:
        return date(year, month, day)
    except ValueError:
        return Fault(f"there is no day {day} in month {month}; is it the order that is usual in the country?")
