"""Holidays of cities, which no library knows: read from a table that anybody may edit, one value for one reading.

It says which days are closed in a city; whether that closes a telephone is the gate's business.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from dialer.errors import NotConfigured

FILE = "municipal_holidays.yaml"
# Days from Easter Sunday.
MOVABLE = {
    "carnival_monday": -48,
    "carnival_tuesday": -47,
    "ash_wednesday": -46,
    "good_friday": -2,
    "easter_monday": 1,
    "ascension": 39,
    "whit_monday": 50,
    "corpus_christi": 60,
}


class _Table(BaseModel):
    """The file as people write it: country -> state -> city -> day -> its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: Literal["H", "M", "L", "MEM", "HOUSE"] = "MEM"
    last_checked: date
    places: dict[str, dict[str, dict[str, dict[str, str]]]]

    @field_validator("places")
    @classmethod
    def _days_exist(cls, places: dict[str, Any]) -> dict[str, Any]:
        for country, states in places.items():
            for state, cities in states.items():
                for city, days in cities.items():
                    for day in days:
                        _must_be_a_day(f"{city} ({country}-{state})", day)
        return places


@dataclass(frozen=True, slots=True, eq=False)
class LocalHolidays:
    """Days by (country, state, city); the city in plain small letters. Equal to nothing but itself."""

    days: Mapping[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)

    def on(self, country: str, region: str | None, city: str, year: int) -> frozenset[date]:
        """The closed days of a city in a year; none when nothing is known of it.

        `region` is "SP" or "BR-SP"; without it, the days of every city of that name. Accents and capitals of the
        city do not matter.
        """
        state = (region or "").upper().removeprefix(f"{country}-")
        name = plain(city)
        found = (
            days
            for (its_country, its_state, its_name), days in self._of(country, state, name)
            if its_country == country and its_name == name and state in ("", its_state)
        )
        return frozenset(one for days in found for day in days if (one := day_in(day, year)))

    def _of(self, country: str, state: str, name: str) -> Iterable[tuple[tuple[str, str, str], frozenset[str]]]:
        key = (country, state, name)
        if state:
            return [(key, self.days[key])] if key in self.days else []
        return self.days.items()

    def __add__(self, more: LocalHolidays) -> LocalHolidays:
        """Both together: what somebody adds never opens a day that was closed."""
        keys = self.days.keys() | more.days.keys()
        none: frozenset[str] = frozenset()
        return LocalHolidays({key: self.days.get(key, none) | more.days.get(key, none) for key in keys})


def read_local_holidays(text: str, name: str) -> LocalHolidays:
    """The table out of YAML. Raises NotConfigured with the file's name and every fault in it."""
    try:
        table = _Table.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as fault:
        raise NotConfigured(f"holidays of cities {name} cannot be used: {fault}. Correct it.") from fault
    return LocalHolidays(
        {
            (country, state, plain(city)): frozenset(days)
            for country, states in table.places.items()
            for state, cities in states.items()
            for city, days in cities.items()
        }
    )


@cache
def shipped_local_holidays() -> LocalHolidays:
    """The table that ships with the product."""
    return read_local_holidays((files("dialer.rules") / FILE).read_text("utf-8"), FILE)


@lru_cache(maxsize=8192)
def municipal_holidays(
    country: str, region: str | None, city: str, year: int, table: LocalHolidays | None = None
) -> frozenset[date]:
    """The closed days of a city: country "BR", region "SP" or "BR-SP" (None: not known); by the shipped table."""
    return (table or shipped_local_holidays()).on(country, region, city, year)


def plain(city: str) -> str:
    """A city's name without accents, capitals, hyphens and double spaces: how two ways to write it are compared."""
    letters = unicodedata.normalize("NFKD", city)
    bare = "".join(one for one in letters if not unicodedata.combining(one)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.replace("'", "").replace("’", "")).split())


def day_in(day: str, year: int) -> date | None:
    """The date of "MM-DD" or of a movable feast in a year; None for 02-29 where there is none."""
    if day in MOVABLE:
        return easter(year) + timedelta(days=MOVABLE[day])
    try:
        return date(year, int(day[:2]), int(day[3:]))
    except ValueError:
        return None


@cache
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the full moon of the church on or after 21 March."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4  # leap days that the Gregorian calendar has left out
    epact = (19 * golden + skipped - (8 * century + 13) // 25 + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - skipped) % 7
    return date(year, 3, 28) + timedelta(days=moon - weekday)


def _must_be_a_day(place: str, day: str) -> None:
    if day in MOVABLE:
        return
    known = re.fullmatch(r"\d\d-\d\d", day) and day_in(day, 2024) is not None
    if not known:
        raise ValueError(f"{place}: {day!r} is no day; write MM-DD or one of {', '.join(MOVABLE)}")
