"""The carrier's forms in our words. The only place in the webhooks that knows its field names and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from dialer.rules.lifecycle import CarrierStatus, CarrierWord, Detected
from dialer.talking import Heard
from ivr_flows.events import AnsweredBy

CALL_STATUSES = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"}
)
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
KEYS = frozenset("0123456789*#")

Fields = Mapping[str, str]


def heard(form: Fields) -> Heard:
    """A voice request as the call's news."""
    recording = None
    if form.get("RecordingSid"):
        recording = (form["RecordingSid"], _number(form.get("RecordingDuration")) or 0)
    digits = "".join(key for key in form.get("Digits", "") if key in KEYS)
    return Heard(
        digits=None if recording else digits or None,
        answered_by=answered_by(form.get("AnsweredBy")),
        call_ended=form.get("CallStatus") in OVER,
        dial_ended="DialCallStatus" in form,
        recording=recording,
        sid=form.get("CallSid") or None,
    )


def answered_by(word: str | None) -> AnsweredBy | None:
    """The verdict of machine detection: Enable says machine_start, DetectMessageEnd machine_end_…"""
    if not word:
        return None
    if word.startswith("machine"):
        return "machine"
    return cast(AnsweredBy, word) if word in ("human", "fax") else "unknown"


def status(form: Fields) -> CarrierStatus | None:
    """A status callback; None for a word that is not in the published list."""
    word = form.get("CallStatus", "")
    if word not in CALL_STATUSES:
        return None
    return CarrierStatus(cast(CarrierWord, word), _number(form.get("SequenceNumber")), form.get("CallSid") or None)


def detection(form: Fields) -> Detected | None:
    """The verdict of asynchronous detection."""
    by = answered_by(form.get("AnsweredBy"))
    return Detected(by) if by else None


def sip_code(form: Fields) -> int | None:
    """The SIP response that ended the call, where the carrier tells it."""
    return _number(form.get("SipResponseCode"))


def seconds(form: Fields) -> int | None:
    """Length of the call (CallDuration is in seconds, Duration in billed minutes)."""
    return _number(form.get("CallDuration"))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
