"""Hard bars and what a person, a creditor or a list has stopped. What they mean in a country its pack says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dialer.rules.checks.case import Case
from dialer.rules.facts import AUTOMATED_MODES, PersonRole, Suppressed, SuppressionKind
from dialer.rules.statutes import BarKind, ListRule
from dialer.rules.verdict import Deny

HARD_BARS: tuple[SuppressionKind, ...] = ("withdrawn", "deceased", "lawyer", "insolvency", "cease", "dispute")
SOFT_BARS: tuple[SuppressionKind, ...] = ("opt_out", "wrong_person", "do_not_call", "already_paid", "promise")
HOUSE_BARS: dict[BarKind, tuple[str, str]] = {
    "withdrawn": ("WITHDRAWN", "the creditor has withdrawn the case from collection"),
    "deceased": ("DECEASED", "the person is recorded as deceased"),
    "lawyer": ("LAWYER", "the person is represented by a lawyer"),
    "insolvency": ("INSOLVENCY", "an insolvency proceeding is open"),
    "cease": ("CEASE", "the person has refused further contact in writing"),
    "dispute": ("DISPUTED", "the debt is disputed and people have not looked at it yet"),
    "opt_out": ("OPT_OUT", "the person has opted out of this kind of contact"),
    "medium_opt_out": ("OPT_OUT", "the person has asked not to be contacted by this medium"),
    "wrong_person": ("WRONG_PERSON", "this number does not reach the person"),
    "do_not_call": ("DO_NOT_CALL", "the number is on a do-not-call list"),
    "already_paid": ("ALREADY_PAID", "the person says that it is paid; the payment is being checked"),
    "promise": ("PROMISED", "the person has promised to pay and the date has not passed"),
    "workplace": ("WORKPLACE", "the employer does not allow such contact at work"),
    "designation": ("INCONVENIENT", "the person has named this time or place as inconvenient"),
    "third_party": ("THIRD_PARTY", "nothing is said of a debt to anybody but the person"),
}
# What a reply to the person's own request may pass; bars on the case itself still hold.
REPLY_PASSES: frozenset[SuppressionKind] = frozenset({"opt_out", "promise", "already_paid"})
# The person's own bars, which do not bind contact with a lawyer, creditor or agency.
PERSONAL: frozenset[SuppressionKind] = frozenset({"lawyer", "cease", "opt_out", "promise"})
# Letters that end the matter, or say which remedy is taken, may follow a refusal: 12 CFR 1006.6(c)(2).
AFTER_REFUSAL = frozenset(
    {"efforts_terminated", "specified_remedy", "remedy_notice", "intends_remedy", "may_invoke_remedy"}
)
PARTIES: frozenset[PersonRole] = frozenset({"consumer", "spouse", "parent_of_minor", "guardian", "executor"})


def hard_bars(case: Case) -> Iterator[Deny]:
    """What stands against any contact about the case, or with this person, or at this place."""
    if case.facts.live_attempt and case.proposed.channel == "phone":
        yield case.deny_by_house("LIVE_ATTEMPT", "a call to this person is under way or its outcome is unknown")
    if not case.facts.debts_due:
        yield case.deny_by_house("NOTHING_DUE", "no debt of the person is due")
    yield from _suppressions(case, HARD_BARS)
    if _is_third_party(case):
        yield bar_denial(case, "third_party")
    if case.facts.employer_prohibits and case.place == "work":
        yield bar_denial(case, "workplace")


def soft_bars(case: Case) -> Iterator[Deny]:
    """What the person has ended or postponed, and the lists on which the number stands."""
    return _suppressions(case, SOFT_BARS)


def bar_denial(case: Case, kind: BarKind, until: datetime | None = None) -> Deny:
    """The refusal for a bar of this kind: the pack's own rule if it has one."""
    code, reason = HOUSE_BARS[kind]
    rule = case.pack.bars.get(kind)
    if rule is not None and case.in_force(rule):
        return case.deny(rule, reason, until)
    return case.deny_by_house(code, reason, until)


def _is_third_party(case: Case) -> bool:
    role = case.proposed.person_role
    asks_where = role == "third_party_location_information" and case.pack.location_information
    return role not in PARTIES and not case.with_adviser and not asks_where


def _suppressions(case: Case, kinds: Sequence[SuppressionKind]) -> Iterator[Deny]:
    applying = [bar for bar in case.facts.suppressions if bar.kind in kinds and _applies(bar, case)]
    for kind in kinds if applying else ():
        found = [bar for bar in applying if bar.kind == kind]
        for named in _by_name(case, kind, found):
            ends = [bar.until for bar in named[1]]
            until = None if None in ends else max(end for end in ends if end)
            rule = named[0]
            words = f"the number is on the do-not-call list {rule.list_name}" if isinstance(rule, ListRule) else ""
            yield case.deny(rule, words, until) if isinstance(rule, ListRule) else bar_denial(case, rule, until)


def _by_name(
    case: Case, kind: SuppressionKind, found: list[Suppressed]
) -> list[tuple[BarKind | ListRule, list[Suppressed]]]:
    """The bars of one kind by the rule that they come under; those of a list that does not bind are left out."""
    groups: dict[str, tuple[BarKind | ListRule, list[Suppressed]]] = {}
    for bar in found:
        rule = _rule_of(case, kind, bar)
        if isinstance(rule, ListRule) and not _list_binds(case, rule, bar):
            continue
        groups.setdefault(rule.code if isinstance(rule, ListRule) else rule, (rule, []))[1].append(bar)
    return list(groups.values())


def _rule_of(case: Case, kind: SuppressionKind, bar: Suppressed) -> BarKind | ListRule:
    if kind == "opt_out" and bar.channel is not None and not bar.automated_only:
        return "medium_opt_out"
    if kind == "do_not_call" and bar.list_name is not None:
        return next((rule for rule in case.pack.lists if rule.list_name == bar.list_name), kind)
    return kind


def _list_binds(case: Case, rule: ListRule, bar: Suppressed) -> bool:
    entered = bar.since
    waited = entered is None or case.at >= entered + timedelta(days=rule.wait_days)
    return rule.binds and waited and case.in_force(rule)


def _applies(bar: Suppressed, case: Case) -> bool:
    proposed = case.proposed
    in_scope = bar.number in (None, proposed.number) and bar.channel in (None, proposed.channel)
    about = not bar.debts or not proposed.debts or any(debt in bar.debts for debt in proposed.debts)
    return (
        in_scope
        and about
        and bar.holds(case.at)
        and not _passes(bar, case)
        and (not bar.automated_only or proposed.mode in AUTOMATED_MODES)
    )


def _passes(bar: Suppressed, case: Case) -> bool:
    proposed = case.proposed
    return (
        (case.reply and bar.kind in REPLY_PASSES)
        or (proposed.about_promise and bar.kind == "promise")
        or (case.with_adviser and bar.kind in PERSONAL)
        or (bar.kind == "cease" and proposed.content.action in AFTER_REFUSAL)
    )
