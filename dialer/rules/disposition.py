"""What came of an attempt, in one word: from the carrier's result, the detector's verdict and the flow's own code."""

from __future__ import annotations

from enum import StrEnum

from dialer.rules.facts import ContactOutcome
from dialer.rules.lifecycle import Final
from ivr_flows.events import AnsweredBy


class Disposition(StrEnum):
    """The coded outcome of an attempt: first what flows say, then what carriers say."""

    PROMISED = "promised"
    PAID_BY_CARD = "paid_by_card"
    PAYMENT_CODE_SENT = "payment_code_sent"
    TRANSFERRED = "transferred"
    CALLBACK_ASKED = "callback_asked"
    OPTED_OUT = "opted_out"
    WRONG_NUMBER = "wrong_number"
    DECEASED = "deceased"
    LAWYER = "lawyer"
    INSOLVENCY = "insolvency"
    CEASE = "cease"
    ABSENT = "absent"
    ALREADY_PAID = "already_paid"
    DISPUTED = "disputed"
    REFUSED_CHECK = "refused_check"
    FAILED_CHECK = "failed_check"
    NO_INPUT = "no_input"
    HUNG_UP = "hung_up"
    VOICEMAIL_LEFT = "voicemail_left"
    MACHINE = "machine"
    FAX = "fax"
    COMPLETED = "completed"
    RECALLED = "recalled"
    NOBODY_FREE = "nobody_free"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    INVALID_NUMBER = "invalid_number"
    CARRIER_FAILED = "carrier_failed"
    CANCELED = "canceled"
    ANNOUNCEMENT = "announcement"
    LOST = "lost"
    DENIED = "denied"


D = Disposition

# The contact is done: no further call on this campaign, whatever the retry policy says.
FINAL_FOR_CONTACT = frozenset(
    {
        D.PROMISED,
        D.PAID_BY_CARD,
        D.PAYMENT_CODE_SENT,
        D.TRANSFERRED,
        D.OPTED_OUT,
        D.DECEASED,
        D.LAWYER,
        D.INSOLVENCY,
        D.CEASE,
        D.ALREADY_PAID,
        D.DISPUTED,
        D.RECALLED,
    }
)
# Words that hold for the person, in every campaign and against whatever is heard later: bars have the same names.
FOR_GOOD = frozenset({D.OPTED_OUT, D.DECEASED, D.LAWYER, D.INSOLVENCY, D.CEASE})
# This number is done; another number of the person may be tried.
FINAL_FOR_NUMBER = frozenset({D.WRONG_NUMBER, D.INVALID_NUMBER, D.ANNOUNCEMENT, D.FAX})
# A human voice or key was met, the debtor's or not.
REACHED_PERSON = frozenset(
    {
        D.PROMISED,
        D.PAID_BY_CARD,
        D.PAYMENT_CODE_SENT,
        D.TRANSFERRED,
        D.CALLBACK_ASKED,
        D.OPTED_OUT,
        D.WRONG_NUMBER,
        D.DECEASED,
        D.LAWYER,
        D.INSOLVENCY,
        D.CEASE,
        D.ABSENT,
        D.ALREADY_PAID,
        D.DISPUTED,
        D.REFUSED_CHECK,
        D.FAILED_CHECK,
        D.NOBODY_FREE,
    }
)
# The debtor, as far as the call could tell.
REACHED_DEBTOR = REACHED_PERSON - {D.WRONG_NUMBER, D.DECEASED, D.ABSENT, D.FAILED_CHECK}
# Never answered by anybody or anything.
NOT_ANSWERED = frozenset({D.BUSY, D.NO_ANSWER, D.INVALID_NUMBER, D.CARRIER_FAILED, D.CANCELED, D.LOST, D.DENIED})
# Levels of identity at which flows speak of the debt.
TOLD_OF_THE_DEBT = frozenset({"checked", "confirmed"})

