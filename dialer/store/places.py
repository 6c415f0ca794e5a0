"""Where a person's days are counted: the zone of their number, else of their address."""

from __future__ import annotations

from dialer.rules.follow_up import Place
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.places import zones_of_region


def place_of(country: str, region: str | None, e164: str | None) -> Place:
    """The place by the number that reaches the person; without one by the address; UTC where nothing tells."""
    parsed = read(e164, country) if e164 else None
    if isinstance(parsed, PhoneNumber) and parsed.zones:
        return Place(parsed.zones[0].name, country, region)
    zones = zones_of_region(country, region) if region else ()
    return Place(zones[0].name if zones else "UTC", country, region)
