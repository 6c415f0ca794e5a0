"""Equal calls and equal messages, counted: what a report adds up. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Only:
    """Which calls and texts a report is about; by default all. What is None asks for nothing.

    `since` and before `until`: when they began. `channel`: call or sms; a text that was asked for in a call is
    of that call. `script`: a flow, or the template of a text. `number`: ours. `after` and up to `upto`: ids of calls.
    """

    since: datetime | None = None
    until: datetime | None = None
    channel: str | None = None
    script: str | None = None
    number: str | None = None
    after: int | None = None
    upto: int | None = None


EVERYTHING = Only()


@dataclass(frozen=True, slots=True)
class Calls:
    """So many calls that are alike in everything a report asks about.

    `met` an agent; `missed`: asked for one and never met one; `queued_callback`: left the queue for a call-back.
    From `promised` on: what happened in the call, whatever its outcome was coded as. `timed` calls have a length,
    together `seconds`, and `minutes` as a carrier bills (begun ones); `priced` calls have a price, together `micros`
    (millionths of `currency`).
    """

    campaign_id: int
    flow: str
    from_number: str | None
    direction: str
    status: str
    carrier_status: str | None
    picked_up: bool
    answered_by: str | None
    level: str
    key_pressed: bool
    disposition: str | None
    callback: bool
    met: bool
    missed: bool
    queued_callback: bool
    promised: bool
    payment_code: bool
    opted_out: bool
    wrong_person: bool
    dispute: bool
    already_paid: bool
    voicemail_left: bool
    currency: str | None
    count: int = 1
    timed: int = 0
    seconds: int = 0
    minutes: int = 0
    priced: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Texts:
    """So many text messages that are alike; `segments` and `micros` are those of all of them.

    `flow` is that of the call in which they were asked for; None: they stand alone.
    """

    campaign_id: int
    template: str
    flow: str | None
    from_number: str | None
    direction: str
    status: str
    read_as: str | None
    currency: str | None
    count: int = 1
    segments: int = 0
    priced: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Dialled:
    """So many calls of one quarter of an hour (of the epoch) to numbers that begin alike; one of them as `sample`.

    `timed` of them have a length, together `seconds`.
    """

    quarter: int
    sample: str
    status: str
    carrier_status: str | None
    picked_up: bool
    level: str
    direction: str = "out"
    count: int = 1
    seconds: int = 0
    timed: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish for an agent: which call, how it stands, when it was asked and met."""

    attempt_id: int
    status: str
    asked_at: datetime
    connected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pledge:
    """What was promised in the calls of one campaign, flow and caller ID, and what of it has arrived. Minor units."""

    campaign_id: int
    flow: str
    from_number: str | None
    currency: str
    promised: int
    kept: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A call or message with its price: millionths of an ISO 4217 currency; `segments` of a message, where told."""

    sid: str
    micros: int
    currency: str
    segments: int | None = None
