"""Flows as pictures: a Mermaid flowchart and a tree of text. Reads a flow; changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.faults.paths import exits_of
from ivr_flows.nodes import AGAIN, Flow, Node

_SHAPES = {
    "Menu": ("{{", "}}"),
    "Choose": ("{{", "}}"),
    "Verify": ("{{", "}}"),
    "Collect": ("{{", "}}"),
    "Record": ("{{", "}}"),
    "Branch": ("{", "}"),
    "Hangup": ("([", "])"),
    "Transfer": ("[[", "]]"),
    "PayByCard": ("[[", "]]"),
}


def edges(flow: Flow, node: Node) -> list[tuple[str, str]]:
    """Where a node leads: (label, node), keys first, then conditions, then exits, then the plain way on."""
    found: list[tuple[str, str]] = []
    if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
        found += [(key.key, key.to) for key in node.keys]
    if isinstance(node, nodes.Branch):
        found += [(case.when.text, case.to) for case in node.cases]
    for name in exits_of(node):
        target = flow.exit_of(node, name)
        if target and target != AGAIN:
            found.append((name.replace("_", " "), target))
    if node.next:
        found.append(("else" if isinstance(node, nodes.Branch) else "", node.next))
    return found


def mermaid(flow: Flow) -> str:
    """The flow as a Mermaid flowchart; machine and fax lead from the start."""
    lines = ["flowchart TD"]
    for node in flow.nodes.values():
        left, right = _SHAPES.get(type(node).__name__, ("[", "]"))
        lines.append(f'  {_id(node.name)}{left}"{node.name}<br/><i>{_kind(node)}</i>"{right}')
    for node in flow.nodes.values():
        for label, target in edges(flow, node):
            arrow = f'-- "{_plain(label)}" -->' if label else "-->"
            lines.append(f"  {_id(node.name)} {arrow} {_id(target)}")
    for name in ("machine", "fax"):
        if verdict := flow.exits.get(name):
            lines.append(f'  {_id(flow.start)} -. "{name}" .-> {_id(verdict)}')
    return "\n".join(lines) + "\n"


def _kind(node: Node) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()


def _id(name: str) -> str:
    return f"n_{name}"  # "end" and the like are words of Mermaid


def _plain(label: str) -> str:
    return label.replace('"', "'").replace("*", "#42;").replace("<", "#lt;").replace(">", "#gt;")


def tree(flow: Flow) -> str:
    """The flow as an indented tree, each node in full once and by its name with an arrow after that."""
    lines = [f"{flow.title} ({flow.name}, {', '.join(flow.languages)})"]
    seen: set[str] = set()
    lines += _branch(flow, flow.start, "", "", seen)
    for name in ("machine", "fax"):
        if verdict := flow.exits.get(name):
            lines += _branch(flow, verdict, f"{name}: ", "", seen)
    return "\n".join(lines) + "\n"


def _branch(flow: Flow, name: str, label: str, indent: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        yield f"{indent}{label}→ {name}"
        return
    seen.add(name)
    node = flow.nodes[name]
    yield f"{indent}{label}{name} ({_kind(node)})"
    for way, target in edges(flow, node):
        yield from _branch(flow, target, f"{way}: " if way else "", indent + "  ", seen)
