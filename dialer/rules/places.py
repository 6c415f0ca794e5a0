"""Area codes, states and postal codes -> candidate regions and time zones, from tables. Nothing is guessed.

What is not listed has none; every candidate is kept, with the evidence for it, and none replaces another.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from dialer.rules.facts import Zone

WHOLE_COUNTRY = {"FR": ("Europe/Paris",), "GB": ("Europe/London",)}
POSTAL_PREFIX = {"BR": (8, 3), "US": (5, 3), "CA": (6, 1)}  # characters of a whole code, and those that tell


@lru_cache(maxsize=2048)
def zones_of_region(country: str, region: str, source: str = "address in") -> tuple[Zone, ...]:
    """Candidate zones of a state, written "SP" or "BR-SP"; none when it is not known (then the gate refuses)."""
    state = region.upper().removeprefix(f"{country}-")
    match country:
        case "BR":
            rows = brazilian_area_codes().values()
            names = sorted({zone for zones, regions in rows for zone in zones if f"BR-{state}" in regions})
        case "US":
            names = _read("state_zones_us.yaml").get(state, [])
        case "CA":
            names = _read("province_zones_ca.yaml").get(state, [])
        case _:
            names = list(WHOLE_COUNTRY.get(country, ()))
    return tuple(Zone(name, f"{source} {country}-{state}") for name in names)


@lru_cache(maxsize=4096)
def regions_of_postal_code(country: str, code: str) -> tuple[str, ...]:
    """The states that a ZIP code, CEP or Canadian postal code lies in, like "BR-SP"; none when it is incomplete."""
    if country not in POSTAL_PREFIX:
        return ()
    whole, told = POSTAL_PREFIX[country]
    bare = re.sub(r"[^A-Z0-9]", "", code.upper())[: whole + 4 if country == "US" else whole]
    if len(bare) < whole or (country != "CA" and not bare.isdigit()):
        return ()
    prefix = bare[:told]
    return tuple(
        f"{country}-{region}"
        for region, spans in _read("postal_regions.yaml")[country].items()
        if any(first <= prefix <= last for first, last in (span.split("-") for span in spans))
    )


def zones_of_address(country: str, region: str | None, postal_code: str | None) -> tuple[Zone, ...]:
    """All candidates that an address tells: those of its state, and of the state that its postal code lies in."""
    named = zones_of_region(country, region) if region else ()
    here = f"{country}-{(region or '').upper().removeprefix(f'{country}-')}"
    coded = [one for one in regions_of_postal_code(country, postal_code or "") if one != here]
    return named + tuple(zone for one in coded for zone in zones_of_region(country, one, "postal code of"))


@cache
def brazilian_area_codes() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Area code -> (zones, regions)."""
    data = _read("area_codes_br.yaml")
    return {str(code): (tuple(row["zones"]), tuple(row["regions"])) for code, row in data.items()}


@cache
def north_american_regions() -> dict[str, tuple[str, ...]]:
    """Area code -> the states or provinces that it serves, like {"617": ("US-MA",)}."""
    found: dict[str, list[str]] = {}
    for region, codes in _read("area_codes_nanp.yaml").items():
        for code in codes:
            found.setdefault(str(code), []).append(region)
    return {code: tuple(regions) for code, regions in found.items()}


@cache
def _read(name: str) -> dict[Any, Any]:
    data: dict[Any, Any] = yaml.safe_load((files("dialer.rules") / name).read_text("utf-8"))
    return data
