"""Where an address may be in time: the zones of a state, as candidates beside those of the numbers."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from dialer.rules.facts import Zone
from dialer.rules.phone_numbers import brazilian_area_codes


def zones_of_region(country: str, region: str) -> tuple[Zone, ...]:
    """All zones observed in a state ("BR", "AC"); none when the state is not known."""
    names = _zones(country).get(region.upper(), ())
    return tuple(Zone(name, f"address in {country}-{region.upper()}") for name in names)


@cache
def _zones(country: str) -> dict[str, tuple[str, ...]]:
    match country:
        case "US":
            text = (files("dialer.rules") / "state_zones_us.yaml").read_text("utf-8")
            return {state: tuple(zones) for state, zones in yaml.safe_load(text).items()}
        case "BR":
            found: dict[str, dict[str, None]] = {}
            for zones, regions in brazilian_area_codes().values():
                if len(regions) == 1:  # a code that two states share says nothing about either
                    found.setdefault(regions[0].removeprefix("BR-"), {}).update(dict.fromkeys(zones))
            return {state: tuple(zones) for state, zones in found.items()}
        case _:
            return {}
