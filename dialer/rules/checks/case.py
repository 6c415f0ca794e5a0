"""One question to the gate with everything that the checks need to answer it. Values only; nothing here decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dialer.rules.facts import Facts, PersonRole, Place, Proposed
from dialer.rules.holidays_local import LocalHolidays, plain
from dialer.rules.packs import Pack, Packs, Region, Statutes
from dialer.rules.statutes import LineKind, Rule
from dialer.rules.verdict import HOUSE, Deny

# Whose contacts the frequency rules and the person's own bars are not about: 12 CFR 1006.14(b)(3)(iii).
ADVISERS: frozenset[PersonRole] = frozenset(
    {"consumer_attorney", "consumer_reporting_agency", "creditor", "creditor_attorney", "collector_attorney"}
)
LINE_KINDS: dict[str, LineKind] = {
    "mobile": "mobile",
    "mobile_or_landline": "mobile",
    "cell": "mobile",
    "wireless": "mobile",
    "landline": "landline",
    "residential_landline": "landline",
    "home_landline": "landline",
    "residential": "landline",
    "fixed": "landline",
    "fixed_line": "landline",
    "business": "business",
    "business_landline": "business",
    "work": "business",
    "workplace": "business",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`at` is in UTC, `today` its date. `statutes` are the pack and its regions where the person may be.

    `reply`: it answers the person.

    `zones` are the candidate zones that exist, each once; `ring` is how long it may ring from now on.
    """

    facts: Facts
    proposed: Proposed
    pack: Pack
    local: LocalHolidays
    at: datetime
    reply: bool
    statutes: tuple[Statutes, ...]
    today: date
    zones: tuple[str, ...]
    ring: timedelta

    def deny(self, rule: Rule, reason: str, until: datetime | None = None) -> Deny:
        """A refusal by a rule of the pack."""
        return Deny(rule.code, reason, rule.citation, until, self.pack.id)

    def deny_by_house(self, code: str, reason: str, until: datetime | None = None) -> Deny:
        """A refusal by a rule of our own."""
        return Deny(code, reason, HOUSE, until, self.pack.id)

    def in_force(self, rule: Rule) -> bool:
        """Whether the rule holds on the day of the contact."""
        return self.pack.in_force(rule, self.today)

    @property
    def line(self) -> LineKind:
        """What kind of line it is."""
        return LINE_KINDS.get(self.proposed.line_type or "", "unknown")

    @property
    def place(self) -> Place | None:
        """Where the number rings, if that is known."""
        at_work = self.proposed.number in self.facts.work_numbers or self.line == "business"
        return self.proposed.place or ("work" if at_work else None)

    @property
    def with_adviser(self) -> bool:
        """Whether it goes to a lawyer, creditor or agency rather than to the person."""
        return self.proposed.person_role in ADVISERS


def case_of(facts: Facts, proposed: Proposed, packs: Packs, *, pack: Pack, at: datetime, reply: bool) -> Case:
    """The case of a question."""
    zones = tuple(dict.fromkeys(zone.name for zone in facts.zones if zone_exists(zone.name)))
    seconds = (proposed.ring_seconds or 0) + proposed.delay_seconds if proposed.channel == "phone" else 0
    ring = timedelta(seconds=seconds)
    statutes = (pack, *(region for _, region in regions_of(pack, facts)))
    return Case(facts, proposed, pack, packs.local, at, reply, statutes, at.date(), zones, ring)


@lru_cache(maxsize=1024)
def zone_exists(name: str) -> bool:
    """Whether the zone database knows it."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def regions_of(pack: Pack, facts: Facts) -> tuple[tuple[str, Region], ...]:
    """The regions of the pack where the person may be: named states, and cities in them (or anywhere, if none is)."""
    named = [(code, pack.regions[code]) for code in facts.regions if code in pack.regions]
    return tuple(dict(named + list(_cities(pack, facts))).items()) if facts.cities else tuple(named)


def _cities(pack: Pack, facts: Facts) -> Iterator[tuple[str, Region]]:
    for code, region in pack.regions.items():
        if region.part_of is None or (facts.regions and region.part_of not in facts.regions):
            continue
        if {plain(city) for city in facts.cities} & {plain(city) for city in region.cities}:
            yield code, region