# SIP final responses (RFC 3261 §21) that say more than the carrier's "failed".
SIP_DISPOSITIONS: dict[int, Disposition] = {
    404: D.INVALID_NUMBER,
    410: D.INVALID_NUMBER,
    484: D.INVALID_NUMBER,
    604: D.INVALID_NUMBER,
    408: D.NO_ANSWER,
    480: D.NO_ANSWER,
    487: D.NO_ANSWER,
    486: D.BUSY,
    600: D.BUSY,
}
# Twilio error codes of a refused create that speak of the called number (twilio.com/docs/api/errors).
INVALID_NUMBER_CODES = frozenset({"13223", "13224", "21211", "21214", "21217", "21421"})

_RESULTS: dict[Final, Disposition] = {
    "completed": D.HUNG_UP,
    "busy": D.BUSY,
    "no-answer": D.NO_ANSWER,
    "failed": D.CARRIER_FAILED,
    "canceled": D.CANCELED,
    "refused": D.CARRIER_FAILED,
    "lost": D.LOST,
}
# The gate's words for the record. When in doubt the word that counts more: an unclear end was a call.
_OUTCOMES: dict[Disposition, ContactOutcome | None] = {
    D.PROMISED: "conversation",
    D.PAID_BY_CARD: "conversation",
    D.PAYMENT_CODE_SENT: "conversation",
    D.TRANSFERRED: "conversation",
    D.CALLBACK_ASKED: "conversation",
    D.OPTED_OUT: "conversation",
    D.LAWYER: "conversation",
    D.INSOLVENCY: "conversation",
    D.CEASE: "conversation",
    D.ALREADY_PAID: "conversation",
    D.DISPUTED: "conversation",
    D.REFUSED_CHECK: "conversation",
    D.FAILED_CHECK: "answered_dropped",
    D.WRONG_NUMBER: "answered_dropped",
    D.DECEASED: "answered_dropped",
    D.ABSENT: "answered_dropped",
    D.NO_INPUT: "answered_dropped",
    D.HUNG_UP: "answered_dropped",
    D.RECALLED: "answered_dropped",
    D.COMPLETED: "message",
    D.NOBODY_FREE: "abandoned",
    D.VOICEMAIL_LEFT: "voicemail",
    D.MACHINE: "amd_machine_hangup",
    D.FAX: "amd_machine_hangup",
    D.BUSY: "busy",
    D.INVALID_NUMBER: "not_in_service",
    D.ANNOUNCEMENT: "not_in_service",
    D.NO_ANSWER: "no_answer",
    D.CARRIER_FAILED: "no_answer",
    D.CANCELED: "no_answer",
    D.LOST: "no_answer",
    D.DENIED: None,
}


def dispose(
    carrier_status: Final | None,
    answered_by: AnsweredBy,
    flow_disposition: str | None = None,
    sip_code: int | None = None,
    *,
    error_code: str | None = None,
) -> Disposition:
    """The disposition of an ended attempt. What the flow coded stands; else the verdict, else the carrier's word.

    `error_code` is the carrier's own for a refused or failed call. Raises ValueError for a word of a flow that
    is no disposition.
    """
    if flow_disposition is not None:
        return _of_flow(flow_disposition)
    if carrier_status is None:
        return Disposition.LOST
    if carrier_status == "completed" and answered_by in ("machine", "fax"):
        return Disposition(answered_by)
    if carrier_status in ("failed", "refused") and error_code in INVALID_NUMBER_CODES:
        return Disposition.INVALID_NUMBER
    if carrier_status == "failed" and sip_code in SIP_DISPOSITIONS:
        return SIP_DISPOSITIONS[sip_code]
    return _RESULTS[carrier_status]


def contact_outcome(disposition: Disposition, level: str = "none") -> ContactOutcome | None:
    """The word by which the gate's history knows this disposition; None: no contact was made at all.

    `level`: how far identity was established. Whoever passed the check was told of the debt: that is a conversation
    (12 CFR 1006.14(b)(2)(i)(B)), though they may have hung up or said nothing then.
    """
    outcome = _OUTCOMES[disposition]
    return "conversation" if outcome is not None and level in TOLD_OF_THE_DEBT else outcome


def _of_flow(word: str) -> Disposition:
    try:
        return Disposition(word)
    except ValueError as fault:
        known = ", ".join(Disposition)
        raise ValueError(f"a flow coded the outcome {word!r}, which is no disposition; use one of {known}") from fault
