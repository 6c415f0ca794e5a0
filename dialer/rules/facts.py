"""What the gate is told: the record of a person, and what is proposed. Values only; nothing here decides.

All times are aware. An absent fact means that nothing of the kind is on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from dialer.rules.hours import WeekWindow

Channel = Literal["phone", "sms", "email", "whatsapp", "letter"]
Direction = Literal["out", "in"]
Mode = Literal[
    "prerecorded",
    "live_agent",
    "live_agent_manual",
    "predictive",
    "preview_guaranteed_agent",
    "voicemail_drop",
    "text",
    "reply",
]
ContactOutcome = Literal[
    "no_answer",
    "busy",
    "not_in_service",
    "answered_dropped",
    "voicemail_limited_content",
    "voicemail_named_debts",
    "voicemail_full",
    "voicemail_no_ring",
    "voicemail",
    "message",
    "sent",
    "conversation",
    "abandoned",
    "amd_machine_hangup",
]
SuppressionKind = Literal[
    "opt_out",
    "wrong_person",
    "do_not_call",
    "withdrawn",
    "deceased",
    "lawyer",
    "dispute",
    "already_paid",
    "promise",
    "insolvency",
    "cease",
]

AUTOMATED_MODES: frozenset[Mode] = frozenset({"prerecorded", "voicemail_drop", "predictive", "text"})


@dataclass(frozen=True, slots=True)
class Contacted:
    """One contact on record with the person, on any of their numbers, from either side.

    `debts` are those that the contact counts for (none: it counts for every debt). `conversation_debts` are
    those that were talked about, when they differ (None: the same).
    """

    at: datetime
    channel: Channel
    direction: Direction
    outcome: ContactOutcome
    number: str | None = None
    debts: tuple[str, ...] = ()
    campaign: str | None = None
    conversation_debts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A bar on contacting the person: on one number or all (None), one channel or all, for a time or for good."""

    kind: SuppressionKind
    number: str | None = None
    channel: Channel | None = None
    automated_only: bool = False
    until: datetime | None = None
    since: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it has begun and not ended then."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Consented:
    """The person asked us directly to call: on the dates of `valid_on`, or on any of the seven days from `at`."""

    at: datetime
    debts: tuple[str, ...] = ()
    valid_on: tuple[date, ...] = ()
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone where the person may be (IANA name) and the evidence for it."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of the person. `regions` are candidate places such as "BR-SP"; `zones` candidate zones."""

    history: tuple[Contacted, ...] = ()
    suppressions: tuple[Suppressed, ...] = ()
    zones: tuple[Zone, ...] = ()
    regions: tuple[str, ...] = ()
    live_attempt: bool = False
    debts_due: bool = True
    consents: tuple[Consented, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignBar:
    """Why the campaign itself does not call this person now: a code, words, and when that changes (if it does)."""

    rule: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator chose for the campaign; it only ever narrows the law. None means no limit of that kind.

    Counts are attempts per person in the campaign; the gap is over all campaigns and numbers of the person.
    `bars` were found before: no debt at the flow's step of the ladder, no room on the number to be shown, data that
    the flow needs and the list lacks. They hold for call-backs too.
    """

    person_gap: timedelta = timedelta(hours=4)
    attempts_per_day: int | None = 3
    attempts_per_week: int | None = 7
    attempts_total: int | None = 15
    hours: tuple[WeekWindow, ...] | None = None
    bars: tuple[CampaignBar, ...] = ()


NO_LIMITS = Limits(timedelta(0), None, None, None)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The contact that somebody wants to make. `country` is ISO 3166 of the number, `number` E.164.

    `delay_seconds` may pass between the decision and the first ring. `asked_for`: whoever answered last time asked
    to be called at about this time. `about_promise`: it only reminds of the promise that keeps everything else back.
    """

    at: datetime
    person: str
    number: str
    country: str
    channel: Channel = "phone"
    mode: Mode = "prerecorded"
    debts: tuple[str, ...] = ()
    ring_seconds: int = 30
    line_type: str | None = None
    campaign: str | None = None
    asked_for: bool = False
    about_promise: bool = False
    delay_seconds: int = 0
    limits: Limits = Limits()
