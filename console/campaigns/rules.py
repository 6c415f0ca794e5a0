"""What a rule that holds people back says in plain words, and where it stands written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from console.catalogues import Texts
from dialer.rules.packs import Pack, Packs
from dialer.rules.statutes import Rule

# Codes of our own and kinds of the packs' rules -> the words. What stands here is translated.
WORDS = {
    "hours": "outside the hours that the law allows there",
    "CAMPAIGN_HOURS": "outside the hours chosen for the campaign",
    "cap": "as many contacts as the law allows were made lately",
    "quiet": "they talked with us a few days ago, and are left alone for a while",
    "notice": "the written notice must be sent first, and some days must pass",
    "permit": "they have not agreed to be called in this way",
    "list": "their number stands on a do-not-call list",
    "limit": "a limit on how many calls may go wrong is near",
    "redial": "the number was called a short time ago without anybody on the line",
    "reassigned": "the number may belong to somebody else by now",
    "flow": "the law asks the call for something that this flow does not do",
    "PERSON_GAP": "they were called a short time ago",
    "CAMPAIGN_DAY": "called as often today as the campaign allows",
    "CAMPAIGN_WEEK": "called as often this week as the campaign allows",
    "CAMPAIGN_TOTAL": "called as often as the campaign allows at all",
    "LIVE_ATTEMPT": "they are on another call at this moment",
    "NO_NUMBER": "there is no number that may be called",
    "NO_PACK": "no rules are on file for their country",
    "PACK_BROKEN": "the rules of their country cannot be read",
    "PLACE_UNKNOWN": "it is not known where they are, so neither what time it is there",
    "OPT_OUT": "they asked not to be called",
    "CEASE": "they asked in writing not to be contacted",
    "WRONG_PERSON": "the number belongs to somebody else",
    "THIRD_PARTY": "the number belongs to somebody else",
    "DECEASED": "the person has died",
    "LAWYER": "a lawyer speaks for them",
    "INSOLVENCY": "they are insolvent, and the law protects them",
    "DISPUTED": "they dispute the debt, and nobody has answered yet",
    "ALREADY_PAID": "they say that they have paid, and nobody has checked yet",
    "PROMISED": "they have promised to pay, and the day is not over",
    "NOTHING_DUE": "they owe nothing now",
    "WITHDRAWN": "the creditor has withdrawn the debt",
    "CONSENT": "they have taken back what they had agreed to",
    "DO_NOT_CALL": "their number stands on a do-not-call list",
    "WORKPLACE": "the number is at their work, and may not be called",
    "INCONVENIENT": "they named this time or place as inconvenient",
    "AGGREGATE": "called as often as all campaigns together may",
    "LADDER_TOO_EARLY": "the debt is too young for this flow",
    "LADDER_TOO_LATE": "the debt is too old for this flow",
    "LADDER_BEHIND": "a later step than this flow's was taken already",
    "VARIABLE_MISSING": "the list does not say something that the flow needs",
    "FLOW_NOT_PROVEN": "the flow is not proven for where they are",
    "CALLER_ID_CAP": "every number that may be shown to them was shown as often as its day allows",
    "NO_CALLER_ID": "there is no number that may be shown to them",
}
BARS = {  # kinds of a pack's bars -> the word above
    "opt_out": "OPT_OUT", "cease": "CEASE", "wrong_person": "WRONG_PERSON", "deceased": "DECEASED",
    "lawyer": "LAWYER", "insolvency": "INSOLVENCY", "disputed": "DISPUTED", "workplace": "WORKPLACE",
    "designation": "INCONVENIENT", "third_party": "THIRD_PARTY", "medium_opt_out": "OPT_OUT",
    "already_paid": "ALREADY_PAID",
    "withdrawn": "WITHDRAWN", "promise": "PROMISED", "dispute": "DISPUTED", "do_not_call": "DO_NOT_CALL",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A rule and how many it holds back. `citation` and `link` are empty for a rule of our own."""

    code: str
    words: str
    people: int
    citation: str = ""
    link: str = ""
    country: str = ""


def rule_words(say: Texts, code: str, reason: str) -> str:
    """The words for a code of our own; else the reason as the act gave it."""
    return say(WORDS[code]) if code in WORDS else say.told(reason) or code


def held_back(say: Texts, packs: Packs, by_rule: dict[str, int], reasons: dict[str, str]) -> list[Held]:
    """Every rule with its words and citation, the one that holds most people back first."""
    known = _known(packs)
    found: list[Held] = []
    for code, people in sorted(by_rule.items(), key=lambda one: (-one[1], one[0])):
        kind, rule, country = known.get(code, ("", None, ""))
        words = rule_words(say, kind or code, reasons.get(code, ""))
        citation, link = (rule.citation, rule.link) if rule is not None else ("", "")
        found.append(Held(code, words, people, citation, link, country))
    return found


def _known(packs: Packs) -> dict[str, tuple[str, Rule | None, str]]:
    """Code -> the kind of rule, the rule, and the name of its country."""
    return {rule.code: (kind, rule, pack.name) for pack in packs.by_country.values() for kind, rule in _rules(pack)}


def _rules(pack: Pack) -> Iterator[tuple[str, Rule]]:
    for hours in (pack.hours_without_region, pack.hours, *(one.hours for one in pack.regions.values())):
        if hours is not None:
            yield "hours", hours
    for part in (pack, *pack.regions.values()):
        yield from (("cap", one) for one in part.caps)
        yield from (("quiet", one) for one in part.quiet)
        yield from (("notice", one) for one in part.notices)
    yield from (("list", one) for one in pack.lists)
    yield from (("permit", one) for one in (*pack.permits, *pack.revoked))
    yield from (("reassigned", one) for one in pack.reassigned)
    yield from (("redial", one) for one in pack.redials)
    yield from (("limit", one) for one in (*pack.abandoned, pack.short_calls, pack.volume) if one is not None)
    yield from ((BARS.get(kind, ""), one) for kind, one in pack.bars.items())
