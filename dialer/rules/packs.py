"""Rule packs: the law of a place as data, read from `jurisdictions/*.yaml` and refused when malformed.

A pack says what is required; it never decides. Add a law by editing a file there (docs/law.md), not this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from dialer.errors import NotConfigured
from dialer.rules.holidays_local import LocalHolidays, shipped_local_holidays
from dialer.rules.statutes import (
    AbandonRule,
    BarKind,
    CapRule,
    Confidence,
    Data,
    DocumentRule,
    FlowsRule,
    HoursRule,
    ListRule,
    NoticeRule,
    PermitRule,
    QuietRule,
    ReassignedRule,
    RecordChoice,
    RecordingRule,
    RedialRule,
    RevokedRule,
    RingRule,
    Rule,
    ShortCallsRule,
    VolumeRule,
    WordsRule,
)
from ivr_flows.turn import Level

__all__ = [
    "CapRule",
    "Confidence",
    "HoursRule",
    "Pack",
    "Packs",
    "QuietRule",
    "RecordChoice",
    "RecordingRule",
    "Region",
    "Rule",
    "load_packs",
    "read_pack",
]


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is there


class Statutes(Data):
    """The rules that a country and a region may both have; those of a region come on top."""

    caps: tuple[CapRule, ...] = ()
    quiet: tuple[QuietRule, ...] = ()
    notices: tuple[NoticeRule, ...] = ()
    words: tuple[WordsRule, ...] = ()
    recording: RecordingRule | None = None


class Region(Statutes):
    """What a state or a city adds. Hours replace the national default; everything else comes on top.

    A city is `part_of` a state and known by the names in `cities`.
    """

    name: str
    hours: HoursRule | None = None
    part_of: str | None = None
    cities: tuple[str, ...] = ()


class Pack(Statutes):
    """The rules of one country."""

    pack: str
    version: str
    country: str = Field(pattern=r"^[A-Z]{2}$")
    name: str
    last_checked: date
    disclosure_level: Level
    disclosure_source: str
    hours: HoursRule
    hours_without_region: HoursRule | None = None
    bars: dict[BarKind, Rule] = Field(default_factory=dict)
    location_information: bool = False
    lists: tuple[ListRule, ...] = ()
    permits: tuple[PermitRule, ...] = ()
    revoked: tuple[RevokedRule, ...] = ()
    reassigned: tuple[ReassignedRule, ...] = ()
    redials: tuple[RedialRule, ...] = ()
    abandoned: tuple[AbandonRule, ...] = ()
    ring: RingRule | None = None
    short_calls: ShortCallsRule | None = None
    volume: VolumeRule | None = None
    documents: DocumentRule | None = None
    flows: FlowsRule | None = None
    bureau_notice: Rule | None = None
    regions: dict[str, Region] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name and version, as kept with each decision: "us@2026.1"."""
        return f"{self.pack}@{self.version}"

    @model_validator(mode="after")
    def _regions_belong(self) -> Pack:
        strangers = [
            code
            for key, region in self.regions.items()
            for code in (key, region.part_of or key)
            if not code.startswith(f"{self.country}-")
        ]
        if strangers:
            raise ValueError(f"regions {strangers} do not belong to {self.country}; name them {self.country}-XX")
        return self

    def in_force(self, rule: Rule, on: date) -> bool:
        """Whether the rule holds on a date.

        A pack states the law as of its last check: what was in force then holds for earlier dates too (replays
        of old cases), unless the rule says `from_its_day`; what was only announced then holds from its own date.
        """
        begun = rule.effective_from <= (on if rule.from_its_day else max(on, self.last_checked))
        return begun and (rule.effective_to is None or on <= rule.effective_to)


@dataclass(frozen=True, slots=True, eq=False)
class Packs:
    """All packs by country, and the holidays of cities. Equal to nothing but itself: one value for one reading.

    `broken`: countries whose own pack cannot be read, and why; nobody there may be contacted until it is mended.
    """

    by_country: Mapping[str, Pack]
    local: LocalHolidays = field(default_factory=shipped_local_holidays)
    broken: Mapping[str, str] = field(default_factory=dict)

    def find(self, country: str) -> Pack | None:
        """The pack of a country (ISO 3166), or None: then nobody there may be contacted."""
        return self.by_country.get(country)

    def required_level(self, country: str) -> Level:
        """The identity level needed before anything about a debt is said; the strictest where no pack exists."""
        pack = self.find(country)
        return pack.disclosure_level if pack else "confirmed"

    def recording(self, country: str, regions: Iterable[str] = ()) -> RecordingRule | None:
        """The recording duty at the first of these places that has one, else the country's, else None."""
        pack = self.find(country)
        if pack is None:
            return None
        local = (pack.regions[code].recording for code in regions if code in pack.regions)
        return next((rule for rule in local if rule), pack.recording)


def read_pack(text: str, name: str) -> Pack:
    """A pack from YAML. Raises NotConfigured with the file's name and every fault in it."""
    try:
        data: Any = yaml.load(text, Loader=_LOADER)
        return Pack.model_validate(data)
    except (yaml.YAMLError, ValidationError) as fault:
        raise NotConfigured(f"rule pack {name} cannot be used: {fault}. Correct it and start again.") from fault


@cache
def load_packs() -> Packs:
    """The packs that ship with the product."""
    folder = files("dialer.rules") / "jurisdictions"
    found = [read_pack(f.read_text("utf-8"), f.name) for f in folder.iterdir() if f.name.endswith(".yaml")]
    return Packs({pack.country: pack for pack in found})
