"""How often a person may be contacted: caps over calendar days, quiet periods, and the campaign's own limits.

Days are those at the person's place; with several candidate zones, the one that counts most decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dialer.rules.facts import Consented, Contacted, Facts, Proposed
from dialer.rules.packs import CapRule, QuietRule

CONSENT_DAYS = 7  # 12 CFR 1006.14(b)(3)(i): up to seven consecutive days, the day of consent included


def cap_reached(rule: CapRule, facts: Facts, proposed: Proposed, at: datetime) -> datetime | None:
    """When the cap lifts (UTC), or None if this contact stays within it."""
    if proposed.channel not in rule.applies_to or (rule.consent_lifts and consent_holds(facts, proposed, at)):
        return None
    oldest = at - timedelta(days=rule.days + 1)
    counted = [c for c in facts.history if oldest < c.at <= at and _is_counted(c, rule)]
    lifts = [
        lift
        for debt in _keys(rule.per, proposed)
        for zone in _zones(facts)
        if (lift := _cap_lifts((c.at for c in counted if _counts_for(c.debts, debt)), at, zone, rule))
    ]
    return max(lifts, default=None)


def quiet_until(rule: QuietRule, facts: Facts, proposed: Proposed, at: datetime) -> datetime | None:
    """When the quiet period after a conversation ends (UTC), or None if there is none."""
    if proposed.channel not in rule.applies_to or (rule.consent_lifts and consent_holds(facts, proposed, at)):
        return None
    talks = [
        c
        for c in facts.history
        if c.outcome in rule.outcomes and c.direction in rule.directions and c.channel == "phone" and c.at <= at
    ]
    lifts = [
        lift
        for debt in _keys(rule.per, proposed)
        for talk in talks
        if _counts_for(_talked_about(talk), debt)
        for zone in _zones(facts)
        if (lift := _day_starts(local_day(talk.at, zone) + timedelta(days=rule.days), zone)) > at
    ]
    return max(lifts, default=None)


def consent_holds(facts: Facts, proposed: Proposed, at: datetime) -> bool:
    """Whether the person's own request to be called covers every debt of this call, in every candidate zone."""
    return all(
        any(_consent_covers(consent, debt, facts, at) for consent in facts.consents)
        for debt in _keys("person_and_debt", proposed)
    )


def attempts_on_days(attempts: Iterable[Contacted], facts: Facts, at: datetime, days: int) -> int:
    """How many attempts fall on the last `days` local days, today included, in the zone where they are most."""
    oldest = at - timedelta(days=days + 1)  # a local day is never longer than that
    moments = [attempt.at for attempt in attempts if attempt.at > oldest]
    return max((_on_days(moments, local_day(at, zone), zone, days) for zone in _zones(facts)), default=len(moments))


def next_day(facts: Facts, at: datetime, *, days: int = 1) -> datetime:
    """The first instant at which it is `days` days later in every candidate zone (UTC)."""
    starts = [_day_starts(local_day(at, zone) + timedelta(days=days), zone) for zone in _zones(facts)]
    return max(starts, default=at + timedelta(days=days))


def local_day(instant: datetime, zone: str) -> date:
    """The calendar date there."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _is_counted(contact: Contacted, rule: CapRule) -> bool:
    return contact.direction == "out" and contact.channel in rule.counts and contact.outcome not in rule.not_counted


def _zones(facts: Facts) -> set[str]:
    return {zone.name for zone in facts.zones}


def _keys(per: Literal["person_and_debt", "person"], proposed: Proposed) -> tuple[str | None, ...]:
    return proposed.debts or (None,) if per == "person_and_debt" else (None,)


def _counts_for(debts: tuple[str, ...], debt: str | None) -> bool:
    return debt is None or not debts or debt in debts


def _talked_about(talk: Contacted) -> tuple[str, ...]:
    return talk.debts if talk.conversation_debts is None else talk.conversation_debts


def _on_days(moments: list[datetime], today: date, zone: str, days: int) -> int:
    return sum(0 <= (today - local_day(moment, zone)).days < days for moment in moments)


def _cap_lifts(moments: Iterable[datetime], at: datetime, zone: str, rule: CapRule) -> datetime | None:
    today = local_day(at, zone)
    first = today - timedelta(days=rule.days - 1)
    days = sorted(day for moment in moments if first <= (day := local_day(moment, zone)) <= today)
    if len(days) < rule.limit:
        return None
    # it lifts when the attempt that leaves limit - 1 behind it falls out of the window
    return _day_starts(days[-rule.limit] + timedelta(days=rule.days), zone)


def _day_starts(day: date, zone: str) -> datetime:
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def _consent_covers(consent: Consented, debt: str | None, facts: Facts, at: datetime) -> bool:
    elsewhere = bool(consent.debts) and debt not in consent.debts
    if consent.revoked or consent.at > at or elsewhere:
        return False
    if any(c.outcome == "conversation" and consent.at < c.at <= at for c in facts.history):
        return False
    return all(_within_consent(consent, local_day(consent.at, z), local_day(at, z)) for z in _zones(facts))


def _within_consent(consent: Consented, given: date, today: date) -> bool:
    in_time = 0 <= (today - given).days < CONSENT_DAYS
    return in_time and (not consent.valid_on or today in consent.valid_on)
