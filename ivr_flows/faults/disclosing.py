"""Disclosure, proven on the flow: no way leads to words about a debt before a check was passed.

In a flow for calls that come in, nothing about anybody is reachable before it either: the caller may be anyone.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.faults.names import texts_of
from ivr_flows.faults.paths import INTERRUPTS, onward, waits
from ivr_flows.faults.problem import Problem, problem
from ivr_flows.nodes import AGAIN, Flow, Node
from ivr_flows.phrases import spoken_prompts
from ivr_flows.templating import highest
from ivr_flows.turn import Privacy


def faults(flow: Flow) -> Iterator[Problem]:
    """Every fault of this family."""
    for name in _before_a_check(flow):
        node = flow.nodes[name]
        given_away = _given_away(flow, node)
        if given_away == "debt":
            yield problem(
                flow, node, "A debt is given away before any check.", "Lead to it only through a verify node."
            )
        elif given_away == "identity" and flow.inbound and not isinstance(node, nodes.Verify):
            yield problem(
                flow,
                node,
                "A caller who may be anybody hears who is on record.",
                "Use public variables before a check.",
            )


def _before_a_check(flow: Flow) -> set[str]:
    """The nodes that a call can come to without having passed a check."""
    seen: set[str] = set()
    ahead = {flow.start, *(flow.exits[name] for name in ("machine", "fax") if name in flow.exits)}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= _unchecked_ways(flow, flow.nodes[name]) - seen
    return seen


def _unchecked_ways(flow: Flow, node: Node) -> set[str]:
    leads = onward(flow, node)
    if isinstance(node, nodes.Verify):
        left = {flow.exit_of(node, name) for name in ("silent", "invalid", "too_many", "refused", "unavailable")}
        leads = {name for name in left if name}
    if waits(node):
        leads |= {target for each in INTERRUPTS if (target := flow.exit_of(node, each))}
    return leads - {AGAIN}


def _given_away(flow: Flow, node: Node) -> Privacy:
    """The highest class of what a node says, sends, or keeps."""
    if isinstance(node, nodes.Pay | nodes.PayByCard | nodes.Promise | nodes.Hold):
        return "debt"
    found: list[Privacy] = ["public", node.privacy]
    for prompt in (*spoken_prompts(node), *texts_of(node)):
        slots = {slot.variable for lines in prompt.values() for line in lines for slot in line.slots}
        found += [flow.variables[name].privacy for name in slots if name in flow.variables]
    return highest(*found)
