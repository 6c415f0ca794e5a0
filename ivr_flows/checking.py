"""What is wrong with a flow before anybody is called with it. Values out; nothing is run."""

from __future__ import annotations

from ivr_flows.faults import disclosing, names, paths, ways_out, words
from ivr_flows.faults.problem import Problem
from ivr_flows.nodes import Flow

__all__ = ["Problem", "check"]


def check(flow: Flow) -> list[Problem]:
    """Every structural fault, in the order of the file; an empty list means that the flow may be used."""
    families = (paths, names, words, disclosing, ways_out)
    found = {fault for family in families for fault in family.faults(flow)}
    return sorted(found, key=lambda each: (each.line, each.node, each.language, each.message))
