"""How often a person may be contacted: caps over calendar days, quiet periods, and the campaign's own limits.

Days are those at the person's place; with several candidate zones, the one that counts most decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from dialer.rules.facts import Consented, Contacted, Facts, Proposed
from dialer.rules.hours import instant_at, local_day, zone_exists
from dialer.rules.statutes import CapRule, QuietRule

CONSENT_DAYS = 7  # 12 CFR 1006.14(b)(3)(i): up to seven consecutive days, the day of consent included

Key = Literal["person_and_debt", "person", "number"]


def cap_reached(rule: CapRule, facts: Facts, proposed: Proposed, at: datetime) -> datetime | None:
    """When the cap lifts (UTC), or None if this contact stays within it."""
    if proposed.channel not in rule.applies_to:
        return None
    oldest = since(at, rule.days)
    lately = [c for c in facts.history if oldest < c.at <= at]
    if len(lately) < rule.limit:
        return None
    counted = [c for c in lately if is_counted(c, rule, facts, proposed)]
    if len(counted) < rule.limit or (rule.consent_lifts and consent_holds(facts, proposed, at)):
        return None
    lifts = [
        lift
        for debt in _debts_of(rule.per, proposed)
        for zone in _zones(facts)
        if (lift := _cap_lifts([c.at for c in counted if _counts_for(c.debts, debt)], at, zone, rule))
    ]
    return max(lifts, default=None)


def quiet_until(rule: QuietRule, facts: Facts, proposed: Proposed, at: datetime) -> datetime | None:
    """When the quiet period after a conversation ends (UTC), or None if there is none."""
    oldest, outcomes = since(at, rule.days), rule.outcomes
    talks = [
        c
        for c in facts.history
        if c.outcome in outcomes and oldest < c.at <= at and c.direction in rule.directions and c.channel == "phone"
    ]
    if not talks or proposed.channel not in rule.applies_to:
        return None
    if rule.consent_lifts and consent_holds(facts, proposed, at):
        return None
    lifts = [
        lift
        for debt in _debts_of(rule.per, proposed)
        for talk in talks
        if _counts_for(_talked_about(talk), debt)
        for zone in _zones(facts)
        if (lift := _day_starts(local_day(talk.at, zone) + timedelta(days=rule.days), zone)) > at
    ]
    return max(lifts, default=None)


def since(at: datetime, days: int) -> datetime:
    """Nothing at or before this falls on the last `days` local days, today included: no day is longer than two."""
    return at - _reach(days)


def is_counted(contact: Contacted, rule: CapRule, facts: Facts, proposed: Proposed) -> bool:
    """Whether a contact on record counts under a cap at all, for whatever debt."""
    if contact.direction != "out" or contact.channel not in rule.counts or not contact.connected:
        return False
    if contact.outcome in rule.not_counted or (rule.outcomes and contact.outcome not in rule.outcomes):
        return False
    if rule.per == "person_and_debt" and not contact.counts:
        return False
    if rule.modes and contact.mode is not None and contact.mode not in rule.modes:
        return False
    if rule.per == "number" or rule.at == "elsewhere":
        return contact.number in (None, proposed.number)
    return rule.at == "anywhere" or contact.number not in facts.work_numbers


def consent_holds(facts: Facts, proposed: Proposed, at: datetime) -> bool:
    """Whether the person's own request to be called covers every debt of this call, in every candidate zone."""
    return bool(facts.consents) and all(
        any(_consent_covers(consent, debt, facts, at) for consent in facts.consents)
        for debt in _debts_of("person_and_debt", proposed)
    )


def attempts_on_days(
    attempts: Sequence[Contacted], facts: Facts, at: datetime, days: int, *, at_least: int = 1
) -> int:
    """How many attempts fall on the last `days` local days, today included, in the zone where they are most.

    Where they are fewer than `at_least` anyway they are not counted out: 0 is told then.
    """
    if len(attempts) < at_least:
        return 0
    oldest = since(at, days)
    moments = [attempt.at for attempt in attempts if attempt.at > oldest]
    if len(moments) < at_least:
        return 0
    counts = [len(_on_days(moments, at, zone, days)) for zone in _zones(facts)]
    return max(counts, default=len(moments))


