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

PersonRole = Literal[
    "consumer",
    "spouse",
    "parent_of_minor",
    "guardian",
    "executor",
    "consumer_attorney",
    "consumer_reporting_agency",
    "creditor",
    "creditor_attorney",
    "collector_attorney",
    "third_party_location_information",
    "third_party",
]
Place = Literal["home", "work"]
Reassigned = Literal["yes", "no", "no_data"]

AUTOMATED_MODES: frozenset[Mode] = frozenset({"prerecorded", "voicemail_drop", "predictive", "text"})


@dataclass(frozen=True, slots=True)
class Contacted:
    """One contact on record with the person, on any of their numbers, from either side.

    `debts` are those that the contact counts for (none: it counts for every debt). `conversation_debts` are
    those that were talked about, when they differ (None: the same). `connected` False: the call reached no line.
    `counts` False: it counts for no debt (the person had asked for it). `mode` None: not known how it was made.
    """

    at: datetime
    channel: Channel
    direction: Direction
    outcome: ContactOutcome
    number: str | None = None
    debts: tuple[str, ...] = ()
    campaign: str | None = None
    conversation_debts: tuple[str, ...] | None = None
    mode: Mode | None = None
    connected: bool = True
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A bar on contacting the person: on one number or all (None), one channel or all, for a time or for good.

    `list_name` is the do-not-call list on which the number stands ("nao_me_ligue"), `since` then the day on which it
    was entered. `debts`: it stops only contact about these (none: about any); a creditor's own bar names theirs.
    """

    kind: SuppressionKind
    number: str | None = None
    channel: Channel | None = None
    automated_only: bool = False
    until: datetime | None = None
    since: datetime | None = None
    list_name: str | None = None
    debts: tuple[str, ...] = ()

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
class Permitted:
    """A lasting consent on record. `kind`: "tcpa" (automated and prerecorded calls) and what else a rule asks for.

    `at` None: the day is not known. `number` None: for all numbers. `revoked_at`: the person has taken it back.
    """

    kind: str
    at: datetime | None = None
    number: str | None = None
    revoked_at: datetime | None = None

    def holds(self, number: str, at: datetime) -> bool:
        """Whether it covers this number then."""
        return self.covers(number) and (self.at is None or self.at <= at) and not self.revoked(at)

    def covers(self, number: str) -> bool:
        """Whether it was given for this number."""
        return self.number in (None, number)

    def revoked(self, at: datetime) -> bool:
        """Whether it had been taken back then."""
        return self.revoked_at is not None and self.revoked_at <= at


@dataclass(frozen=True, slots=True)
class Designated:
    """A time or a place that the person named as inconvenient, in the local time of every place where they may be.

    `days` are weekdays (0 = Monday; none: every day) on which a window begins, from minute `from_minute` to before
    `to_minute` (None: start, end of the day; backwards or equal: past midnight). `until`: the last day on which it
    holds. `place`: only contact there, `channel`: only by this medium.
    """

    days: tuple[int, ...] = ()
    from_minute: int | None = None
    to_minute: int | None = None
    until: date | None = None
    place: Place | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A written notice of a debt and the day it was sent; without `debt` it is about all of them."""

    sent_on: date
    debt: str | None = None


@dataclass(frozen=True, slots=True)
class Meters:
    """What the campaign and whoever originates the calls have done so far. None: not said, so not looked at.

    `abandoned_*` and `live_answers_*`: calls answered by a person, and those of them that nobody took in time.
    `short_def_seconds`: up to which length the short calls were counted; `calls_month` of the calendar month.
    """

    live_answers_30d: int | None = None
    abandoned_30d: int | None = None
    live_answers_24h: int | None = None
    abandoned_24h: int | None = None
    calls_today: int | None = None
    short_calls_today: int | None = None
    short_def_seconds: int | None = None
    calls_month: int | None = None
    authenticated: bool = False


NO_METERS = Meters()


@dataclass(frozen=True, slots=True)
class Content:
    """What the contact would say, as far as it is known before it is made. None: not said, so not looked at.

    `text` are the words of a message or voicemail; `document` which of "name", "address" and "tax_id" of the supplier
    the collection document shows; `action` what is done beside talking ("bureau_listing", "remedy_notice" …).
    """

    text: str | None = None
    recording_notice: bool | None = None
    discloses_debt_before_identity: bool = False
    document: frozenset[str] | None = None
    action: str | None = None
    prior_written_notice: bool = False


NOTHING_SAID = Content()


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone where the person may be (IANA name) and the evidence for it."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of the person. `regions` are candidate places such as "BR-SP"; `zones` candidate zones.

    `consents` are requests to be called; `permits` lasting consents such as that of the TCPA. `cities` are names, in
    one of the regions. `employer_prohibits`: no contact at work, where
    `work_numbers` ring.
    """

    history: tuple[Contacted, ...] = ()
    suppressions: tuple[Suppressed, ...] = ()
    zones: tuple[Zone, ...] = ()
    regions: tuple[str, ...] = ()
    live_attempt: bool = False
    debts_due: bool = True
    consents: tuple[Consented, ...] = ()
    permits: tuple[Permitted, ...] = ()
    designations: tuple[Designated, ...] = ()
    notices: tuple[Noticed, ...] = ()
    cities: tuple[str, ...] = ()
    employer_prohibits: bool = False
    work_numbers: frozenset[str] = frozenset()


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
    `person_role`: who it is, seen from the debt. `place`: where the number or address is, if that is known.
    `reassigned`: what the database of reassigned numbers says of the number (None: not asked). `ring_seconds` and
    `rings`: how long it rings at least before we hang up (None: not said).
    """

    at: datetime
    person: str
    number: str
    country: str
    channel: Channel = "phone"
    mode: Mode = "prerecorded"
    debts: tuple[str, ...] = ()
    ring_seconds: int | None = 30
    line_type: str | None = None
    campaign: str | None = None
    asked_for: bool = False
    about_promise: bool = False
    delay_seconds: int = 0
    limits: Limits = Limits()
    rings: int | None = None
    person_role: PersonRole = "consumer"
    place: Place | None = None
    reassigned: Reassigned | None = None
    meters: Meters = NO_METERS
    content: Content = NOTHING_SAID
