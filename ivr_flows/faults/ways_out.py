"""The ways out that a person has at every question of keys: 0 is a person of the team, 9 is "never call again"."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr_flows import nodes
from ivr_flows.faults.paths import onward
from ivr_flows.faults.problem import Problem, problem
from ivr_flows.nodes import Flow, Node

_WAYS: tuple[tuple[str, str, Callable[[Node], bool]], ...] = (
    ("0", "a person of the team", lambda node: isinstance(node, nodes.Transfer) or _calls_back(node)),
    ("9", "the end of the calls", lambda node: isinstance(node, nodes.OptOut)),
)


def faults(flow: Flow) -> Iterator[Problem]:
    """Every fault of this family."""
    for node in flow.nodes.values():
        if isinstance(node, nodes.Menu | nodes.Choose):
            for key, what, is_it in _WAYS:
                if not _leads(flow, node, key, is_it):
                    yield problem(
                        flow, node, f"Key {key} does not lead to {what}.", f'Add "{key}" to its keys, aloud or not.'
                    )


def _calls_back(node: Node) -> bool:
    return isinstance(node, nodes.Callback) and node.by_agent


def _leads(flow: Flow, menu: nodes.Menu | nodes.Choose, key: str, is_it: Callable[[Node], bool]) -> bool:
    """Whether the key comes to such a node without another menu in between."""
    ahead = {one.to for one in menu.keys if one.key == key}
    seen: set[str] = set()
    while ahead:
        node = flow.nodes[ahead.pop()]
        if is_it(node):
            return True
        seen.add(node.name)
        if not isinstance(node, nodes.Menu | nodes.Choose):
            ahead |= onward(flow, node) - seen
    return False
