"""Area codes and states -> candidate time zones, from tables. Nothing is guessed: what is not listed has none."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from dialer.rules.facts import Zone

WHOLE_COUNTRY = {"FR": ("Europe/Paris",)}


def zones_of_region(country: str, region: str) -> tuple[Zone, ...]:
    """Candidate zones of a state, written "SP" or "BR-SP"; none when it is not known (then the gate refuses)."""
    state = region.upper().removeprefix(f"{country}-")
    match country:
        case "BR":
            rows = brazilian_area_codes().values()
            names = sorted({zone for zones, regions in rows for zone in zones if f"BR-{state}" in regions})
        case "US":
            names = _read("state_zones_us.yaml").get(state, [])
        case _:
            names = list(WHOLE_COUNTRY.get(country, ()))
    return tuple(Zone(name, f"address in {country}-{state}") for name in names)


@cache
def brazilian_area_codes() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Area code -> (zones, regions)."""
    data = _read("area_codes_br.yaml")
    return {str(code): (tuple(row["zones"]), tuple(row["regions"])) for code, row in data.items()}


@cache
def _read(name: str) -> dict[Any, Any]:
    data: dict[Any, Any] = yaml.safe_load((files("dialer.rules") / name).read_text("utf-8"))
    return data