def next_day(facts: Facts, at: datetime, *, days: int = 1) -> datetime:
    """The first instant at which it is `days` days later in every candidate zone (UTC)."""
    starts = [_day_starts(local_day(at, zone) + timedelta(days=days), zone) for zone in _zones(facts)]
    return max(starts, default=at + timedelta(days=days))


def counts_by_debt(facts: Facts, rule: CapRule, proposed: Proposed, at: datetime) -> dict[str, int]:
    """For every debt that was proposed or is on record: how many contacts the cap counts before this one."""
    counted = [c for c in facts.history if c.at <= at and is_counted(c, rule, facts, proposed)]
    on_record = (debt for c in facts.history for debt in (*c.debts, *(c.conversation_debts or ())))
    return {
        debt: attempts_on_days([c for c in counted if _counts_for(c.debts, debt)], facts, at, rule.days)
        for debt in dict.fromkeys((*proposed.debts, *on_record))
    }


def _zones(facts: Facts) -> set[str]:
    return {zone.name for zone in facts.zones if zone_exists(zone.name)}


def _debts_of(per: Key, proposed: Proposed) -> tuple[str | None, ...]:
    return proposed.debts or (None,) if per == "person_and_debt" else (None,)


def _counts_for(debts: tuple[str, ...], debt: str | None) -> bool:
    return debt is None or not debts or debt in debts


def _talked_about(talk: Contacted) -> tuple[str, ...]:
    return talk.debts if talk.conversation_debts is None else talk.conversation_debts


def _on_days(moments: Sequence[datetime], at: datetime, zone: str, days: int) -> list[datetime]:
    """Those of the last `days` local days; the future is not among them."""
    start, end = _span(at, zone, days)
    return [moment for moment in moments if start <= moment < end]


@lru_cache(maxsize=256)
def _reach(days: int) -> timedelta:
    return timedelta(days=days + 1)


@lru_cache(maxsize=4096)
def _span(at: datetime, zone: str, days: int) -> tuple[datetime, datetime]:
    today = local_day(at, zone)
    return _day_starts(today - timedelta(days=days - 1), zone), _day_starts(today + timedelta(days=1), zone)


def _cap_lifts(moments: Sequence[datetime], at: datetime, zone: str, rule: CapRule) -> datetime | None:
    if len(moments) < rule.limit:
        return None
    counted = sorted(_on_days(moments, at, zone, rule.days))
    if len(counted) < rule.limit:
        return None
    # it lifts when the attempt that leaves limit - 1 behind it falls out of the window
    return _day_starts(local_day(counted[-rule.limit], zone) + timedelta(days=rule.days), zone)


def _day_starts(day: date, zone: str) -> datetime:
    return instant_at(day, 0, zone)


def _consent_covers(consent: Consented, debt: str | None, facts: Facts, at: datetime) -> bool:
    elsewhere = bool(consent.debts) and debt not in consent.debts
    if consent.revoked or consent.at > at or elsewhere:
        return False
    if any(_ends(c, consent, debt) for c in facts.history if c.at <= at):
        return False
    return all(_within_consent(consent, local_day(consent.at, z), local_day(at, z)) for z in _zones(facts))


def _ends(contact: Contacted, consent: Consented, debt: str | None) -> bool:
    """A talk about the debt after the consent was given ends it: comment 14(b)(3)(i)-2."""
    talked = contact.outcome == "conversation" and contact.at > consent.at
    return talked and _counts_for(_talked_about(contact), debt)


def _within_consent(consent: Consented, given: date, today: date) -> bool:
    in_time = 0 <= (today - given).days < CONSENT_DAYS
    return in_time and (not consent.valid_on or today in consent.valid_on)
