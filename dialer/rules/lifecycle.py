"""The life of an attempt: which news moves it where, and how late, repeated or reordered news is merged.

Every field of a record only ever climbs its own order, so the order in which news arrives does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, assert_never

from ivr_flows.events import AnsweredBy

Status = Literal["planned", "placing", "placed", "ringing", "live", "ended", "unknown", "denied"]
CarrierWord = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"
]
Final = Literal["completed", "busy", "no-answer", "failed", "canceled", "refused", "lost"]

LIVE: frozenset[Status] = frozenset({"placing", "placed", "ringing", "live", "unknown"})

# From each status to those it may become. A callback may outrun the create's answer: placing -> live.
ALLOWED: dict[Status, frozenset[Status]] = {
    "planned": frozenset({"placing", "denied"}),
    "placing": frozenset({"unknown", "placed", "ringing", "live", "ended"}),
    "unknown": frozenset({"placed", "ringing", "live", "ended"}),
    "placed": frozenset({"ringing", "live", "ended"}),
    "ringing": frozenset({"live", "ended"}),
    "live": frozenset({"ended"}),
    "ended": frozenset(),
    "denied": frozenset(),
}
STATUS_OF: dict[CarrierWord, Status] = {
    "queued": "placed",
    "initiated": "placed",
    "ringing": "ringing",
    "in-progress": "live",
    "completed": "ended",
    "busy": "ended",
    "no-answer": "ended",
    "failed": "ended",
    "canceled": "ended",
}
FINAL_OF: dict[CarrierWord, Final] = {
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no-answer",
    "failed": "failed",
    "canceled": "canceled",
}
# Later outranks earlier: a carrier's word beats our own conclusion, an answered call beats an unanswered one.
FINAL_RANK: tuple[Final | None, ...] = (
    None,
    "lost",
    "refused",
    "canceled",
    "failed",
    "no-answer",
    "busy",
    "completed",
)
VERDICT_RANK: tuple[AnsweredBy, ...] = ("unknown", "human", "machine", "fax")


@dataclass(frozen=True, slots=True)
class Created:
    """The carrier accepted the call, or the reconciler found it among the carrier's calls."""

    sid: str


@dataclass(frozen=True, slots=True)
class CarrierStatus:
    """A status callback or a fetched call, in Twilio's words. `sequence` is kept for the log; it decides nothing."""

    status: CarrierWord
    sequence: int | None = None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Detected:
    """The carrier's verdict on who answered."""

    by: AnsweredBy


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """Somebody pressed a key: a person, whatever a machine detector says later."""


@dataclass(frozen=True, slots=True)
class NoAnswerHeard:
    """The create was sent and its outcome is not known: time-out, dropped connection, 5xx."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier refused the create; it is certain that there is no call. `code` is the carrier's."""

    code: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The reconciler found nothing after its grace."""


News = Created | CarrierStatus | Detected | KeyHeard | NoAnswerHeard | Refused | GivenUp


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an attempt. `verdict` is the detector's; `answered_by` is what counts."""

    status: Status
    sid: str | None = None
    result: Final | None = None
    verdict: AnsweredBy = "unknown"
    key_heard: bool = False
    refused_code: str | None = None

    @property
    def answered_by(self) -> AnsweredBy:
        """Who answered: a pressed key outranks a late machine verdict."""
        return "human" if self.key_heard else self.verdict

    @property
    def answered(self) -> bool:
        """Whether the call was picked up, as far as is known."""
        return self.status == "live" or self.result == "completed" or self.key_heard


def advance(status: Status, news: News) -> Status | None:
    """The status after the news, or None if the news is stale or cannot apply: then nothing changes."""
    target = _target(status, news)
    return target if target is not None and target in ALLOWED[status] else None


def merge(record: Record, news: News) -> Record:
    """The record with the news in it. Any order and any repetition of the same carrier news gives the same record.

    A final word that comes after `GivenUp` corrects the result; the status stays ended.
    """
    if record.status in ("planned", "denied"):
        return record
    status = advance(record.status, news)
    moved = replace(record, status=status or record.status)
    match news:
        case Created(sid=sid):
            return replace(moved, sid=record.sid or sid)
        case CarrierStatus(status=word, sid=sid):
            return replace(moved, sid=record.sid or sid, result=_higher(record.result, FINAL_OF.get(word)))
        case Detected(by=by):
            return replace(moved, verdict=max(record.verdict, by, key=VERDICT_RANK.index))
        case KeyHeard():
            return replace(moved, key_heard=True)
        case Refused(code=code):
            if status is None:
                return record
            return replace(moved, result=_higher(record.result, "refused"), refused_code=code)
        case GivenUp():
            return record if status is None else replace(moved, result=_higher(record.result, "lost"))
        case NoAnswerHeard():
            return moved
        case _:
            assert_never(news)


def _target(status: Status, news: News) -> Status | None:
    match news:
        case Created():
            return "placed"
        case CarrierStatus(status=word):
            return STATUS_OF[word]
        case Detected() | KeyHeard():
            return "live"
        case NoAnswerHeard():
            return "unknown" if status == "placing" else None
        case Refused():
            return "ended" if status == "placing" else None
        case GivenUp():
            return "ended" if status == "unknown" else None
        case _:
            assert_never(news)


def _higher(known: Final | None, heard: Final | None) -> Final | None:
    return max(known, heard, key=FINAL_RANK.index)
