"""Which values are kept while a call waits: those that were set in it, and those that the way on cannot do without.

All others are forgotten at each wait, and may be anything again: what is proven then holds for more calls than there
can be, and calls that differ in nothing that was set are one state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr_flows import nodes
from ivr_flows.faults.paths import INTERRUPTS, exits_of, waits
from ivr_flows.nodes import AGAIN, Flow, Node
from ivr_flows.turn import DEBT_VALUES
from ivr_flows.variables import copied_name

_OF_A_DEBT = frozenset(DEBT_VALUES)


def lasting(flow: Flow) -> Mapping[str, frozenset[str]]:
    """For each node, the variables that must be kept while a call waits at it."""
    found: dict[str, frozenset[str]] = {name: frozenset(asked_of(node)) for name, node in flow.nodes.items()}
    changed = True
    while changed:
        changed = False
        for name, node in flow.nodes.items():
            more = found[name].union(*(found[to] - lost for to, lost in _ways(flow, node) if to in found))
            changed |= more != found[name]
            found[name] = more
    needed = _needed(flow)
    return {name: kept & needed for name, kept in found.items()}


def _needed(flow: Flow) -> frozenset[str]:
    """What calls set themselves, what is copied into it, and what a check compares with."""
    set_in_calls = {name for name, one in flow.variables.items() if one.from_call}
    copied = {each for node in flow.nodes.values() for text in _texts(node) if (each := copied_name(text))}
    return frozenset(set_in_calls | copied | {"check_kind", "check_value", "minute"})


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Set):
        yield from node.values.values()
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        yield from (text for key in node.keys for text in key.values.values())


def asked_of(node: Node) -> set[str]:
    """The variables on which it depends where a node leads, or that it cannot do without."""
    match node:
        case nodes.Menu() | nodes.Choose() | nodes.Collect():
            return _of_keys(node.keys)
        case nodes.Transfer():
            return _of_keys(node.keys) | {"agents_open"}
        case nodes.Branch():
            return {name for case in node.cases for name in case.when.names}
        case nodes.Verify():
            return {"check_kind", "check_value"}
        case nodes.Message():
            return {"has_mobile"}
        case nodes.Pay():
            return {"has_mobile", *((node.way,) if node.way else ("payment_kind", "payment_code"))}
        case nodes.PayByCard():
            return {"card_open", node.amount}
        case nodes.Promise():
            return {node.amount, node.on}
        case nodes.Callback() if node.at:
            return {node.at, "minute"}
        case nodes.Set():
            return {source for text in node.values.values() if (source := copied_name(text))}
        case _:
            return set()


def _of_keys(keys: tuple[nodes.Key, ...]) -> set[str]:
    asked = {name for key in keys if key.when for name in key.when.names}
    return asked | {source for key in keys for text in key.values.values() if (source := copied_name(text))}


def _ways(flow: Flow, node: Node) -> Iterator[tuple[str, frozenset[str]]]:
    """Where the node leads, with the variables that are set anew on the way."""
    exits = (*exits_of(node), *(INTERRUPTS if waits(node) else ()))
    for target in {flow.exit_of(node, name) for name in exits} - {None, AGAIN}:
        yield str(target), frozenset()
    if isinstance(node, nodes.Branch):
        yield from ((case.to, frozenset()) for case in node.cases)
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        yield from ((key.to, frozenset(key.values)) for key in node.keys)
    if node.next:
        yield node.next, _set_before_next(node)


def _set_before_next(node: Node) -> frozenset[str]:
    match node:
        case nodes.Choose():
            return _OF_A_DEBT
        case nodes.Set():
            return frozenset(node.values)
        case nodes.Collect():
            return frozenset({node.into})
        case _:
            return frozenset()
