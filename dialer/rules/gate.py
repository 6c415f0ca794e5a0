"""The one gate: may this person be contacted, in this way, at this instant? A refusal is a value.

Order: hard bars, opt-outs and other suppression, hours in every candidate place, frequency, campaign limits.
The first rule that fails decides. Whatever is unknown refuses. Nothing may reach a carrier around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dialer.rules.facts import (
    AUTOMATED_MODES,
    NO_LIMITS,
    Channel,
    Consented,
    Contacted,
    ContactOutcome,
    Facts,
    Limits,
    Mode,
    Proposed,
    Suppressed,
    SuppressionKind,
    Zone,
)
from dialer.rules.frequency import attempts_on_days, cap_reached, consent_holds, next_day, quiet_until
from dialer.rules.hours import Calendar, OpenHours, all_open, has_calendar, next_common_opening
from dialer.rules.packs import HoursRule, Pack, Packs, Rule

__all__ = [
    "AUTOMATED_MODES",
    "NO_LIMITS",
    "Allow",
    "Channel",
    "Consented",
    "ContactOutcome",
    "Contacted",
    "Decision",
    "Deny",
    "Facts",
    "Limits",
    "Mode",
    "Proposed",
    "Suppressed",
    "SuppressionKind",
    "Zone",
    "decide",
]


@dataclass(frozen=True, slots=True)
class Allow:
    """Yes, under this pack ("us@2026.1"). Advisories are codes worth showing; they bind nobody."""

    pack: str
    advisories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deny:
    """No: the rule's code, the reason in words, where it stands written, and when this block lifts (if it does).

    `also`: the codes of the other rules that failed too, in order.
    """

    rule: str
    reason: str
    citation: str
    until: datetime | None = None
    pack: str = ""
    also: tuple[str, ...] = ()


Decision = Allow | Deny

HOUSE = "house rule"
HARD_BARS: tuple[SuppressionKind, ...] = ("withdrawn", "deceased", "lawyer", "insolvency", "cease", "dispute")
SOFT_BARS: tuple[SuppressionKind, ...] = ("opt_out", "wrong_person", "do_not_call", "already_paid", "promise")
HOUSE_BARS: dict[SuppressionKind, tuple[str, str]] = {
    "withdrawn": ("WITHDRAWN", "the creditor has withdrawn the case from collection"),
    "deceased": ("DECEASED", "the person is recorded as deceased"),
    "lawyer": ("LAWYER", "the person is represented by a lawyer"),
    "insolvency": ("INSOLVENCY", "an insolvency proceeding is open"),
    "cease": ("CEASE", "the person has refused further contact in writing"),
    "dispute": ("DISPUTED", "the debt is disputed and people have not looked at it yet"),
    "opt_out": ("OPT_OUT", "the person has opted out of this kind of contact"),
    "wrong_person": ("WRONG_PERSON", "this number does not reach the person"),
    "do_not_call": ("DO_NOT_CALL", "the number is on a do-not-call list"),
    "already_paid": ("ALREADY_PAID", "the person says that it is paid; the payment is being checked"),
    "promise": ("PROMISED", "the person has promised to pay and the date has not passed"),
}
# What a reply to the person's own request may pass; bars on the case itself still hold.
REPLY_PASSES: frozenset[SuppressionKind] = frozenset({"opt_out", "promise", "already_paid"})
REPLY_WITHIN = timedelta(hours=24)
ATTENTION_CALLS = 6  # comment 14(b)(2)(i)-2.i: six of seven calls on one day may rebut the presumption of compliance


def decide(facts: Facts, proposed: Proposed, packs: Packs, now: datetime) -> Decision:
    """Whether this contact may be made at `proposed.at` (at `now`, if that has passed). Times must be aware."""
    for name, instant in (("proposed.at", proposed.at), ("now", now)):
        if instant.tzinfo is None or instant.utcoffset() is None:
            raise ValueError(f"{name} {instant.isoformat()} has no time zone; pass an aware time")
    at = max(proposed.at, now).astimezone(UTC)
    pack = packs.find(proposed.country)
    if fault := packs.broken.get(proposed.country):
        return Deny("PACK_BROKEN", fault, HOUSE)
    if pack is None:
        reason = f"no rule pack for {proposed.country}: nobody there may be contacted until one is written"
        return Deny("NO_PACK", reason, HOUSE)
    for denial in _denials(_Case(facts, proposed, pack, at, _is_reply(facts, proposed, at))):
        return denial
    return Allow(pack.id, tuple(_advisories(facts, proposed, at)))


@dataclass(frozen=True, slots=True)
class _Case:
    facts: Facts
    proposed: Proposed
    pack: Pack
    at: datetime
    reply: bool

    def deny(self, rule: Rule, reason: str, until: datetime | None = None) -> Deny:
        return Deny(rule.code, reason, rule.citation, until, self.pack.id)

    def deny_by_house(self, code: str, reason: str, until: datetime | None = None) -> Deny:
        return Deny(code, reason, HOUSE, until, self.pack.id)


def _denials(case: _Case) -> Iterator[Deny]:
    yield from _hard_bars(case)
    yield from _suppressions(case, SOFT_BARS)
    yield from _place(case)
    if case.reply:  # asked for by the person: neither hours nor caps are counted against it
        return
    yield from _hours(case)
    yield from _frequency(case)
    for bar in case.proposed.limits.bars:
        yield case.deny_by_house(bar.rule, bar.reason, bar.until)
    yield from _campaign_limits(case)


def _is_reply(facts: Facts, proposed: Proposed, at: datetime) -> bool:
    """A reply needs a contact to reply to; without one it is judged like any other message."""
    recent = (c for c in facts.history if timedelta(0) <= at - c.at <= REPLY_WITHIN)
    asked = facts.live_attempt or any(c.direction == "in" or c.outcome == "conversation" for c in recent)
    return proposed.mode == "reply" and asked


def _hard_bars(case: _Case) -> Iterator[Deny]:
    if case.facts.live_attempt and case.proposed.channel == "phone":
        yield case.deny_by_house("LIVE_ATTEMPT", "a call to this person is under way or its outcome is unknown")
    if not case.facts.debts_due:
        yield case.deny_by_house("NOTHING_DUE", "no debt of the person is due")
    yield from _suppressions(case, HARD_BARS)


def _suppressions(case: _Case, kinds: tuple[SuppressionKind, ...]) -> Iterator[Deny]:
    for kind in kinds:
        bars = [bar for bar in case.facts.suppressions if bar.kind == kind and _applies(bar, case)]
        if bars:
            ends = [bar.until for bar in bars]
            yield _bar_denial(case, kind, None if None in ends else max(end for end in ends if end))


def _applies(bar: Suppressed, case: _Case) -> bool:
    proposed = case.proposed
    in_scope = bar.number in (None, proposed.number) and bar.channel in (None, proposed.channel)
    passes = (case.reply and bar.kind in REPLY_PASSES) or (proposed.about_promise and bar.kind == "promise")
    return (
        in_scope
        and bar.holds(case.at)
        and not passes
        and (not bar.automated_only or proposed.mode in AUTOMATED_MODES)
    )


def _bar_denial(case: _Case, kind: SuppressionKind, until: datetime | None) -> Deny:
    code, reason = HOUSE_BARS[kind]
    rule = case.pack.bars.get(kind)
    return case.deny(rule, reason, until) if rule else case.deny_by_house(code, reason, until)


def _place(case: _Case) -> Iterator[Deny]:
    if case.proposed.channel == "letter":
        return
    unknown = [zone.name for zone in case.facts.zones if not _zone_exists(zone.name)]
    if unknown or not case.facts.zones:
        what = f"zones {', '.join(unknown)} do not exist" if unknown else "nothing tells where the person is"
        yield case.deny_by_house("PLACE_UNKNOWN", f"{what}, so the local time is not known; add an address or a zone")


def _hours(case: _Case) -> Iterator[Deny]:
    proposed = case.proposed
    ring = timedelta(
        seconds=(proposed.ring_seconds or 0) + proposed.delay_seconds if proposed.channel == "phone" else 0
    )
    places = [
        (rule, OpenHours(zone.name, rule.open, calendar if rule.holidays == "closed" else None))
        for rule, calendar in _hours_rules(case)
        for zone in case.facts.zones
        if case.proposed.channel in rule.channels
    ]
    legal = [place for _, place in places]
    for rule, place in places:
        if not all_open([place], case.at, ring):
            local = case.at.astimezone(ZoneInfo(place.zone))
            reason = f"{local:%a %Y-%m-%d %H:%M:%S} in {place.zone} is outside the hours allowed there"
            yield case.deny(rule, reason, next_common_opening(legal, case.at, ring))
    chosen = case.proposed.limits.hours
    own = [OpenHours(zone.name, chosen) for zone in case.facts.zones] if chosen is not None else []
    if not all_open(own, case.at, ring):
        reason = "outside the hours chosen for the campaign"
        yield case.deny_by_house("CAMPAIGN_HOURS", reason, next_common_opening([*legal, *own], case.at, ring))


def _hours_rules(case: _Case) -> list[tuple[HoursRule, Calendar]]:
    """The hours rule and holidays of every candidate region; the strict rule where a region is not known."""
    pack, today = case.pack, case.at.date()
    regions = [code for code in case.facts.regions if code.startswith(f"{pack.country}-")]
    return [_regional_hours(pack, code, today) for code in regions or [""]]


def _regional_hours(pack: Pack, code: str, today: date) -> tuple[HoursRule, Calendar]:
    subdivision = code.removeprefix(f"{pack.country}-")
    if not has_calendar(pack.country, subdivision):
        return pack.hours_without_region or pack.hours, Calendar(pack.country)
    own = pack.regions[code].hours if code in pack.regions else None
    rule = own if own and pack.in_force(own, today) else pack.hours
    return rule, Calendar(pack.country, subdivision)


def _frequency(case: _Case) -> Iterator[Deny]:
    pack, today = case.pack, case.at.date()
    caps = [
        *pack.caps,
        *(cap for code in case.facts.regions if code in pack.regions for cap in pack.regions[code].caps),
    ]
    for cap in caps:
        if pack.in_force(cap, today) and (lifts := cap_reached(cap, case.facts, case.proposed, case.at)):
            reason = f"{cap.limit} contacts in {cap.days} calendar days at the person's place are on record"
            yield case.deny(cap, reason, lifts)
    for quiet in pack.quiet:
        if pack.in_force(quiet, today) and (ends := quiet_until(quiet, case.facts, case.proposed, case.at)):
            reason = f"a conversation took place less than {quiet.days} calendar days ago"
            yield case.deny(quiet, reason, ends)


def _campaign_limits(case: _Case) -> Iterator[Deny]:
    """Our own limits. A call at a time that was asked for is not held back by them (the law's caps still hold it)."""
    if case.proposed.asked_for:
        return
    limits, facts, at = case.proposed.limits, case.facts, case.at
    same = [c for c in facts.history if c.direction == "out" and c.channel == case.proposed.channel and c.at <= at]
    talks = [c for c in facts.history if c.direction == "in" and c.outcome == "conversation" and c.at <= at]
    free = max((c.at + limits.person_gap for c in [*same, *talks]), default=at)  # who has just called us is spared
    if free > at:
        yield case.deny_by_house("PERSON_GAP", f"less than {limits.person_gap} since the last attempt or talk", free)
    mine = [c for c in same if None in (c.campaign, case.proposed.campaign) or c.campaign == case.proposed.campaign]
    if limits.attempts_total is not None and len(mine) >= limits.attempts_total:
        yield case.deny_by_house("CAMPAIGN_TOTAL", f"all {limits.attempts_total} attempts of the campaign are used")
    for code, limit, days in (
        ("CAMPAIGN_DAY", limits.attempts_per_day, 1),
        ("CAMPAIGN_WEEK", limits.attempts_per_week, 7),
    ):
        if limit is not None and attempts_on_days(mine, facts, at, days) >= limit:
            reason = f"the campaign's {limit} attempts in {days} day(s) are used"
            yield case.deny_by_house(code, reason, _room_again(mine, case, limit, days))


def _room_again(attempts: list[Contacted], case: _Case, limit: int, days: int) -> datetime | None:
    """The first local midnight at which fewer than `limit` attempts are left in the window."""
    for ahead in range(1, days + 1):
        moment = next_day(case.facts, case.at, days=ahead)
        if attempts_on_days(attempts, case.facts, moment, days) < limit:
            return moment
    return None


def _advisories(facts: Facts, proposed: Proposed, at: datetime) -> Iterator[str]:
    calls = [c for c in facts.history if c.direction == "out" and c.channel == "phone" and c.at <= at]
    if proposed.channel == "phone" and attempts_on_days(calls, facts, at, 1) + 1 >= ATTENTION_CALLS:
        yield "FREQ_CONCENTRATION"
    if facts.consents and consent_holds(facts, proposed, at):
        yield "CONSENT"


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
