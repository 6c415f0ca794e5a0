"""The carrier's forms in our words. The only place in the webhooks that knows its field names and values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

from dialer import answering
from dialer.attending.capturing import News
from dialer.recognising import ANONYMOUS
from dialer.rules.keywords import Meaning
from dialer.rules.lifecycle import CarrierStatus, CarrierWord, Detected
from dialer.talking import Heard
from dialer.texts.replying import Incoming
from ivr_flows.events import AnsweredBy, CardEnded, CardResult

CALL_STATUSES = frozenset(
    {"queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"}
)
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
CARD_RESULTS: dict[str, CardResult] = {  # https://www.twilio.com/docs/voice/twiml/pay
    "too-many-failed-attempts": "failed",
    "payment-connector-error": "failed",
    "caller-interrupted-with-star": "stopped",
    "validation-error": "unavailable",
    "internal-error": "unavailable",
}
# https://www.twilio.com/docs/voice/api/payment-resource: which parameter tells of a figure, masked.
FIGURES = {
    "payment-card-number": "PaymentCardNumber", "expiration-date": "ExpirationDate",
    "postal-code": "PaymentCardPostalCode", "security-code": "SecurityCode",
}  # fmt: skip
KEYS = frozenset("0123456789*#")

Fields = Mapping[str, str]
RecordingWord = Literal["completed", "absent"]
# What stands for a withheld number, when it is spelt with the digits of a telephone's keys:
# anonymous, restricted, blocked, unknown, unavailable, private.
WITHHELD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253", "774828"})
TOLD: dict[str, Meaning] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}
_E164 = re.compile(r"\+[1-9]\d{6,14}")


def heard(form: Fields) -> Heard:
    """A voice request as the call's news."""
    recording = None
    if form.get("RecordingSid"):
        recording = (form["RecordingSid"], _number(form.get("RecordingDuration")) or 0)
    digits = "".join(key for key in form.get("Digits", "") if key in KEYS)
    return Heard(
        digits=None if recording or "Result" in form else digits or None,
        answered_by=answered_by(form.get("AnsweredBy")),
        call_ended=form.get("CallStatus") in OVER,
        dial_ended="DialCallStatus" in form,
        recording=recording,
        card=card(form),
        sid=form.get("CallSid") or None,
    )


def card(form: Fields) -> CardEnded | None:
    """The end of a card payment; None when the form tells of none, or of nobody who is there any more.

    Only the result and the processor's confirmation are read: no figure of the card, masked or not.
    """
    word = form.get("Result", "")
    if word == "success":  # a charge without a confirmation is a charge all the same
        return CardEnded("paid", (form.get("PaymentConfirmationCode") or form.get("CallSid", ""))[:80])
    return CardEnded(CARD_RESULTS[word]) if word in CARD_RESULTS else None


def capture(form: Fields) -> News | None:
    """News of a card that an agent takes; None for what says nothing. Of a figure only its length is read."""
    result = form.get("Result", "")
    if result:
        paid = (form.get("PaymentConfirmationCode") or form.get("Sid", ""))[:80] if result == "success" else ""
        return News(result=result, confirmation=paid, error="" if paid else form.get("PayErrorCode", "")[:40])
    figure = form.get("Capture", "")
    if not figure:
        return None
    if form.get("PartialResult", "").lower() == "true":
        return News(figure, digits=len(form.get(FIGURES.get(figure, ""), "").replace(" ", "")))
    return News(figure, error=form.get("ErrorType", ""))


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


def recording(form: Fields) -> tuple[str, RecordingWord, int | None] | None:
    """News of a recording: (id, word, seconds); None for what says nothing that matters."""
    sid, word = form.get("RecordingSid", ""), form.get("RecordingStatus", "")
    if not sid or word not in ("completed", "absent"):
        return None
    return sid, cast(RecordingWord, word), _number(form.get("RecordingDuration"))


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


def other_party(address: str | None) -> str:
    """The E.164 number of whoever calls us, also out of a SIP address; ANONYMOUS when none is shown."""
    user = (address or "").strip().removeprefix("sip:").removeprefix("sips:").partition("@")[0]
    if user.isdigit() and len(user) >= 10:
        user = f"+{user}"
    shown = _E164.fullmatch(user) is not None and user[1:] not in WITHHELD
    return user if shown else ANONYMOUS


def incoming_call(form: Fields) -> answering.Incoming | None:
    """A call to us; None when it has no sid."""
    sid = form.get("CallSid", "")
    ours = other_party(form.get("To") or form.get("Called"))
    return answering.Incoming(sid[:64], other_party(form.get("From") or form.get("Caller")), ours) if sid else None


def incoming_text(form: Fields) -> Incoming | None:
    """A text message to us; None when it lacks what makes it one. Its sender may be no telephone at all."""
    sender = form.get("From", "").strip().rpartition(":")[2][:20]  # "whatsapp:+55…" is the same person
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not sid or not sender:
        return None
    told = TOLD.get(form.get("OptOutType", "").upper())
    return Incoming(sid[:64], sender, form.get("To", "").strip().rpartition(":")[2][:20], form.get("Body", ""), told)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
