"""Days as people write them. ISO everywhere; with slashes in the order that the column proves, else the country's.

A year of two digits is 19.. from 90 on, else 20..; a whole number of five digits is a spreadsheet's day number.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from dialer.lists.cells import Fault

Order = Literal["day", "month", "unclear", ""]

DAY_FIRST = frozenset({"BR", "FR"})
MONTH_FIRST = frozenset({"US"})
EARLIEST, LATEST = 1990, 2099
SPREADSHEET_EPOCH = date(
    1899, 12, 30
)  # day 60 is 29 February 1900, which spreadsheets believe in (ECMA-376, 18.17.4)
YOUNGEST, OLDEST = 2015, 1900  # years of birth
SHORT_BIRTH = range(16, 100)  # of two digits only these can be nothing but 19..

_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII | re.IGNORECASE)
_WRITTEN = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{2}}|\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_DAY_NAME = re.compile(r"(\d{1,2})(?:º|er|st|nd|rd|th|o)?[ ./-]*(?:de )?([a-z]{3,})\.?,?[ ./-]*(?:de )?(\d{4}|\d\d)")
_NAME_DAY = re.compile(r"([a-z]{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_EIGHT = re.compile(r"\d{8}", re.ASCII)


@lru_cache(maxsize=8192)
def read_day(text: str, country: str, order: Order = "") -> date | Fault:
    """The day that a text means in a country (ISO 3166); `order` is what its column proves, "" if nothing."""
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        return _day(int(iso[1]), int(iso[3]), int(iso[4]))
    if written := _WRITTEN.fullmatch(text):
        return _slashed(written, country, order)
    if _SERIAL.fullmatch(text):
        return _in_range(SPREADSHEET_EPOCH + timedelta(int(text[:5])))
    if _EIGHT.fullmatch(text):
        return _compact(text, country, order)
    return _named(text)


def proven_order(text: str) -> Order:
    """What one cell proves of its column: "day" first, "month" first, "unclear", or "" when it is no such date."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return ""
    first, second = int(found[1]), int(found[3])
    if first > 12 >= second:
        return "day"
    return "month" if second > 12 >= first else "unclear"


@lru_cache(maxsize=8192)
def read_year(text: str) -> int | Fault:
    """A year of birth, from a year or from a whole date; of two digits only 16 to 99, which can be nothing else."""
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    short = _WRITTEN.fullmatch(text.strip())
    if not years and short and int(short[4]) in SHORT_BIRTH:
        years = [f"19{short[4]}"]
    if not years and _EIGHT.fullmatch(text.strip()):
        years = [year for year in (text.strip()[:4], text.strip()[4:]) if OLDEST <= int(year) <= YOUNGEST]
    if not years and _SERIAL.fullmatch(text.strip()):
        years = [str((SPREADSHEET_EPOCH + timedelta(int(text.strip()[:5]))).year)]
    if len(years) != 1 or not OLDEST <= int(years[0]) <= YOUNGEST:
        return Fault("not a year of birth; write four digits, like 1980")
    return int(years[0])


def _slashed(written: re.Match[str], country: str, order: Order) -> date | Fault:
    first, second, year = int(written[1]), int(written[3]), _full_year(written[4])
    if order == "day" or (not order and country in DAY_FIRST):
        return _day(year, second, first)
    if order == "month" or (not order and country in MONTH_FIRST and written[2] != "."):
        return _day(year, first, second)
    if first == second:
        return _day(year, first, second)
    if order == "unclear" and max(first, second) > 12:
        return _day(year, min(first, second), max(first, second))
    return Fault("day first or month first? write it like 2026-11-30")


def _full_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (1900 if int(digits) >= EARLIEST % 100 else 2000)


def _compact(text: str, country: str, order: Order) -> date | Fault:
    """Eight digits: the year in front, or at the end; only one of the two is ever a day."""
    day_first = order == "day" or (order != "month" and country in DAY_FIRST)
    middle = (int(text[2:4]), int(text[:2])) if day_first else (int(text[:2]), int(text[2:4]))
    readings = [_day(int(text[:4]), int(text[4:6]), int(text[6:])), _day(int(text[4:]), *middle)]
    days = [one for one in readings if isinstance(one, date)]
    return days[0] if len(days) == 1 else Fault("not a date; write it like 2026-11-30")


def _named(text: str) -> date | Fault:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(sign))
    if found := _DAY_NAME.fullmatch(bare):
        day, name, year = int(found[1]), found[2], _full_year(found[3])
    elif found := _NAME_DAY.fullmatch(bare):
        name, day, year = found[1], int(found[2]), int(found[3])
    else:
        return Fault("not a date; write it like 2026-11-30")
    month = _months().get(name)
    return _day(year, month, day) if month else Fault("not a month that is known; write it like 2026-11-30")


@cache
def _months() -> dict[str, int]:
    data: dict[int, list[Any]] = yaml.safe_load((files("dialer.lists") / "months.yaml").read_text("utf-8"))
    return {str(name): month for month, names in data.items() for name in names}


def _day(year: int, month: int, day: int) -> date | Fault:
    try:
        return _in_range(date(year, month, day))
    except ValueError:
        return Fault(f"there is no day {day} in month {month}; is it the order that is usual in the country?")


def _in_range(day: date) -> date | Fault:
    return day if EARLIEST <= day.year <= LATEST else Fault(f"the year lies outside {EARLIEST} to {LATEST}")
