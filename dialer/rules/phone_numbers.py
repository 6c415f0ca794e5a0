"""Phone numbers: what people write -> E.164, kind of line, and where the number says that its owner may be.

A number's place is one candidate among others (people move and keep it), never the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from dialer.rules import plain_numbers
from dialer.rules.facts import Zone
from dialer.rules.places import brazilian_area_codes, north_american_regions, zones_of_region

__all__ = ["PhoneNumber", "Rejected", "mask", "read", "zones_of_region"]

US_TERRITORIES = frozenset({"PR", "VI", "GU", "AS", "MP"})  # federal law as in the states
# Ranges that ARCEP's numbering plan sets aside for fiction: no subscriber has them, so they are safe to show.
FRENCH_FICTION = re.compile(r"\+33(19900|26191|35301|46571|53649|63998)\d{4}")
NANP_AREA_DIGITS = 4  # "1" and the area code
LINE_TYPES: dict[int, str] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "mobile_or_landline",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.TOLL_FREE: "toll_free",
}
UNKNOWN: int = PhoneNumberType.UNKNOWN
PLACELESS = frozenset({"toll_free", "voip"})
_USUAL_IN_BRAZIL = re.compile(r"(?:\+55 ?\(?|\(?0?)(\d\d)\)? ?(9\d{4}|[2-9]\d{3})[- ]?(\d{4})", re.ASCII)
_IN_BRAZIL = re.compile(r"(?:\+55 ?)?\(?(\d\d)\)? ?(9\d{4}|[2-5]\d{3})[- ]?(\d{4})", re.ASCII)
_IN_BRAZIL = re.compile(r"\+\s*55")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A usable number. `zones` and `regions` are all candidates; none means that the number tells no place."""

    e164: str
    country: str
    line_type: str
    zones: tuple[Zone, ...]
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why the text is no number that may be called; the text itself is not repeated."""

    reason: str


def read(raw: str, country: str) -> PhoneNumber | Rejected:
    """The number that `raw` means when written in `country` (ISO 3166).

    A Brazilian mobile without its ninth digit gets it.
    """
    text = raw.strip()
    brazilian = _IN_BRAZIL.match(text) if text[:1] == "+" else country == "BR"
    if found := _usual_in_brazil(text) if brazilian else _plain(text, country):
        return found
    digits = re.sub(r"\D", "", text)
    if not 7 <= len(digits) <= 18:
        return Rejected(f"{len(digits)} digits; a phone number has 7 to 15")
    if re.search(r"[A-Za-z]", text):
        return Rejected("it has letters in it; write digits only, an extension in its own column")
    return _read_brazilian(digits) if brazilian else _read_other(text, country)


def mask(e164: str) -> str:
    """A number as logs and screens may show it: "+55 11 •••• 4321"."""
    digits = re.sub(r"\D", "", e164)
    if len(digits) < 8:
        return "••••"
    code, area = _split(digits)
    return " ".join(part for part in (f"+{code}", area, "••••", digits[-4:]) if part)


def _usual_in_brazil(text: str) -> PhoneNumber | None:
    """A number as nearly all of them are written; None for all else, which takes the longer way."""
    found = _USUAL_IN_BRAZIL.fullmatch(text)
    place = _brazilian_places().get(found[1]) if found else None
    if found is None or place is None:
        return None
    area, head, tail = found.groups()
    if head < "6":
        return PhoneNumber(f"+55{area}{head}{tail}", "BR", "landline", *place)
    ninth = "9" if len(head) == 4 else ""
    return PhoneNumber(f"+55{area}{ninth}{head}{tail}", "BR", "mobile", *place)


@cache
def _brazilian_places() -> dict[str, tuple[tuple[Zone, ...], tuple[str, ...]]]:
    """Area code -> zones with their source, and regions."""
    codes = brazilian_area_codes()
    return {area: (_with_source(zones, f"area code {area}"), regions) for area, (zones, regions) in codes.items()}


def _read_brazilian(digits: str) -> PhoneNumber | Rejected:
    national = digits[2:] if digits.startswith("55") and len(digits) in (12, 13) else digits
    if national.startswith("0"):
        national = national[1:]
        if len(national) in (12, 13):  # 0 + two digits of a long-distance carrier
            national = national[2:]
    if len(national) not in (10, 11):
        return Rejected(f"{len(national)} digits in Brazil; it needs area code and number, 10 or 11")
    area, line = national[:2], national[2:]
    place = _brazilian_places().get(area)
    if place is None:
        return Rejected(f"Brazil has no area code {area}")
    if len(line) == 8 and line[0] in "6789":
        line = f"9{line}"  # mobiles of all area codes have had a ninth digit since 2016
    if not re.fullmatch(r"9\d{8}|[2-5]\d{7}", line):
        return Rejected(
            "it has the length of no Brazilian line: mobiles have 9 digits from 9, landlines 8 from 2 to 5"
        )
    return PhoneNumber(f"+55{area}{line}", "BR", "mobile" if len(line) == 9 else "landline", *place)


def _plain(text: str, country: str) -> PhoneNumber | Rejected | None:
    """What a text in plain writing surely means; None: the library must look at it."""
    known = plain_numbers.read(text, country)
    if known is None:
        return None
    e164 = f"+{known.code}{known.national}"
    if fictional := _fictional(e164):
        return fictional
    return _placed(e164, known.kind, known.region) if known.kind != UNKNOWN else _impossible(known.code)


def _read_other(text: str, country: str) -> PhoneNumber | Rejected:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return Rejected(f"not understood as a number of {country}; write it as +country code and number")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if fictional := _fictional(e164):
        return fictional
    if not phonenumbers.is_valid_number(number):
        return _impossible(number.country_code)
    kind = phonenumbers.number_type(number)
    return _placed(e164, kind, phonenumbers.region_code_for_number(number) or country)


def _fictional(e164: str) -> PhoneNumber | None:
    if not (e164.startswith("+33") and FRENCH_FICTION.fullmatch(e164)):
        return None
    kind = "mobile" if e164.startswith("+336") else "landline"
    return PhoneNumber(e164, "FR", kind, (Zone("Europe/Paris", "country code 33"),))


def _impossible(code: int | str | None) -> Rejected:
    return Rejected(f"no such number can exist in the numbering plan of +{code}")


def _placed(e164: str, kind: int, region: str) -> PhoneNumber | Rejected:
    """A valid number of a kind (PhoneNumberType) with all that it tells of its place."""
    line_type = LINE_TYPES.get(kind, "other")
    if line_type == "other":
        return Rejected("a premium, shared-cost or special number; it reaches no debtor")
    country = "US" if region in US_TERRITORIES else region
    if line_type in PLACELESS:
        return PhoneNumber(e164, country, line_type, ())
    return PhoneNumber(e164, country, line_type, *_told_by(e164[1 : TIMEZONE_LONGEST_PREFIX + 1], country))


@lru_cache(maxsize=8192)
def _told_by(beginning: str, country: str) -> tuple[tuple[Zone, ...], tuple[str, ...]]:
    """Zones and regions; as many of the first digits as tell of a zone are enough for both."""
    return _zones(beginning), _regions(beginning, country)


def _zones(digits: str) -> tuple[Zone, ...]:
    """Candidate zones: by exchange in North America, else all zones of the area code or country."""
    prefixes = (digits[:length] for length in range(TIMEZONE_LONGEST_PREFIX, 0, -1))
    prefix = next((p for p in prefixes if p in TIMEZONE_DATA), "")
    names: tuple[str, ...] = TIMEZONE_DATA.get(prefix, ())
    if digits.startswith("1") and len(prefix) <= NANP_AREA_DIGITS:
        # the library's default for an exchange it does not know can be wrong: keep every zone of the area code
        names = _area_code_zones(digits[:NANP_AREA_DIGITS]) or names
        return _with_source(names, f"area code {digits[1:NANP_AREA_DIGITS]}")
    return _with_source(names, f"prefix {prefix}")


def _regions(digits: str, country: str) -> tuple[str, ...]:
    """The states or provinces of a North American area code."""
    if not digits.startswith("1"):
        return ()
    found = north_american_regions().get(digits[1:NANP_AREA_DIGITS], ())
    return tuple(one for one in found if one.startswith(f"{country}-"))


@cache
def _area_code_zones(area: str) -> tuple[str, ...]:
    found = {zone for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(area) for zone in zones}
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def _with_source(names: tuple[str, ...], source: str) -> tuple[Zone, ...]:
    return tuple(Zone(name, source) for name in names if name != "Etc/Unknown")


def _split(digits: str) -> tuple[str, str]:
    for code, area in (("55", 2), ("33", 1), ("1", 3)):
        if digits.startswith(code):
            return code, digits[len(code) : len(code) + area]
    return digits[:2], ""
