"""How calls are made and what they would say: words, notices, documents, ringing, and the rates of a campaign."""

from __future__ import annotations

from collections.abc import Iterator

from dialer.rules import wording
from dialer.rules.checks.bars import bar_denial
from dialer.rules.checks.case import Case
from dialer.rules.checks.counting import GUARANTEED
from dialer.rules.facts import Meters, Mode, Proposed
from dialer.rules.statutes import AbandonRule, RingRule, ShortCallsRule, WordsRule
from dialer.rules.verdict import Deny

# Nobody is left waiting for an agent.
WITHOUT_WAITING: frozenset[Mode] = GUARANTEED | {
    "reply",
    "voicemail_drop",
    "text",
}
BUREAU_LISTING = "bureau_listing"


def content(case: Case) -> Iterator[Deny]:
    """What would be said, shown or done, as far as it is known before."""
    said = case.proposed.content
    if said.discloses_debt_before_identity:
        yield bar_denial(case, "third_party")
    if _was_asked_where(case):
        yield bar_denial(case, "third_party")
    yield from _words(case)
    if said.recording_notice is False:
        for rule in case.ground.recordings:
            if rule.wanted == "required" and rule.notice:
                yield case.deny(rule, "the call is recorded there by law, and nothing tells the person so")
    yield from _papers(case)
    ring = case.pack.ring
    if ring is not None and _is_short(ring, case.proposed) and case.in_force(ring):
        yield case.deny(ring, f"it would ring for less than {ring.seconds} seconds")


def rates(case: Case) -> Iterator[Deny]:
    """Campaign and originator: abandoned, short and unauthenticated calls."""
    if case.proposed.channel != "phone":
        return
    meters, pack = case.proposed.meters, case.pack
    for rule in pack.abandoned:
        if case.proposed.mode not in WITHOUT_WAITING and _too_many(rule, meters) and case.in_force(rule):
            yield case.deny(rule, f"{rule.percent:g} % of the answered calls were abandoned, or more")
    short = pack.short_calls
    if short is not None and _originates_too_many(short, meters) and case.in_force(short):
        reason = (
            f"more than {short.calls_a_day} calls today, {short.percent:g} % of them short, or not known to be fewer"
        )
        yield case.deny(short, reason)
    volume = pack.volume
    too_many = volume is not None and (meters.calls_month or 0) > volume.calls_a_month and not meters.authenticated
    if volume is not None and too_many and case.in_force(volume):
        yield case.deny(volume, f"more than {volume.calls_a_month} calls this month without authentication")


def rate_advisories(case: Case) -> Iterator[str]:
    """Rates that would block at a greater volume."""
    short, meters = case.pack.short_calls, case.proposed.meters
    calls = meters.calls_today or 0
    if short is None or not 0 < calls <= short.calls_a_day:
        return
    if (meters.short_calls_today or 0) * 100 >= short.percent * calls:
        yield short.code


def _papers(case: Case) -> Iterator[Deny]:
    said, shows, bureau = case.proposed.content, case.pack.documents, case.pack.bureau_notice
    if shows is not None and said.document is not None and case.in_force(shows):
        lacks = [part for part in shows.shows if part not in said.document]
        if lacks:
            yield case.deny(shows, f"the document does not show the supplier's {', '.join(lacks)}")
    if bureau and said.action == BUREAU_LISTING and not said.prior_written_notice and case.in_force(bureau):
        yield case.deny(bureau, "the person was not told in writing before the entry with a credit bureau")


def _was_asked_where(case: Case) -> bool:
    """Where somebody is may be asked of a third person once: 15 USC 1692b(3)."""
    return case.proposed.person_role == "third_party_location_information" and any(
        c.outcome == "conversation" and c.at <= case.at for c in case.facts.history
    )


def _words(case: Case) -> Iterator[Deny]:
    text = case.proposed.content.text
    for rule in case.ground.words:
        if case.proposed.mode not in rule.modes or case.proposed.channel not in rule.channels:
            continue
        if text is None and not rule.words_needed:
            continue
        if fault := _fault(rule, text):
            yield case.deny(rule, fault)


def _fault(rule: WordsRule, text: str | None) -> str | None:
    if text is None:
        return "what would be said is not known, and only certain words may be"
    match rule.form:
        case "limited":
            return wording.fault_in_limited(text)
        case "contact_only":
            return wording.fault_in_contact_only(text)
        case "opt_out_line":
            return None if wording.offers_opt_out(text) else "the message does not say how to end such messages"


def _is_short(rule: RingRule, proposed: Proposed) -> bool:
    """Whether it would ring too shortly, as far as that is told."""
    if proposed.channel != "phone" or proposed.mode in ("voicemail_drop", "reply"):
        return False
    told = proposed.ring_seconds is not None or proposed.rings is not None
    long_enough = (proposed.ring_seconds or 0) >= rule.seconds
    rings_enough = rule.rings is not None and (proposed.rings or 0) >= rule.rings
    only_rings = proposed.ring_seconds is None and rule.rings is None
    return told and not (long_enough or rings_enough or only_rings)


def _too_many(rule: AbandonRule, meters: Meters) -> bool:
    day = (meters.abandoned_24h, meters.live_answers_24h)
    month = (meters.abandoned_30d, meters.live_answers_30d)
    abandoned, answered = day if rule.meter == "24h" and day[0] is not None else month
    if not abandoned:
        return False
    share, limit = abandoned * 100, rule.percent * (answered or 0)
    return share > limit or (rule.at_limit == "blocks" and share >= limit)


def _originates_too_many(rule: ShortCallsRule, meters: Meters) -> bool:
    calls = meters.calls_today or 0
    if calls <= rule.calls_a_day:
        return False
    # a count of shorter calls only, or none at all, cannot show that the share is lawful
    counted = meters.short_calls_today is not None and (meters.short_def_seconds or 0) >= rule.short_seconds
    return not counted or (meters.short_calls_today or 0) * 100 >= rule.percent * calls
