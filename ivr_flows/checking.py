"""What is wrong with a flow before anybody is called with it. Values out; nothing is run."""

from __future__ import annotations

from ivr_flows.faults import names, paths, words
from ivr_flows.faults.problem import Problem
from ivr_flows.nodes import Flow

__all__ = ["Problem", "check"]


def check(flow: Flow) -> list[Problem]:
    """Every structural fault, in the order of the file; an empty list means that the flow may be used."""
    found = {*paths.faults(flow), *names.faults(flow), *words.faults(flow)}
    return sorted(found, key=lambda each: (each.line, each.node, each.language, each.message))
