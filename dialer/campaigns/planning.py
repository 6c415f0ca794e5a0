"""The dry run: for every contact whether and when it would be called, or the exact rule that blocks it.

The same gate is asked as at the intent, at the instants at which each block says that it lifts. Nothing is written.
Calls that others will get meanwhile are not foreseen: agents, lines and the rest of a number's day may make it later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from dialer import judging
from dialer.judging import Case
from dialer.operation import Operation
from dialer.rules.gate import Allow, Deny
from dialer.rules.phone_numbers import mask
from dialer.store import campaigns
from dialer.store.models import Contact

BATCH = 500
LOOKS = 12  # blocks that may follow on one another before it is simply "later"

Call = Literal["now", "later", "held", "never", "in_call", "done"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What becomes of one contact, whose person the creditor knows by `key`.

    `at`: when it would be called; `rule`: what holds it back longest, or at all. held: until somebody does something
    about it; never: no more in this campaign; done: it is over (`outcome`).
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
    outcome: str | None = None
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    language: str = ""


@dataclass(slots=True)
class Totals:
    """Forecasts added up. `by_rule` counts contacts by what holds them back, `reasons` says one of each in words."""

    contacts: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)
    missing: Counter[str] = field(default_factory=Counter)
    absent: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None

    def add(self, one: Forecast) -> None:
        """Count one more."""
        self.contacts += 1
        self.calls[one.call] += 1
        if one.rule:
            self.by_rule[one.rule] += 1
            self.reasons.setdefault(one.rule, one.reason or "")
        self.missing.update(one.missing)
        self.absent.update(one.absent)
        self.languages[one.language] += 1
        if one.at is not None and (self.first_at is None or one.at < self.first_at):
            self.first_at = one.at

    @property
    def callable(self) -> int:
        """Contacts that would be called, now or later."""
        return self.calls["now"] + self.calls["later"]


async def forecasts(op: Operation, name: str, *, every_variable: bool = False) -> AsyncIterator[Forecast]:
    """The forecast of every contact of a campaign (NotFound), read in batches.

    With `every_variable` it is also told what the flow would like to know of each person and the list does not say.
    """
    last = 0
    while batch := await _batch(op, name, after=last, every_variable=every_variable):
        last = batch[-1].contact
        for one in batch:
            yield one


async def _batch(op: Operation, name: str, *, after: int, every_variable: bool) -> list[Forecast]:
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        rows = await session.scalars(
            select(Contact)
            .where(Contact.campaign_id == campaign.id, Contact.id > after)
            .order_by(Contact.id)
            .limit(BATCH)
        )
        office = await judging.office(session, op, campaign)
        found = await judging.cases(session, op, office, rows.all(), every_variable=every_variable)
    now = op.clock.now()
    return [foresee(op, case, now) for case in found]


def foresee(op: Operation, case: Case, now: datetime) -> Forecast:
    """What becomes of one contact, seen from `now`."""
    contact = case.contact
    if contact.status == "calling":
        return _forecast(case, "in_call")
    if contact.status == "done":
        denied = contact.outcome == "denied"
        rule, reason = (contact.blocked_rule, contact.blocked_reason) if denied else (None, None)
        return _forecast(case, "never" if denied else "done", rule=rule, reason=reason)
    moment = max(now, contact.due_at)
    longest, why = moment - now, _known_block(contact, now)
    for _ in range(LOOKS):
        judged = judging.judge(op, case, moment)
        if isinstance(judged.decision, Allow):
            return _forecast(case, "later" if moment > now else "now", at=moment, why=why, debts=len(judged.debts))
        until = judged.decision.until
        if until is None or until <= moment:
            good = judging.is_for_good(judged.decision)
            return _forecast(case, "never" if good else "held", why=judged.decision)
        if until - moment > longest:
            longest, why = until - moment, judged.decision
        moment = until
    return _forecast(case, "later", at=moment, why=why)


def _known_block(contact: Contact, now: datetime) -> Deny | None:
    """What a contact that is not due yet was put off for."""
    if contact.due_at <= now or contact.blocked_rule is None:
        return None
    return Deny(contact.blocked_rule, contact.blocked_reason or "", "", contact.due_at)


def _forecast(
    case: Case,
    call: Call,
    *,
    at: datetime | None = None,
    why: Deny | None = None,
    rule: str | None = None,
    reason: str | None = None,
    debts: int = 0,
) -> Forecast:
    return Forecast(
        contact=case.contact.id,
        key=case.person.key,
        number=mask(case.number.e164) if case.number else None,
        call=call,
        at=at,
        rule=why.rule if why else rule,
        reason=why.reason if why else reason,
        citation=(why.citation or None) if why else None,
        debts=debts,
        tries=case.contact.tries,
        outcome=case.contact.outcome,
        missing=case.missing,
        absent=case.absent,
        language=case.person.language,
    )
