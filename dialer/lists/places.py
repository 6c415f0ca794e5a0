"""States and postal codes as people write them. An unknown state is refused; what a sheet cut off is put back only
where it is proven.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from dialer.lists.cells import Fault
from dialer.lists.headings import plain
from dialer.rules.places import zones_of_region

POSTAL_DIGITS = {"BR": (8,), "US": (5, 9), "FR": (5,)}
LONGEST_CODE = 10
# Where postal codes begin with zero: Correios' ranges (greater São Paulo), USPS's first digit 0, La Poste's 01 to 09.
ZERO_STATES = {
    "BR": frozenset({"SP"}),
    "US": frozenset({"CT", "MA", "ME", "NH", "NJ", "RI", "VT", "PR", "VI"}),
    "FR": frozenset(
        {"01", "02", "03", "04", "05", "06", "07", "08", "09", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
    ),
}


@lru_cache(maxsize=2048)
def read_region(text: str, country: str) -> str | Fault:
    """The code of a state without its country: "BR-SP", "sp", "São Paulo" and "SP - São Paulo" are "SP"."""
    code = text.upper().strip().removeprefix(f"{country}-")
    if country not in ("BR", "US"):
        return _elsewhere(text, code, country)
    named = _named(text, country)
    inside = re.search(r"(?<![A-Z])[A-Z]{2}(?![A-Z])", code)
    for one in (code, named, inside[0] if inside else None):
        if one and zones_of_region(country, one):
            return one
    return Fault(f"not a state of {country} that is known; write its code, like SP, NY or 75")


@lru_cache(maxsize=8192)
def read_postal_code(text: str, country: str, region: str | None = None) -> str | Fault:
    """The postal code. One leading zero that is missing is put back where the state proves that it belongs there."""
    digits = re.sub(r"\D", "", text)
    wanted = POSTAL_DIGITS.get(country)
    if len(text) > 16:
        return Fault("longer than 16 characters")
    if not wanted or len(digits) in wanted:
        return text
    if len(digits) + 1 == wanted[0] and digits == text:
        if region in ZERO_STATES.get(country, ()) and _fits(f"0{digits}", country, region or ""):
            return f"0{digits}"
        return Fault(
            f"{len(digits)} digits; a spreadsheet may have dropped a zero, but the state does not prove it:"
            " format the column as text"
        )
    return Fault(f"{len(digits)} digits; in {country} it has {' or '.join(map(str, wanted))}")


def _elsewhere(text: str, code: str, country: str) -> str | Fault:
    code = _named(text, country) or code
    if len(code) > LONGEST_CODE:
        return Fault(f"not a region of {country} that is known; write its code, like 75")
    return code


def _fits(code: str, country: str, region: str) -> bool:
    return country != "FR" or code.startswith(region.zfill(2))


def _named(text: str, country: str) -> str | None:
    return _names(country).get(plain(text))


@cache
def _names(country: str) -> dict[str, str]:
    data: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "regions.yaml").read_text("utf-8"))
    return {str(name): str(code) for code, names in data.get(country, {}).items() for name in names}
