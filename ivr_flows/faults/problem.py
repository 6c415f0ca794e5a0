"""One fault of a flow, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from ivr_flows.nodes import Flow, Node


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do. `node` is empty for the flow as a whole, `language` for every one."""

    flow: str
    node: str
    language: str
    message: str
    remedy: str
    line: int = 0

    def __str__(self) -> str:
        place = " ".join(word for word in (self.flow, self.node, self.language) if word)
        return f"{place}: {self.message} {self.remedy}"


def problem(flow: Flow, node: Node | None, message: str, remedy: str, *, language: str = "") -> Problem:
    """A problem of a node, or of the flow."""
    return Problem(flow.name, node.name if node else "", language, message, remedy, node.line if node else 0)
