"""F1: nothing gives a debt away before the level is reached. F14: what the law wants said is said before details."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.proving import phrasing
from ivr_flows.proving.case import Case
from ivr_flows.proving.telling import Violation, what_is_said
from ivr_flows.proving.watching import Said


def nothing_too_early(case: Case) -> Iterator[Violation]:
    """F1, in every turn: words, messages and acts of class debt, and public words that betray one all the same."""
    needs = f"It needs level {case.asked.level}."
    for step in case.steps:
        for said in (each for each in step.said if not each.reached):
            if said.privacy == "debt":
                words = f"{what_is_said(case.explored, said)}. {needs}"
                yield case.violation("F1", step, words, "Put a verify node before it.", node=said.node)
            elif case.flow.inbound and said.privacy == "identity" and not _asks_who(case, said):
                words = f"{what_is_said(case.explored, said)}, to a caller who may be anybody."
                yield case.violation("F1", step, words, "Use public variables before a check.", node=said.node)
            elif betrayed := _betrayed(said):
                words = f'{what_is_said(case.explored, said)}: "{betrayed}" gives a debt away. {needs}'
                remedy = "Use other words, or put a verify node before it."
                yield case.violation("F1", step, words, remedy, node=said.node)
        for node in dict.fromkeys(node for node, reached in step.acts if not reached):
            what = f"keeps or sends something of class debt at a lower level. {needs}"
            yield case.violation("F1", step, what, "Put a verify node before it.", node=node)


def disclosed_first(case: Case) -> Iterator[Violation]:
    """F14: the place's disclosures come before any detail of a debt that is late, in the language of the call."""
    if not case.asked.disclosures:
        return
    for step in case.steps:
        if said := next((each for each in step.said if _is_detail(each)), None):
            what = f"{what_is_said(case.explored, said)} before the disclosures that {case.asked.place} asks for."
            remedy = "Say them right after the check, in every language."
            yield case.violation("F14", step, what, remedy, node=said.node)


def _is_detail(said: Said) -> bool:
    return said.privacy == "debt" and not said.discloses and not said.marks & {"disclosed", "nothing late"}


def _asks_who(case: Case, said: Said) -> bool:
    return isinstance(case.flow.nodes.get(said.node), nodes.Verify)


def _betrayed(said: Said) -> str | None:
    found = (phrasing.found_in(words, "gives_away", each) for each, words in said.fixed.items())
    return next((phrase for phrase in found if phrase), None)
