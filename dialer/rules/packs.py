"""Rule packs: the law of a place as data, read from `jurisdictions/*.yaml` and refused when malformed.

A pack says what is required; it never decides. Add a law by editing a file there (docs/law.md), not this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dialer.errors import NotConfigured
from dialer.rules.facts import Channel, ContactOutcome, Direction, SuppressionKind
from dialer.rules.holidays_local import LocalHolidays, shipped_local_holidays
from dialer.rules.hours import WeekWindow, read_hours
from ivr_flows.turn import Level

# H official text · M official summary or quotation · L weak or conflicting · MEM unchecked · HOUSE our own caution
Confidence = Literal["H", "M", "L", "MEM", "HOUSE"]
RecordChoice = Literal["pack", "all", "off"]
Windows = Annotated[tuple[WeekWindow, ...], BeforeValidator(lambda v: read_hours(v) if isinstance(v, str) else v)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Data):
    """What every rule of a pack carries: its code, where it stands written, and how sure we are."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    citation: str
    link: str = ""
    confidence: Confidence
    effective_from: date
    effective_to: date | None = None
    last_checked: date


class HoursRule(Rule):
    """When people may be contacted, in their local time."""

    open: Windows
    holidays: Literal["open", "closed"]
    channels: tuple[Channel, ...] = ("phone", "sms", "whatsapp", "email")


class CapRule(Rule):
    """At most `limit` contacts in `days` calendar days at the person's place, today included."""

    limit: int = Field(ge=1)
    days: int = Field(ge=1)
    per: Literal["person_and_debt", "person"] = "person_and_debt"
    applies_to: tuple[Channel, ...] = ("phone",)
    counts: tuple[Channel, ...] = ("phone",)
    not_counted: tuple[ContactOutcome, ...] = ("busy", "not_in_service")
    consent_lifts: bool = False


class QuietRule(Rule):
    """No contact for `days` calendar days from the day of a conversation on, whoever began it."""

    days: int = Field(ge=1)
    per: Literal["person_and_debt", "person"] = "person_and_debt"
    applies_to: tuple[Channel, ...] = ("phone",)
    outcomes: tuple[ContactOutcome, ...] = ("conversation",)
    directions: tuple[Direction, ...] = ("out", "in")
    consent_lifts: bool = False


class RecordingRule(Rule):
    """Whether calls are recorded there: `required` by law, `allowed` if the operator wants it, or `off`: never.

    `notice`: the person must be told, at the beginning. `keep_days` counts from the call, after `keep_source`;
    `copy_business_days`: a copy that the person asks for is due in so many.
    """

    wanted: Literal["required", "allowed", "off"]
    notice: bool = True
    keep_days: int = Field(ge=1)
    keep_source: str
    copy_business_days: int | None = None

    def asks(self, choice: RecordChoice) -> bool:
        """Whether a call is to be recorded, given the operator's choice (TOQUE_RECORD)."""
        match choice:
            case "off":
                return False
            case "all":
                return self.wanted != "off"
            case "pack":
                return self.wanted == "required"


class Region(_Data):
    """What a state adds. Hours replace the national default; caps and recording come on top."""

    name: str
    hours: HoursRule | None = None
    caps: tuple[CapRule, ...] = ()
    recording: RecordingRule | None = None


class Pack(_Data):
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
    caps: tuple[CapRule, ...] = ()
    quiet: tuple[QuietRule, ...] = ()
    bars: dict[SuppressionKind, Rule] = {}
    recording: RecordingRule | None = None
    regions: dict[str, Region] = {}

    @property
    def id(self) -> str:
        """Name and version, as kept with each decision: "us@2026.1"."""
        return f"{self.pack}@{self.version}"

    @model_validator(mode="after")
    def _regions_belong(self) -> Pack:
        strangers = [code for code in self.regions if not code.startswith(f"{self.country}-")]
        if strangers:
            raise ValueError(f"regions {strangers} do not belong to {self.country}; name them {self.country}-XX")
        return self

    def in_force(self, rule: Rule, on: date) -> bool:
        """Whether the rule holds on a date.

        A pack states the law as of its last check: what was in force then holds for earlier dates too (replays
        of old cases); what was only announced then holds from its own date.
        """
        begun = rule.effective_from <= max(on, self.last_checked)
        return begun and (rule.effective_to is None or on <= rule.effective_to)


@dataclass(frozen=True, slots=True)
class Packs:
    """All packs by country, and the holidays of cities.

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
        data: Any = yaml.safe_load(text)
        return Pack.model_validate(data)
    except (yaml.YAMLError, ValidationError) as fault:
        raise NotConfigured(f"rule pack {name} cannot be used: {fault}. Correct it and start again.") from fault


@cache
def load_packs() -> Packs:
    """The packs that ship with the product."""
    folder = files("dialer.rules") / "jurisdictions"
    found = [read_pack(f.read_text("utf-8"), f.name) for f in folder.iterdir() if f.name.endswith(".yaml")]
    return Packs({pack.country: pack for pack in found})
