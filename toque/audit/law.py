"""The law as the auditor reads it: zones, hours, holidays and counts, in tables of its own.

Written down again from the sources that are named, not from the packs: a slip in one of them is found by the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Window = tuple[time, time]  # from, to before

WEEKDAYS, SATURDAY = range(5), 5
EIGHT, NINE, SIX_PM, SEVEN_PM, EIGHT_PM, NINE_PM = (time(hour) for hour in (8, 9, 18, 19, 20, 21))

# Brazil. São Paulo: Lei 15.426/2014 art. 2. Rio: Lei 6.854/2014 art. 3. Espírito Santo: Lei 10.626/2017. Alagoas:
# Lei 7.782/2016. Ceará: Lei 16.836/2019. Amazonas and Paraná by the strictest reading that was found. All others as
# São Paulo; where not even the state is known, the window that fits every one of them.
_SAO_PAULO = {**dict.fromkeys(WEEKDAYS, (EIGHT, EIGHT_PM)), SATURDAY: (EIGHT, time(14))}
BRAZIL: dict[str, dict[int, Window]] = {
    "RJ": dict.fromkeys(WEEKDAYS, (NINE, SEVEN_PM)),
    "ES": dict.fromkeys(WEEKDAYS, (EIGHT, SEVEN_PM)),
    "CE": dict.fromkeys(WEEKDAYS, (EIGHT, SIX_PM)),
    "AM": dict.fromkeys(WEEKDAYS, (EIGHT, SIX_PM)),
    "PR": {**dict.fromkeys(WEEKDAYS, (EIGHT, SIX_PM)), SATURDAY: (EIGHT, time(13))},
    "": dict.fromkeys(WEEKDAYS, (NINE, SIX_PM)),
}
# 12 CFR 1006.6(b)(1)(i): not before 8 and not after 9 at the consumer's place, on any day.
UNITED_STATES: dict[int, Window] = dict.fromkeys(range(7), (EIGHT, NINE_PM))
# France has no hours in law; these are the house's own.
FRANCE: dict[int, Window] = {**dict.fromkeys(WEEKDAYS, (EIGHT, EIGHT_PM)), SATURDAY: (NINE, SIX_PM)}

# Lei 662/1949, Lei 6.802/1980, Lei 14.759/2023 (20 November); Good Friday as usual. Code du travail L3133-1.
_FIXED = {
    "BR": ((1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
}
_AFTER_EASTER = {"BR": (-2,), "FR": (1, 39, 50)}

# Area codes of more than one zone, or of another than their state's (NANPA).
AREAS: dict[str, tuple[str, ...]] = {
    "+1928": ("America/Phoenix",), "+1208": ("America/Boise", "America/Los_Angeles"),
    "+1907": ("America/Anchorage",), "+1219": ("America/Chicago",), "+1423": ("America/New_York",),
    "+1850": ("America/Chicago", "America/New_York"), "+1915": ("America/Denver",), "+1808": ("Pacific/Honolulu",),
    "+1317": ("America/Indiana/Indianapolis",), "+5597": ("America/Manaus", "America/Rio_Branco"),
}  # fmt: skip
_BY_ZONE = {
    "America/New_York": "201 202 203 212 215 302 305 315 321 352 386 404 407 410 412 413 508 516 518 561 585 607 610 "
    "617 646 716 718 727 754 770 772 781 786 813 904 912 914 941 978",
    "America/Chicago": "205 210 214 217 281 309 312 314 512 615 630 708 713 773 815 817 847 972",
    "America/Denver": "303 970",
    "America/Phoenix": "602",
    "America/Los_Angeles": "206 213 310 408 415 509 510 559 619 650 707 714 818 858 909 916 925",
}
AREAS |= {f"+1{area}": (zone,) for zone, areas in _BY_ZONE.items() for area in areas.split()}
STATE_ZONES = {
    "MA": "America/New_York", "NY": "America/New_York", "PA": "America/New_York", "GA": "America/New_York",
    "IL": "America/Chicago", "CO": "America/Denver", "AZ": "America/Phoenix", "CA": "America/Los_Angeles",
    "WA": "America/Los_Angeles", "HI": "Pacific/Honolulu", "AK": "America/Anchorage", "TX": "America/Chicago",
}  # fmt: skip
# Brazilian area codes by state (Anatel), as far as the state has hours or a zone of its own.
_STATES = {
    "SP": range(11, 20), "RJ": (21, 22, 24), "ES": (27, 28), "MG": (31, 32, 33, 34, 35, 37, 38), "PR": range(41, 47),
    "RS": (51, 53, 54, 55), "PE": (81, 87), "AL": (82,), "CE": (85, 88), "AM": (92, 97), "AC": (68,),
}  # fmt: skip
STATE_OF_AREA = {f"+55{area}": state for state, areas in _STATES.items() for area in areas}
BRAZIL_ZONES = {"AM": "America/Manaus", "AC": "America/Rio_Branco"}


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` counted contacts on `days` calendar days; per debt, or per person."""

    rule: str
    limit: int
    days: int
    per_debt: bool = False
    texts: bool = False
    state: str = ""


