"""Where nodes lead: missing and dead exits, nodes nobody reaches, circles in which nothing is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from ivr_flows import nodes
from ivr_flows.faults.problem import Problem, problem
from ivr_flows.nodes import AGAIN, Flow, Node

ASKED = ("silent", "invalid", "too_many")
INTERRUPTS = ("hung_up", "recalled_opted_out", "recalled_nothing_due", "recalled_stopped", "machine", "fax")
_REACHES = 400  # nodes on one path without a wait; beyond it the circle is reported elsewhere


def exits_of(node: Node) -> tuple[str, ...]:
    """The exits that a node of this kind can take, the interruptions of its wait not counted."""
    match node:
        case nodes.Menu() | nodes.Collect():
            return ASKED
        case nodes.Choose():
            return (*ASKED, "none")
        case nodes.Verify():
            return (*ASKED, "refused", "unavailable")
        case nodes.Record():
            return ("silent", "too_many")
        case nodes.Message():
            return ("no_mobile",)
        case nodes.Pay():
            return ("no_mobile", "no_code")
        case nodes.PayByCard():
            return ("failed", "stopped", "unavailable")
        case nodes.Promise():
            return ("too_late",)
        case nodes.Transfer():
            return ("talked", "nobody_free", "closed", "left", "failed", "callback")
        case (
            nodes.Say()
            | nodes.Branch()
            | nodes.Hold()
            | nodes.Callback()
            | nodes.OptOut()
            | nodes.Designate()
            | nodes.WrongPerson()
            | nodes.Voicemail()
            | nodes.Set()
            | nodes.Hangup()
        ):
            return ()
        case _:
            assert_never(node)


def waits(node: Node) -> bool:
    """Whether a call can wait at this node."""
    return isinstance(node, nodes.Asking | nodes.Transfer | nodes.PayByCard)


def onward(flow: Flow, node: Node) -> set[str]:
    """The nodes that may come right after this one, interruptions of its wait not counted."""
    found = {flow.exit_of(node, name) for name in exits_of(node)} | {node.next}
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        found |= {key.to for key in node.keys}
    if isinstance(node, nodes.Branch):
        found |= {case.to for case in node.cases}
    return {name for name in found if name and name != AGAIN}


def faults(flow: Flow) -> Iterator[Problem]:
    """Every fault of this family."""
    for node in flow.nodes.values():
        yield from _missing(flow, node)
        yield from _never_taken(flow, node)
    yield from _dead_interrupts(flow)
    yield from _unreachable(flow)
    yield from _circles(flow)


def _missing(flow: Flow, node: Node) -> Iterator[Problem]:
    for name in (*exits_of(node), *(INTERRUPTS if waits(node) else ())):
        if flow.exit_of(node, name) is None:
            yield problem(flow, node, f"The exit {name!r} is missing.", f"Add {name} to its exits or the flow's.")
    if "too_many" in exits_of(node) and flow.exit_of(node, "too_many") == AGAIN:
        yield problem(flow, node, "The exit 'too_many' asks again.", "Lead it to a node that ends the asking.")


def _never_taken(flow: Flow, node: Node) -> Iterator[Problem]:
    possible = {*exits_of(node), *(INTERRUPTS if waits(node) else ())}
    if node.name == flow.start:
        possible |= {"machine", "fax"}
    for name in sorted(set(node.exits) - possible):
        yield problem(flow, node, f"The exit {name!r} is never taken here.", "Remove it or correct its name.")


def _dead_interrupts(flow: Flow) -> Iterator[Problem]:
    """After a hang-up, a recall or a machine nobody is there to be asked: the way must lead straight to a hangup."""
    seen: set[tuple[str, str]] = set()
    for node in flow.nodes.values():
        if not waits(node):
            continue
        for name in INTERRUPTS:
            target = flow.exit_of(node, name)
            if target and target in flow.nodes and (name, target) not in seen:
                seen.add((name, target))
                if waiting := _first_wait(flow, target):
                    yield problem(
                        flow,
                        flow.nodes[waiting],
                        f"The exit {name!r} leads here, where the call would wait.",
                        "Lead it to nodes that end in a hangup without asking.",
                    )


def _first_wait(flow: Flow, start: str) -> str | None:
    seen: set[str] = set()
    ahead = [start]
    while ahead and len(seen) < _REACHES:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if waits(flow.nodes[name]):
            return name
        ahead += onward(flow, flow.nodes[name])
    return None


def _unreachable(flow: Flow) -> Iterator[Problem]:
    seen: set[str] = set()
    ahead = {flow.start, *(flow.exits[name] for name in ("machine", "fax") if name in flow.exits)}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        node = flow.nodes[name]
        leads = onward(flow, node)
        if waits(node):
            leads |= {target for each in INTERRUPTS if (target := flow.exit_of(node, each))}
        ahead |= leads - seen - {AGAIN}
    for name, node in flow.nodes.items():
        if name not in seen:
            yield problem(flow, node, "Nothing leads to this node.", "Lead something to it or remove it.")


def _circles(flow: Flow) -> Iterator[Problem]:
    """Nodes that can come back to themselves without any wait on the way."""
    for name, node in flow.nodes.items():
        if not waits(node) and _returns(flow, name):
            yield problem(
                flow, node, "The call can come back here without waiting.", "Put a question into the circle."
            )


def _returns(flow: Flow, start: str) -> bool:
    seen: set[str] = set()
    ahead = onward(flow, flow.nodes[start])
    while ahead:
        name = ahead.pop()
        if name == start:
            return True
        seen.add(name)
        if not waits(flow.nodes[name]):
            ahead |= onward(flow, flow.nodes[name]) - seen
    return False
