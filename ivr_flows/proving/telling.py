"""A counter-example in words: how a call comes to what must not be, step by step, and what is said there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ivr_flows.proving.exploring import Explored, Step, way_to
from ivr_flows.proving.watching import Said, class_of

_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Violation:
    """What a flow does that it must not: the property, where, and a shortest call that comes to it.

    `way` tells that call in words, `path` names the nodes that it enters (none: the words of a node are at fault).
    """

    code: str
    flow: str
    node: str
    what: str
    remedy: str
    way: str = ""
    place: str = ""
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" [{self.place}]" if self.place else ""
        way = f"{self.way}: " if self.way else ""
        return f"{self.code} {self.flow}/{self.node}{where}: {way}{self.what} {self.remedy}"


def way_in_words(explored: Explored, step: Step) -> str:
    """ "answered → 1 → silence ×3 (days_past_due 1)": events in order, with what turned out on the way."""
    words = [_event(each) for each in way_to(explored, step)]
    return " → ".join(f"{word} ×{n}" if (n := len(list(same))) > 1 else word for word, same in groupby(words))


def nodes_on_way(explored: Explored, step: Step) -> tuple[str, ...]:
    """The nodes that the same call enters, in order."""
    return tuple(name for each in way_to(explored, step) for name in each.path)


def _event(step: Step) -> str:
    decided = ", ".join(f"{name} {_value(value)}" for name, value in step.decided)
    return f"{step.happening.words} ({decided})" if decided else step.happening.words


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "given"
    if value is None:
        return "absent"
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def what_is_said(explored: Explored, said: Said) -> str:
    """The words, with the variables in them that are private, and the level of that moment."""
    language = next(each for each, lines in said.lines.items() if lines)
    lines = said.lines[language]
    private = [line for line in lines if any(_class(explored, slot.variable) == "debt" for slot in line.slots)]
    line = (private or list(lines))[0]
    names = sorted({slot.variable for slot in line.slots if _class(explored, slot.variable) == "debt"})
    privacy = f"{', '.join(names)}, class {said.privacy}" if names else f"class {said.privacy}"
    words = line.source if len(line.source) <= _LONGEST else f"{line.source[:_LONGEST]}…"
    verb = "sends" if said.written else "says"
    return f'{verb} "{words}" ({privacy}) at level {said.level}'


def _class(explored: Explored, name: str) -> str:
    return class_of(name, explored.flow.variables)