CAPS = {
    "US": (
        Cap("US_REGF_7IN7", 7, 7, per_debt=True),  # 12 CFR 1006.14(b)(2)(i)(A)
        Cap("US_MA_2IN7", 2, 7, per_debt=True, texts=True, state="MA"),  # 940 CMR 7.04(1)(f)
    ),
    "BR": (Cap("BR_HOUSE_DAY", 3, 1), Cap("BR_HOUSE_WEEK", 10, 7)),
    "FR": (Cap("FR_HOUSE_DAY", 2, 1), Cap("FR_HOUSE_WEEK", 4, 7)),
}
QUIET_DAYS = {"US": 7}  # 12 CFR 1006.14(b)(2)(i)(B): after a conversation, its own day being the first


def zones(country: str, state: str, areas: tuple[str, ...]) -> tuple[str, ...]:
    """Every zone where the evidence says that the person may be (IANA names)."""
    found: list[str] = []
    match country:
        case "BR":
            states = {state, *(STATE_OF_AREA.get(area, "") for area in areas)} - {""}
            found = [BRAZIL_ZONES.get(one, "America/Sao_Paulo") for one in states] or ["America/Sao_Paulo"]
            found += [zone for area in areas for zone in AREAS.get(area, ())]
        case "US":
            found = [zone for area in areas for zone in AREAS.get(area, ())]
            found += [STATE_ZONES[state]] if state in STATE_ZONES else []
        case "FR":
            found = ["Europe/Paris"]
        case _:
            pass
    return tuple(sorted(set(found)))


def states(country: str, state: str, areas: tuple[str, ...]) -> tuple[str, ...]:
    """Every state where the person may be; in Brazil the area code tells as well."""
    of_areas = {STATE_OF_AREA.get(area, "") for area in areas} if country == "BR" else set()
    return tuple(sorted(({state} | of_areas) - {""}))


def closed_because(country: str, states_: tuple[str, ...], zone: str, at: datetime) -> str | None:
    """Why nobody may be called at this instant in this zone; None when it is allowed."""
    local = at.astimezone(ZoneInfo(zone))
    if country != "US" and is_holiday(country, local.date()):
        return f"{local:%Y-%m-%d} is a public holiday"
    for week in _weeks(country, states_):
        opens, closes = week.get(local.weekday(), (time(0), time(0)))
        if not opens <= local.time() < closes:
            return f"{local:%a %Y-%m-%d %H:%M:%S} in {zone} is outside the hours"
    return None


def is_holiday(country: str, day: date) -> bool:
    """Whether the whole country rests (states and towns have more)."""
    moving = {easter(day.year) + timedelta(days=after) for after in _AFTER_EASTER.get(country, ())}
    return (day.month, day.day) in _FIXED.get(country, ()) or day in moving


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian algorithm, Nature 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + i - 7 * ((a + 11 * h + 22 * i) // 451) + 114, 31)
    return date(year, month, day + 1)


def _weeks(country: str, states_: tuple[str, ...]) -> list[dict[int, Window]]:
    match country:
        case "BR":
            return [BRAZIL.get(one, _SAO_PAULO) for one in states_ or ("",)]
        case "US":
            return [UNITED_STATES]
        case _:
            return [FRANCE]
