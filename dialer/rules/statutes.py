"""The kinds of rule that a pack is made of, each with its parameters. How they are read is `packs`.

They state what is required and decide nothing. A new kind needs a model here and one check.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from dialer.rules.facts import Channel, ContactOutcome, Direction, Mode, Reassigned, SuppressionKind
from dialer.rules.hours import WeekWindow, read_hours

# H official text · M official summary or quotation · L weak or conflicting · MEM unchecked · HOUSE our own caution
Confidence = Literal["H", "M", "L", "MEM", "HOUSE"]
RecordChoice = Literal["pack", "all", "off"]
BarKind = SuppressionKind | Literal["medium_opt_out", "workplace", "designation", "third_party"]
LineKind = Literal["mobile", "landline", "business", "unknown"]
AbandonMeter = Literal["30d", "24h"]
Windows = Annotated[tuple[WeekWindow, ...], BeforeValidator(lambda v: read_hours(v) if isinstance(v, str) else v)]


class Data(BaseModel):
    """What is read from a pack: unchangeable, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(Data):
    """What every rule of a pack carries: its code, where it stands written, and how sure we are.

    `from_its_day`: it is not applied to dates before `effective_from`, not even when old cases are replayed.
    """

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    citation: str
    link: str = ""
    confidence: Confidence
    effective_from: date
    effective_to: date | None = None
    last_checked: date
    from_its_day: bool = False


class HoursRule(Rule):
    """When people may be contacted, in their local time. `also_closed` are days (MM-DD) that no calendar names."""

    open: Windows
    holidays: Literal["open", "closed"]
    channels: tuple[Channel, ...] = ("phone", "sms", "whatsapp", "email")
    also_closed: tuple[str, ...] = ()

    @field_validator("also_closed")
    @classmethod
    def _days_exist(cls, days: tuple[str, ...]) -> tuple[str, ...]:
        for day in days:
            if not re.fullmatch(r"\d\d-\d\d", day):
                raise ValueError(f"{day!r} is no day; write it like '06-24'")
            date(2024, int(day[:2]), int(day[3:]))
        return days


class CapRule(Rule):
    """At most `limit` contacts in `days` calendar days at the person's place, today included.

    `outcomes`: only these count (none named: all but `not_counted`). `modes`: only contacts made in these ways count
    and are held back. `lines`: only those lines are held back. `at`: only contacts at personal numbers, or at others,
    count and are held back. `unless_permitted`: a lasting consent of this kind lifts it.
    """

    limit: int = Field(ge=1)
    days: int = Field(ge=1)
    per: Literal["person_and_debt", "person", "number"] = "person_and_debt"
    applies_to: tuple[Channel, ...] = ("phone",)
    counts: tuple[Channel, ...] = ("phone",)
    not_counted: tuple[ContactOutcome, ...] = ("busy", "not_in_service")
    outcomes: tuple[ContactOutcome, ...] = ()
    modes: tuple[Mode, ...] = ()
    lines: tuple[LineKind, ...] = ()
    at: Literal["anywhere", "personal", "elsewhere"] = "anywhere"
    consent_lifts: bool = False
    unless_permitted: str | None = None


class QuietRule(Rule):
    """No contact for `days` calendar days from the day of a conversation on, whoever began it."""

    days: int = Field(ge=1)
    per: Literal["person_and_debt", "person"] = "person_and_debt"
    applies_to: tuple[Channel, ...] = ("phone",)
    outcomes: tuple[ContactOutcome, ...] = ("conversation",)
    directions: tuple[Direction, ...] = ("out", "in")
    consent_lifts: bool = False


class ListRule(Rule):
    """What a do-not-call list means for contacts about debts: `wait_days` after entry it binds, or it does not."""

    list_name: str
    wait_days: int = Field(0, ge=0)
    binds: bool = True


class PermitRule(Rule):
    """Contacts made in these ways need a lasting consent of the kind `permit`, by line.

    `unknown_is_mobile`: the modes for which a line of unknown kind counts as a mobile.
    """

    permit: str
    modes: tuple[Mode, ...]
    lines: tuple[LineKind, ...] = ("mobile",)
    unknown_is_mobile: tuple[Mode, ...] = ()


class RevokedRule(Rule):
    """A lasting consent that was taken back ends these ways of contact at once."""

    permit: str
    modes: tuple[Mode, ...]


class ReassignedRule(Rule):
    """These ways of contact end when the database of reassigned numbers gives one of these answers."""

    answers: tuple[Reassigned, ...]
    modes: tuple[Mode, ...]


class RedialRule(Rule):
    """For `hours` after a call that ended so, the number is called only with somebody sure to be on the line."""

    after: ContactOutcome
    hours: int = Field(ge=1)


class AbandonRule(Rule):
    """Calls that nobody is sure to take rest while too many were abandoned of those that people answered."""

    percent: float = Field(gt=0, le=100)
    at_limit: Literal["passes", "blocks"]
    meter: AbandonMeter


class RingRule(Rule):
    """Nobody hangs up on a ringing telephone before this; `rings` is as good as the seconds, if the law says so."""

    seconds: int = Field(ge=1)
    rings: int | None = None


class ShortCallsRule(Rule):
    """Carriers block an originator with more calls than this a day of which such a share is short."""

    calls_a_day: int = Field(ge=1)
    percent: float = Field(gt=0, le=100)
    short_seconds: int = Field(ge=1)


class VolumeRule(Rule):
    """More calls than this in a calendar month need authentication of the calls."""

    calls_a_month: int = Field(ge=1)


class NoticeRule(Rule):
    """A written notice goes first; contact by these channels waits `days` calendar days from the day it was sent."""

    days: int = Field(ge=1)
    channels: tuple[Channel, ...] = ("phone", "sms", "whatsapp", "email")


class DocumentRule(Rule):
    """What a document that collects must show."""

    shows: tuple[Literal["name", "address", "tax_id"], ...]


class WordsRule(Rule):
    """What a message may say: a way to opt out in it, or nothing but who asks to be called back.

    `limited`: a business name that gives nothing away, a request to reply, a person's name, a number; all of them.
    `contact_only`: nothing but a name to ask for and a number. `opt_out_line`: a simple way to end such messages.
    """

    form: Literal["limited", "contact_only", "opt_out_line"]
    modes: tuple[Mode, ...]
    channels: tuple[Channel, ...]
    words_needed: bool = False


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


class FlowsRule(Rule):
    """What a flow for this place must be proven to do (`toque flow check`).

    `identify_seconds`: the caller's name has begun by then; `opt_out_seconds`: after it, the way to stop the calls is
    told so soon. `voicemail`: what a machine may hear. `disclosures`: by language, words that must have been said
    before details of a debt that is late.
    """

    identify_seconds: float = Field(2.0, gt=0)
    opt_out_seconds: float | None = Field(None, gt=0)
    voicemail: Literal["none", "limited", "public"] = "limited"
    disclosures: dict[str, tuple[str, ...]] = Field(default_factory=dict)
