"""Lasting consents: which ways of contact need one, when it was taken back, whether the number is still theirs."""

from __future__ import annotations

from collections.abc import Iterator

from dialer.rules.checks.case import Case
from dialer.rules.facts import Permitted
from dialer.rules.statutes import PermitRule
from dialer.rules.verdict import Deny


def permits(case: Case) -> Iterator[Deny]:
    """Consents that are taken back, numbers that are somebody else's by now, consents that are missing."""
    proposed, pack = case.proposed, case.pack
    for revoked in pack.revoked if case.facts.permits else ():
        if proposed.mode in revoked.modes and taken_back(case, revoked.permit) and case.in_force(revoked):
            yield case.deny(revoked, "the person has taken the consent to such contact back")
    for asked in pack.reassigned:
        if proposed.mode in asked.modes and proposed.reassigned in asked.answers and case.in_force(asked):
            answer = "may be somebody else's by now" if proposed.reassigned == "yes" else "is not known there"
            yield case.deny(asked, f"by the database of reassigned numbers this number {answer}")
    for rule in pack.permits:
        if _needs(case, rule) and not permitted(case, rule.permit) and case.in_force(rule):
            yield case.deny(rule, f"no consent to {proposed.mode} calls to this line ({case.line}) is on record")


def permitted(case: Case, kind: str) -> bool:
    """Whether a consent of this kind covers the number now."""
    number, at = case.proposed.number, case.at
    return any(one.holds(number, at) for one in case.facts.permits if one.kind == kind)


def taken_back(case: Case, kind: str) -> bool:
    """Whether the person has taken a consent of this kind back and given none since."""
    on_record = _on_record(case, kind)
    ends = [one.revoked_at for one in on_record if one.revoked_at is not None and one.revoked(case.at)]
    if not ends:
        return False
    again = (one.at for one in on_record if one.holds(case.proposed.number, case.at))
    return not any(at is not None and at > max(ends) for at in again)


def _on_record(case: Case, kind: str) -> list[Permitted]:
    return [one for one in case.facts.permits if one.kind == kind and one.covers(case.proposed.number)]


def _needs(case: Case, rule: PermitRule) -> bool:
    mode = case.proposed.mode
    line = "mobile" if case.line == "unknown" and mode in rule.unknown_is_mobile else case.line
    return case.proposed.channel == "phone" and mode in rule.modes and line in rule.lines
