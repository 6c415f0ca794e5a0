"""What becomes of one contact: the gate is asked again at each instant at which its last word lifts. Writes nothing.

Calls that others will get meanwhile are not foreseen: agents, lines and the rest of a number's day may make it later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from dialer import judging
from dialer.judging import Case
from dialer.operation import Operation
from dialer.rules.disposition import Disposition
from dialer.rules.facts import Contacted
from dialer.rules.gate import Allow, Deny
from dialer.rules.phone_numbers import mask
from dialer.rules.plan import Plan
from dialer.store.models import Contact

LOOKS = 12  # blocks that may follow on one another before it is simply "later"
MOST_TRIES = 100  # that are foreseen for one contact until the end that was asked about

Call = Literal["now", "later", "held", "never", "in_call", "done"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of one contact, whose person the creditor knows by `key`.

    `at`: when it would be called; `rule`: what holds it back longest, or at all. held: until somebody does something
    about it; never: no more in this campaign; done: it is over (`outcome`). `left`: attempts that the campaign would
    still make if nobody answered; `legal`: how many of those are allowed until the end that was asked about.
    """

    contact: int
    key: str
    number: str | None
    call: Call
    at: datetime | None = None
    rule: str | None = None
    reason: str | None = None
    citation: str | None = None
    debts: int = 0
    tries: int = 0
    left: int = 0
    legal: int | None = None
    outcome: str | None = None
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first instant at which the gate says yes, if there is one, and what held back longest before."""

    call: Call
    at: datetime | None = None
    why: Deny | None = None
    debts: tuple[str, ...] = ()


def foresee(op: Operation, case: Case, now: datetime, until: datetime | None = None) -> Forecast:
    """What becomes of one contact, seen from `now`; with `until`, how many attempts are allowed before then too."""
    contact = case.contact
    if contact.status == "calling":
        return _forecast(case, _Seen("in_call"))
    if contact.status == "done":
        denied = contact.outcome == "denied"
        why = Deny(contact.blocked_rule or "", contact.blocked_reason or "", "") if denied else None
        return _forecast(case, _Seen("never" if denied else "done", why=why))
    seen = _first_yes(op, case, now, max(now, contact.due_at))
    left = _left(case) if seen.call in ("now", "later") else 0
    legal = None if until is None else _legal(op, case, seen, left, until)
    return _forecast(case, seen, left=left, legal=legal)


def _first_yes(op: Operation, case: Case, now: datetime, moment: datetime) -> _Seen:
    longest, why = moment - now, _known_block(case.contact, now)
    for _ in range(LOOKS):
        judged = judging.judge(op, case, moment)
        if isinstance(judged.decision, Allow):
            return _Seen("later" if moment > now else "now", moment, why, judged.debts)
        until = judged.decision.until
        if until is None or until <= moment:
            return _Seen("never" if judging.is_for_good(judged.decision) else "held", why=judged.decision)
        if until - moment > longest:
            longest, why = until - moment, judged.decision
        moment = until
    return _Seen("later", moment, why)


def _legal(op: Operation, case: Case, seen: _Seen, left: int, until: datetime) -> int:
    """How many attempts, each unanswered and the next as soon as it may be, are allowed before `until`."""
    found, plan = 0, case.office.plan
    while seen.at is not None and seen.at < until and found < min(left, MOST_TRIES):
        found += 1
        case = _after_no_answer(case, seen)
        again = seen.at + _pause(plan)
        seen = _first_yes(op, case, again, again)
    return found


def _after_no_answer(case: Case, seen: _Seen) -> Case:
    assert seen.at is not None
    rung = Contacted(
        at=seen.at,
        channel="phone",
        direction="out",
        outcome="no_answer",
        number=case.number.e164 if case.number else None,
        debts=seen.debts,
        campaign=str(case.office.campaign.id),
    )
    facts = case.record.facts
    return replace(case, record=replace(case.record, facts=replace(facts, history=(*facts.history, rung))))


def _pause(plan: Plan) -> timedelta:
    """From one unanswered attempt to the next: what the retry policy says, and never less than the person's gap."""
    rule = plan.policy.after.get(Disposition.NO_ANSWER)
    return max(plan.person_gap, timedelta(minutes=rule.delay_minutes if rule else 0), timedelta(minutes=1))


def _left(case: Case) -> int:
    """Attempts that the campaign would still make if nobody answered."""
    plan, tries = case.office.plan, case.contact.tries
    rule = plan.policy.after.get(Disposition.NO_ANSWER)
    most = min(rule.max_tries, plan.policy.max_tries) if rule else tries + 1
    return max(0, min(plan.attempts_total, most) - tries)


def _known_block(contact: Contact, now: datetime) -> Deny | None:
    """What a contact that is not due yet was put off for."""
    if contact.due_at <= now or contact.blocked_rule is None:
        return None
    return Deny(contact.blocked_rule, contact.blocked_reason or "", "", contact.due_at)


def _forecast(case: Case, seen: _Seen, *, left: int = 0, legal: int | None = None) -> Forecast:
    why = seen.why
    return Forecast(
        contact=case.contact.id,
        key=case.person.key,
        number=mask(case.number.e164) if case.number else None,
        call=seen.call,
        at=seen.at,
        rule=(why.rule or None) if why else None,
        reason=(why.reason or None) if why else None,
        citation=(why.citation or None) if why else None,
        debts=len(seen.debts),
        tries=case.contact.tries,
        left=left,
        legal=legal,
        outcome=case.contact.outcome,
        missing=case.missing,
        absent=case.absent,
        language=case.person.language,
    )
