"""The outcomes that a flow can code, strongest first: what was reached is not undone by how the call ended."""

from __future__ import annotations

OUTCOMES: tuple[str, ...] = (
    "opted_out",
    "deceased",
    "wrong_number",
    "paid_by_card",
    "promised",
    "payment_code_sent",
    "disputed",
    "already_paid",
    "transferred",
    "callback_asked",
    "nobody_free",
    "failed_check",
    "refused_check",
    "absent",
    "voicemail_left",
    "recalled",
    "machine",
    "fax",
    "no_input",
    "hung_up",
    "completed",
)


def stronger(known: str | None, other: str) -> str:
    """The stronger of two outcomes; a promise followed by a hang-up stays a promise."""
    if known is None:
        return other
    return min(known, other, key=OUTCOMES.index)
