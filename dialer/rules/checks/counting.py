"""How often: notices that go first, caps and quiet periods of the law, redials, and what the operator chose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from dialer.rules.checks.case import Case
from dialer.rules.checks.permits import permitted
from dialer.rules.facts import Contacted, Mode
from dialer.rules.frequency import (
    attempts_on_days,
    cap_reached,
    consent_holds,
    next_day,
    quiet_until,
    since,
)
from dialer.rules.hours import instant_at
from dialer.rules.statutes import CapRule, NoticeRule
from dialer.rules.verdict import Deny

ATTENTION_CALLS = 6  # comment 14(b)(2)(i)-2.i: six of seven calls on one day may rebut the presumption of compliance
ATTENTION_DAYS = timedelta(days=40)  # longer than the window of any cap per debt
ATTENTION_GAP = timedelta(minutes=5)  # comment 14(b)(2)(i)-2: two unanswered calls to one number within five minutes
GUARANTEED: frozenset[Mode] = frozenset({"preview_guaranteed_agent", "live_agent_manual"})
UNANSWERED = frozenset({"no_answer", "voicemail", "voicemail_no_ring", "voicemail_full", "voicemail_limited_content"})


def notices(case: Case) -> Iterator[Deny]:
    """A written notice that was sent, and the days that it asks for."""
    if not case.facts.notices:
        return
    for rule in case.ground.notices:
        if case.proposed.channel in rule.channels and (until := _waits(case, rule)):
            reason = f"the written notice went out less than {rule.days} calendar days ago"
            yield case.deny(rule, reason, until)


def frequency(case: Case) -> Iterator[Deny]:
    """Caps of every place where the person may be, then quiet periods, then redials."""
    if case.with_adviser:
        return
    for cap in case.ground.caps:
        lifts = _cap(case, cap)
        if lifts is not None:
            reason = f"{cap.limit} contacts in {cap.days} calendar days at the person's place are on record"
            yield case.deny(cap, reason, lifts)
    for quiet in case.ground.quiet:
        ends = quiet_until(quiet, case.facts, case.proposed, case.at)
        if ends is not None:
            reason = f"a conversation took place less than {quiet.days} calendar days ago"
            yield case.deny(quiet, reason, ends)
    yield from _redials(case)


def campaign_limits(case: Case) -> Iterator[Deny]:
    """Our own limits. A call at a time that was asked for is not held back by them (the law's caps still hold it)."""
    if case.proposed.asked_for:
        return
    limits, at, channel = case.proposed.limits, case.at, case.proposed.channel
    same = [c for c in case.made if c.channel == channel]
    talks = [c for c in case.came if c.outcome == "conversation"]
    last = max([c.at for c in (*same, *talks)], default=None)  # who has just called us is spared
    if last is not None and last + limits.person_gap > at:
        reason = f"less than {limits.person_gap} since the last attempt or talk"
        yield case.deny_by_house("PERSON_GAP", reason, last + limits.person_gap)
    campaign = case.proposed.campaign
    mine = same if campaign is None else [c for c in same if c.campaign is None or c.campaign == campaign]
    if limits.attempts_total is not None and len(mine) >= limits.attempts_total:
        yield case.deny_by_house("CAMPAIGN_TOTAL", f"all {limits.attempts_total} attempts of the campaign are used")
    oldest = since(at, 7)
    lately = [c for c in mine if c.at > oldest]
    for code, limit, days in (
        ("CAMPAIGN_DAY", limits.attempts_per_day, 1),
        ("CAMPAIGN_WEEK", limits.attempts_per_week, 7),
    ):
        if limit is not None and attempts_on_days(lately, case.facts, at, days, at_least=limit) >= limit:
            reason = f"the campaign's {limit} attempts in {days} day(s) are used"
            yield case.deny_by_house(code, reason, _room_again(mine, case, limit, days))


def advisories(case: Case) -> Iterator[str]:
    """What is lawful and still worth a look."""
    facts, at = case.facts, case.at
    if case.proposed.channel == "phone" and case.made:
        start = since(at, 1)
        calls = [c for c in case.made if c.at > start and c.channel == "phone"]
        today = attempts_on_days(calls, facts, at, 1, at_least=ATTENTION_CALLS - 1)
        if today + 1 >= ATTENTION_CALLS or _just_now(calls, case):
            yield "FREQ_CONCENTRATION"
        if any(_aggregate(case, cap) for cap in case.pack.caps):
            yield "AGGREGATE"
    if facts.consents and consent_holds(facts, case.proposed, at):
        yield "CONSENT"


def _cap(case: Case, cap: CapRule) -> datetime | None:
    """When the cap lifts that holds this contact back; None if it does not."""
    if cap.modes and case.proposed.mode not in cap.modes:
        return None
    if cap.lines and case.line not in cap.lines:
        return None
    if cap.at != "anywhere" and (case.place == "work") != (cap.at == "elsewhere"):
        return None
    lifts = cap_reached(cap, case.facts, case.proposed, case.at)
    return None if lifts and cap.unless_permitted and permitted(case, cap.unless_permitted) else lifts


def _waits(case: Case, rule: NoticeRule) -> datetime | None:
    debts = case.proposed.debts
    sent = [one.sent_on for one in case.facts.notices if one.debt is None or not debts or one.debt in debts]
    ends = [instant_at(day + timedelta(days=rule.days), 0, zone) for day in sent for zone in case.zones]
    return max((end for end in ends if end > case.at), default=None)


def _redials(case: Case) -> Iterator[Deny]:
    if case.proposed.channel != "phone" or case.proposed.mode in GUARANTEED:
        return
    for rule in case.pack.redials:
        free = [
            c.at + timedelta(hours=rule.hours)
            for c in case.made
            if c.outcome == rule.after
            and case.at < c.at + timedelta(hours=rule.hours)
            and c.number in (None, case.proposed.number)
        ]
        if free and case.in_force(rule):
            reason = f"the last call ended as {rule.after} less than {rule.hours} hours ago, no agent is sure"
            yield case.deny(rule, reason, max(free))


def _room_again(attempts: list[Contacted], case: Case, limit: int, days: int) -> datetime | None:
    """The first local midnight at which fewer than `limit` attempts are left in the window."""
    for ahead in range(1, days + 1):
        moment = next_day(case.facts, case.at, days=ahead)
        if attempts_on_days(attempts, case.facts, moment, days) < limit:
            return moment
    return None


def _just_now(calls: list[Contacted], case: Case) -> bool:
    """Whether the same number rang unanswered a moment ago."""
    start, number = case.at - ATTENTION_GAP, case.proposed.number
    return any(c.at > start and c.outcome in UNANSWERED and c.number in (None, number) for c in calls)


def _aggregate(case: Case, cap: CapRule) -> bool:
    """Whether the calls for all debts together are more than one debt alone may have."""
    if cap.per != "person_and_debt" or cap.modes or len(case.made) < cap.limit:
        return False
    start = max(since(case.at, cap.days), case.at - ATTENTION_DAYS)
    counted = [
        c
        for c in case.made
        if c.at > start and c.channel == "phone" and c.outcome not in cap.not_counted and c.connected
    ]
    return attempts_on_days(counted, case.facts, case.at, cap.days, at_least=cap.limit) >= cap.limit
