"""Nodes in layers from top to bottom, and their order in each layer so that few lines cross.

A line over several layers gets a bend in each layer between (a `Spot` without a node). Pure.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ivr_flows.layout.ways import Way

SWEEPS = 16  # down and up again; the order hardly changes after ten


@dataclass(slots=True)
class Layers:
    """Spots by number. `rows`: the spots of each layer, from left to right; `chains`: the spots of each line."""

    names: list[str] = field(default_factory=list)  # by spot; "" for a bend
    layer: list[int] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    chains: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    above: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    below: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, layer: int) -> int:
        """A new spot at the end of a layer; its number."""
        self.names.append(name)
        self.layer.append(layer)
        while len(self.rows) <= layer:
            self.rows.append([])
        spot = len(self.names) - 1
        self.rows[layer].append(spot)
        return spot


def layered(names: Sequence[str], lines: Sequence[Way]) -> Layers:
    """Each node one layer below the lowest that leads to it, and the layers in good order."""
    depth = _depths(names, lines)
    made = Layers()
    order = _depth_first(names, lines)
    spots = {name: made.add(name, depth[name]) for name in order}
    rank = {name: n for n, name in enumerate(order)}
    for line in sorted(lines, key=lambda one: (rank[one.source], rank[one.target])):
        chain = [spots[line.source]]
        for layer in range(depth[line.source] + 1, depth[line.target]):
            chain.append(made.add("", layer))
        chain.append(spots[line.target])
        made.chains[line.source, line.target] = chain
        for upper, lower in pairwise(chain):
            made.below[upper].append(lower)
            made.above[lower].append(upper)
    _put_in_order(made)
    return made


def _depths(names: Sequence[str], lines: Sequence[Way]) -> dict[str, int]:
    """The longest way to each node, in lines. ValueError if the lines go in a circle."""
    depth = dict.fromkeys(names, 0)
    coming = dict.fromkeys(names, 0)
    leaving: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        coming[line.target] += 1
        leaving[line.source].append(line.target)
    ready = [name for name in names if not coming[name]]
    for name in ready:  # grows while it is read
        for target in leaving[name]:
            depth[target] = max(depth[target], depth[name] + 1)
            coming[target] -= 1
            if not coming[target]:
                ready.append(target)
    if len(ready) < len(depth):
        raise ValueError("The lines go in a circle; leave one of them out.")
    return depth


def _depth_first(names: Sequence[str], lines: Sequence[Way]) -> list[str]:
    """The names so that what belongs together stands together: the order to begin with."""
    leaving: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        leaving[line.source].append(line.target)
    found: dict[str, None] = {}
    ahead = list(reversed(names))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found[name] = None
            ahead += reversed(leaving[name])
    return list(found)


def _put_in_order(made: Layers) -> None:
    """Barycentres, downwards and upwards in turn; the order with the fewest crossings stays."""
    best, fewest = [list(row) for row in made.rows], _crossings(made)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        rows = made.rows[1:] if down else made.rows[-2::-1]
        places = {spot: n for row in made.rows for n, spot in enumerate(row)}
        for row in rows:
            _sort(row, made.above if down else made.below, places)
        crossings = _crossings(made)
        if crossings < fewest:
            best, fewest = [list(row) for row in made.rows], crossings
    made.rows[:] = best


def _sort(row: list[int], neighbours: dict[int, list[int]], places: dict[int, int]) -> None:
    """By the mean place of the neighbours; who has none keeps the place."""
    wanted = {
        spot: sum(places[other] for other in near) / len(near) if (near := neighbours.get(spot)) else float(n)
        for n, spot in enumerate(row)
    }
    row.sort(key=lambda spot: wanted[spot])
    places |= {spot: n for n, spot in enumerate(row)}


def _crossings(made: Layers) -> int:
    """How often lines cross between neighbouring layers."""
    places = {spot: n for row in made.rows for n, spot in enumerate(row)}
    total = 0
    for row in made.rows:
        ends: list[int] = []
        for spot in row:
            lower = sorted(places[other] for other in made.below.get(spot, ()))
            total += sum(len(ends) - bisect_right(ends, place) for place in lower)
            for place in lower:
                insort(ends, place)
    return total
