"""Which ways of a flow are drawn as lines, and which are only told at the node they leave ("9 → opt out").

A line for every way would be a net: what half of the flow leads to (stop, an agent, goodbye) and what leads back up
is told in words; what remains has no circles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ivr_flows.drawing import edges
from ivr_flows.faults.paths import INTERRUPTS
from ivr_flows.nodes import AGAIN, Flow

ANSWERED = "·answered"  # no node of a flow: where a call begins
ANY_WAIT = "·any wait"  # nor is this: what may happen wherever the call waits
OUTSIDE_NAMES = (ANSWERED, ANY_WAIT)
MOST_LINES = 4  # into one node; beyond it a node is a common goal, and a line to it says nothing


@dataclass(frozen=True, slots=True)
class Way:
    """From one node to another, with everything that takes it: keys, conditions, names of exits (none: always)."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """`lines` have no circle; `jumps` are told in words. `names`: all nodes that are drawn, from the start on."""

    names: tuple[str, ...]
    lines: tuple[Way, ...]
    jumps: tuple[Way, ...]


def ways(flow: Flow) -> Ways:
    """Lines and jumps. The first way to a node, seen from the start, is always a line."""
    leaving: dict[str, list[Way]] = {}
    for way in _all(flow):
        leaving.setdefault(way.source, []).append(way)
    names, first = _from_the_start(leaving)
    names += [name for name in flow.nodes if name not in names]  # nothing leads to these: a fault, yet drawn
    coming = Counter(way.target for each in leaving.values() for way in each)
    back = _leading_back(leaving)
    lines: list[Way] = []
    jumps: list[Way] = []
    for name in names:
        for way in leaving.get(name, ()):
            pair = (way.source, way.target)
            drawn = pair in first or (coming[way.target] <= MOST_LINES and pair not in back)
            (lines if drawn else jumps).append(way)
    return Ways(tuple(names), tuple(lines), tuple(jumps))


def _all(flow: Flow) -> Iterator[Way]:
    """Every way once, its labels gathered; then those that lead in from outside."""
    yield Way(ANSWERED, flow.start, ("",))
    for name in ("machine", "fax"):
        target = flow.nodes[flow.start].exits.get(name) or flow.exits.get(name)
        if target:
            yield Way(ANSWERED, target, (name,))
    gathered: dict[tuple[str, str], list[str]] = {}
    for name in INTERRUPTS:
        if name in flow.exits and name not in ("machine", "fax"):
            gathered.setdefault((ANY_WAIT, flow.exits[name]), []).append(name.replace("_", " "))
    if gathered:
        yield Way(ANSWERED, ANY_WAIT, ("later",))
    for node in flow.nodes.values():
        own = [(name.replace("_", " "), node.exits[name]) for name in INTERRUPTS if name in node.exits]
        for label, target in edges(flow, node) + own:
            if target not in (AGAIN, node.name):
                gathered.setdefault((node.name, target), []).append(label)
    for (source, target), labels in gathered.items():
        yield Way(source, target, tuple(dict.fromkeys(labels)))


def _from_the_start(leaving: dict[str, list[Way]]) -> tuple[list[str], set[tuple[str, str]]]:
    """The nodes in the order of their distance from where calls begin, and the first way to each."""
    names = [ANSWERED]
    first: set[tuple[str, str]] = set()
    seen = {ANSWERED}
    for name in names:  # grows while it is read
        for way in leaving.get(name, ()):
            if way.target not in seen:
                seen.add(way.target)
                names.append(way.target)
                first.add((name, way.target))
    return names, first


def _leading_back(leaving: dict[str, list[Way]]) -> set[tuple[str, str]]:
    """The ways that close a circle, met depth first."""
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in (ANSWERED, *leaving):
        if root in done:
            continue
        trail = [(root, iter(leaving.get(root, ())))]
        above = {root}
        while trail:
            name, rest = trail[-1]
            way = next(rest, None)
            if way is None:
                trail.pop()
                above.discard(name)
                done.add(name)
            elif way.target in above:
                back.add((name, way.target))
            elif way.target not in done:
                above.add(way.target)
                trail.append((way.target, iter(leaving.get(way.target, ()))))
    return back
