"""The funnel and the rates: what each figure counts stands at the function that counts it. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from dialer.results.group import Calls, Wish
from dialer.rules.disposition import REACHED_PERSON, Disposition

LEGAL_WAIT = timedelta(seconds=2)  # 47 CFR 64.1200(a)(7): connected within two seconds of being due, else abandoned
OPEN = ("waiting", "reserved")
KNOWN_LEVELS = ("checked", "confirmed")
D = Disposition

Contacts = Sequence[tuple[str, str | None, str | None, int]]


class Outcome(Protocol):
    """What tells whether a call was dialled and answered."""

    @property
    def direction(self) -> str:
        """out or in."""

    @property
    def status(self) -> str:
        """Ours."""

    @property
    def carrier_status(self) -> str | None:
        """The carrier's last word."""

    @property
    def picked_up(self) -> bool:
        """Whether an answer was heard."""

    @property
    def level(self) -> str:
        """How far identity was established."""


def contact_funnel(contacts: Contacts) -> dict[str, int]:
    """Loaded: contacts of the campaign. Eligible: not denied for good. Blocked: a rule said no and still stands.

    `contacts` are (status, outcome, standing rule, how many).
    """
    loaded = sum(count for *_, count in contacts)
    denied = sum(count for status, outcome, _, count in contacts if status == "done" and outcome == "denied")
    return {"loaded": loaded, "eligible": loaded - denied, "blocked": sum(blocked_by_rule(contacts).values())}


def blocked_by_rule(contacts: Contacts) -> dict[str, int]:
    """Contacts held back by a rule, now or for good, by its code; a contact that ended otherwise is not."""
    found: dict[str, int] = {}
    for status, outcome, rule, count in contacts:
        if rule and (status != "done" or outcome == "denied"):
            found[rule] = found.get(rule, 0) + count
    return dict(sorted(found.items()))


def call_funnel(groups: Iterable[Calls]) -> dict[str, int]:
    """Calls by what came of them; one call may count in several steps.

    Dialed: asked of the carrier and not refused. Received: people who called us. Answered: by anybody or anything; of
    these human (a key, the detector, or an outcome that only a person brings about) or machine, or neither. Right
    party: the identity level reached `checked` or `confirmed`. Payment code: a message with it was put in the outbox.
    Transferred: connected to an agent. Abandoned: asked for an agent and never met one. Callback: a time was agreed,
    with the debtor or with somebody else, or a place in the queue was left for one. The rest as coded or on record.
    """
    steps: dict[str, Callable[[Calls], bool]] = {
        "dialed": was_dialed,
        "received": was_received,
        "answered": was_answered,
        "human": met_human,
        "machine": met_machine,
        "right_party": right_party,
        "pressed": lambda group: group.key_pressed,
        "promised": lambda group: group.promised,
        "payment_code": lambda group: group.payment_code,
        "transferred": lambda group: group.met,
        "abandoned": lambda group: group.missed and not group.met,
        "opted_out": lambda group: group.opted_out or group.disposition in (D.OPTED_OUT, D.CEASE),
        "wrong_person": lambda group: group.wrong_person or group.disposition == D.WRONG_NUMBER,
        "disputed": lambda group: group.dispute or group.disposition == D.DISPUTED,
        "already_paid": lambda group: group.already_paid or group.disposition == D.ALREADY_PAID,
        "callback": lambda g: g.callback or g.queued_callback or g.disposition == D.CALLBACK_ASKED,
        "voicemail": lambda group: group.voicemail_left or group.disposition == D.VOICEMAIL_LEFT,
    }
    counted = dict.fromkeys(steps, 0)
    for group in groups:
        for name, holds in steps.items():
            if holds(group):
                counted[name] += group.count
    return counted


def call_rates(groups: Sequence[Calls]) -> dict[str, float | None]:
    """`asr`: answered of dialed, from 0 to 1. `acd_seconds`: mean length of answered calls. None: no calls."""
    dialed = sum(group.count for group in groups if was_dialed(group))
    answered = [group for group in groups if was_answered(group)]
    ours = sum(group.count for group in answered if was_dialed(group))
    return {
        "asr": share(ours, dialed),
        "acd_seconds": share(sum(g.seconds for g in answered), sum(g.timed for g in answered), digits=1),
    }


def wait_rates(wishes: Iterable[Wish], now: datetime) -> dict[str, float | None]:
    """Of all who are due to an agent: shares from 0 to 1, and seconds; None where nobody is.

    `legal_drop`: no agent within 2 seconds of asking. `queue_hangup`: left while waiting. `wait_p90_seconds`: of
    those connected, nine in ten waited no longer (nearest rank).
    """
    due = dropped = hung_up = 0
    waits: list[float] = []
    for wish in wishes:
        if wish.connected_at:
            waits.append((wish.connected_at - wish.asked_at).total_seconds())
        if wish.status in OPEN and now - wish.asked_at <= LEGAL_WAIT:
            continue  # not decided yet
        due += 1
        dropped += wish.connected_at is None or wish.connected_at - wish.asked_at > LEGAL_WAIT
        hung_up += wish.status == "left" and not wish.connected_at
    waits.sort()
    return {
        "legal_drop": share(dropped, due),
        "queue_hangup": share(hung_up, due),
        "wait_p90_seconds": round(waits[math.ceil(len(waits) * 0.9) - 1], 1) if waits else None,
    }


def was_dialed(call: Outcome) -> bool:
    """The carrier was asked and did not refuse; a call whose create was never answered counts."""
    return call.direction == "out" and _existed(call)


def was_received(call: Outcome) -> bool:
    """Somebody called us."""
    return call.direction == "in" and _existed(call)


def was_answered(call: Outcome) -> bool:
    """Somebody or something picked up; a call to us is answered by us."""
    return (call.picked_up or call.status == "live" or call.carrier_status == "completed") and _existed(call)


def right_party(call: Outcome) -> bool:
    """The debtor, at the identity level that packs ask for."""
    return call.level in KNOWN_LEVELS


def met_human(call: Calls) -> bool:
    """A person: a key, the detector's word, or an outcome that only a person brings about; and whoever calls us."""
    by_outcome = call.disposition is not None and Disposition(call.disposition) in REACHED_PERSON
    heard = call.key_pressed or call.answered_by == "human" or by_outcome or call.direction == "in"
    return was_answered(call) and heard


def met_machine(call: Calls) -> bool:
    """A machine, a fax or an announcement, and no person."""
    by_outcome = call.disposition in (D.MACHINE, D.FAX, D.VOICEMAIL_LEFT, D.ANNOUNCEMENT)
    return was_answered(call) and not met_human(call) and (call.answered_by in ("machine", "fax") or by_outcome)


def share(part: float, whole: float, *, digits: int = 4) -> float | None:
    """The quotient, rounded; None when there is nothing to divide by."""
    return round(part / whole, digits) if whole else None


def _existed(call: Outcome) -> bool:
    return call.status not in ("planned", "denied") and call.carrier_status != "refused"
