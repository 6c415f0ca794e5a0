"""The one gate: may this person be contacted, in this way, at this instant? A refusal is a value.

Order: hard bars, consents and opt-outs, hours in every candidate place, frequency, content, campaign limits.
The first rule that fails decides. Whatever is unknown refuses. Nothing may reach a carrier around it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dialer.rules.checks.bars import HARD_BARS, HOUSE_BARS, REPLY_PASSES, SOFT_BARS, hard_bars, soft_bars
from dialer.rules.checks.case import Case, case_of
from dialer.rules.checks.conduct import content, rate_advisories, rates
from dialer.rules.checks.counting import advisories, campaign_limits, frequency, notices
from dialer.rules.checks.opening import designations, hours, place
from dialer.rules.checks.permits import permits
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
from dialer.rules.packs import Packs
from dialer.rules.verdict import HOUSE, Allow, Decision, Deny, digest

__all__ = [
    "AUTOMATED_MODES",
    "HARD_BARS",
    "HOUSE",
    "HOUSE_BARS",
    "NO_LIMITS",
    "REPLY_PASSES",
    "REPLY_WITHIN",
    "SOFT_BARS",
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
    "digest",
]

REPLY_WITHIN = timedelta(hours=24)


def decide(facts: Facts, proposed: Proposed, packs: Packs, now: datetime) -> Decision:
    """Whether this contact may be made at `proposed.at` (at `now`, if that has passed). Times must be aware."""
    if proposed.at.utcoffset() is None or now.utcoffset() is None:
        raise ValueError(f"proposed.at {proposed.at} or now {now} has no time zone; pass aware times")
    at = max(proposed.at, now).astimezone(UTC)
    if fault := packs.broken.get(proposed.country):
        return Deny("PACK_BROKEN", fault, HOUSE)  # unlike NO_PACK it ends no contact: it is mended
    pack = packs.find(proposed.country)
    if pack is None:
        reason = f"no rule pack for {proposed.country}: nobody there may be contacted until one is written"
        return Deny("NO_PACK", reason, HOUSE)
    case = case_of(facts, proposed, packs, pack=pack, at=at, reply=_is_reply(facts, proposed, at))
    failed = _denials(case)
    if not failed:
        return Allow(pack.id, (*advisories(case), *rate_advisories(case)))
    also = tuple(dict.fromkeys(other.rule for other in failed if other.rule != failed[0].rule))
    return replace(failed[0], also=also) if also else failed[0]


def _denials(case: Case) -> list[Deny]:
    failed = [*hard_bars(case), *soft_bars(case), *permits(case), *place(case)]
    if case.reply:  # asked for by the person: neither hours nor caps are counted against it
        return [*failed, *content(case)]
    failed += [*hours(case), *designations(case), *notices(case), *frequency(case), *content(case), *rates(case)]
    failed += [case.deny_by_house(bar.rule, bar.reason, bar.until) for bar in case.proposed.limits.bars]
    return [*failed, *campaign_limits(case)]


def _is_reply(facts: Facts, proposed: Proposed, at: datetime) -> bool:
    """One reply answers one message or call, by the same medium; what is asked for in a talk may follow it as text.

    Without anything to reply to it is judged like any other contact: comment 6(b)(1)-2 of 12 CFR 1006.
    """
    if proposed.mode != "reply":
        return False
    recent = [c for c in facts.history if timedelta(0) <= at - c.at <= REPLY_WITHIN]
    asked = [c.at for c in recent if c.direction == "in" and c.channel == proposed.channel]
    answered = [c.at for c in recent if c.direction == "out" and c.channel == proposed.channel]
    first_answer = bool(asked) and not any(at >= max(asked) for at in answered)
    talked = proposed.channel != "phone" and any(
        c.channel == "phone" and (c.direction == "in" or c.outcome == "conversation") for c in recent
    )
    return facts.live_attempt or first_answer or talked
