"""A YAML document whose every value knows its file and line. Knows nothing of flows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import yaml

from ivr_flows.errors import FlowInvalid

T = TypeVar("T", bound=str)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where libyaml is there


@dataclass(frozen=True, slots=True)
class Marked:
    """One value of a YAML document. Every reading method raises FlowInvalid when the value is of another form."""

    node: yaml.Node
    source: str

    @property
    def line(self) -> int:
        """The line of the value in its file, from 1."""
        return int(self.node.start_mark.line) + 1

    def fail(self, what: str) -> NoReturn:
        """Refuse this value."""
        raise FlowInvalid(what, source=self.source, line=self.line)

    def text(self) -> str:
        """The value as text."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("Expected text here; put the words in quotes on this line.")
        return str(self.node.value)

    def integer(self, *, signed: bool = False) -> int:
        """The value as a whole number of zero or more; below zero only if `signed`."""
        text = self.text()
        if not text.isascii() or not (text[1:] if signed and text.startswith("-") else text).isdigit():
            self.fail(f"Expected a whole number, not {text!r}; write digits only.")
        return int(text)

    def flag(self) -> bool:
        """The value as true or false."""
        text = self.text()
        if text not in ("true", "false"):
            self.fail(f"Expected true or false, not {text!r}.")
        return text == "true"

    def one_of(self, allowed: Collection[T]) -> T:
        """The value as one of some words."""
        text = self.text()
        for word in allowed:
            if word == text:
                return word
        self.fail(f"{text!r} is not known here; use one of {', '.join(allowed)}.")

    def is_text(self) -> bool:
        """Whether this is a scalar."""
        return isinstance(self.node, yaml.ScalarNode)

    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def each(self) -> Iterator[Marked]:
        """The values of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("Expected a list here; write [a, b] or one `- item` a line.")
        return (Marked(child, self.source) for child in self.node.value)

    def entries(self) -> dict[str, Marked]:
        """Key to value; a key given twice is refused."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("Expected `name: value` pairs here.")
        found: dict[str, Marked] = {}
        for key_node, value_node in self.node.value:
            key = Marked(key_node, self.source)
            if key.text() in found:
                key.fail(f"{key.text()!r} is given twice; remove one of the two.")
            found[key.text()] = Marked(value_node, self.source)
        return found

    def fields(self, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, Marked]:
        """The entries, refusing unknown names and missing required ones."""
        found = self.entries()
        for name, value in found.items():
            if name not in allowed:
                value.fail(f"{name!r} is not known here; use one of {', '.join(sorted(allowed))}.")
        for name in required:
            if name not in found:
                self.fail(f"{name!r} is missing; add it.")
        return found


def compose(text: str, source: str) -> Marked:
    """Parse YAML text; FlowInvalid names the line where it stops being YAML."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "unreadable"
        line = int(mark.line) + 1 if mark is not None else 1
        raise FlowInvalid(f"This is not YAML ({problem}); correct the line.", source=source, line=line) from None
    if node is None:
        raise FlowInvalid("The file is empty; write a flow.", source=source, line=1)
    return Marked(node, source)
