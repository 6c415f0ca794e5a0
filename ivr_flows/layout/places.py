"""Layers to places: how far right and down each node stands, and the course of each line. Pixels; pure.

Nodes of a layer keep their order and their distance, and stand as near as that allows to the middle of what they are
joined to: least squares with distances kept, which is isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr_flows.layout.layers import Layers, layered
from ivr_flows.layout.ways import Way, Ways

ASIDE = 28  # between neighbours of a layer
BEND_WIDTH = 18
BELOW = 64  # between layers: room for the labels and the curves
MARGIN = 16
ROUNDS = 24
HOLD = 0.98  # drawn a little to the middle: rows that contradict each other would push one another ever further
STRAIGHT = 4.0  # a bend holds its line straight more firmly than a node stands in the middle


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node stands: its upper left corner, and how large it is."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A way and its course: points from the lower edge of one box to the upper edge of the other.

    From the first to the second it goes straight down, to the third in a curve, and so on in turn.
    """

    way: Way
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """All boxes and lines; nothing lies outside of `width` and `height`."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def laid_out(ways: Ways, sizes: Mapping[str, tuple[float, float]]) -> Layout:
    """The places of all nodes, whose (width, height) is given."""
    layers = layered(ways.names, ways.lines)
    widths = [sizes[name][0] if name else float(BEND_WIDTH) for name in layers.names]
    middles = _middles(layers, widths)
    tops = _tops(layers, sizes)
    left = min(x - widths[spot] / 2 for spot, x in enumerate(middles)) - MARGIN
    boxes = tuple(
        Box(name, middles[spot] - left - sizes[name][0] / 2, tops[layers.layer[spot]][0], *sizes[name])
        for spot, name in enumerate(layers.names)
        if name
    )
    by_name = {box.name: box for box in boxes}
    lines = tuple(
        Line(way, _course(layers, layers.chains[way.source, way.target], by_name, [x - left for x in middles], tops))
        for way in ways.lines
    )
    width = max(x + widths[spot] / 2 for spot, x in enumerate(middles)) - left + MARGIN
    return Layout(width, max(box.y + box.height for box in boxes) + MARGIN, boxes, lines)


def _tops(layers: Layers, sizes: Mapping[str, tuple[float, float]]) -> list[tuple[float, float]]:
    """The upper and the lower edge of each layer: as high as its highest node."""
    found, y = [], float(MARGIN)
    for row in layers.rows:
        height = max((sizes[layers.names[spot]][1] for spot in row if layers.names[spot]), default=0.0)
        found.append((y, y + height))
        y += height + BELOW
    return found


def _middles(layers: Layers, widths: Sequence[float]) -> list[float]:
    """How far right the middle of each spot is."""
    middles = [0.0] * len(widths)
    offsets = [_offsets(row, widths) for row in layers.rows]
    for turn in range(ROUNDS):
        down = turn % 2 == 0
        near = layers.above if down else layers.below
        rows = list(zip(layers.rows, offsets, strict=True))
        for row, offset in rows if down else reversed(rows):
            wanted = [HOLD * _mean([middles[other] for other in near.get(spot, ())], middles[spot]) for spot in row]
            weights = [1.0 if layers.names[spot] else STRAIGHT for spot in row]
            for spot, middle in zip(row, _settled(wanted, weights, offset), strict=True):
                middles[spot] = middle
    return middles


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _offsets(row: Sequence[int], widths: Sequence[float]) -> list[float]:
    """How far right of the first spot of a row the others stand at least."""
    found, at = [], 0.0
    for n, spot in enumerate(row):
        at += (widths[row[n - 1]] + widths[spot]) / 2 + ASIDE if n else 0.0
        found.append(at)
    return found


def _settled(wanted: Sequence[float], weights: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """The places of a row's spots, as near to where they are wanted as their order and widths allow."""
    pools: list[tuple[float, float, int]] = []  # value, weight, how many
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        pool = (want - offset, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            value, heavy, count = pools.pop()
            total = heavy + pool[1]
            pool = ((value * heavy + pool[0] * pool[1]) / total, total, count + pool[2])
        pools.append(pool)
    values = [value for value, _weight, count in pools for _ in range(count)]
    return [value + offset for value, offset in zip(values, offsets, strict=True)]


def _course(
    layers: Layers,
    chain: Sequence[int],
    boxes: Mapping[str, Box],
    middles: Sequence[float],
    tops: Sequence[tuple[float, float]],
) -> tuple[tuple[float, float], ...]:
    """Out of the middle of a box and straight down past its neighbours, then from layer to layer, into the other box
    beside its other lines. Every other pair of points, from the first on, stands one above the other."""
    source, target = boxes[layers.names[chain[0]]], boxes[layers.names[chain[-1]]]
    points = [(middles[chain[0]], source.y + source.height), (middles[chain[0]], tops[layers.layer[chain[0]]][1])]
    for spot in chain[1:-1]:
        top, bottom = tops[layers.layer[spot]]
        points += [(middles[spot], top), (middles[spot], bottom)]
    coming = sorted(layers.above[chain[-1]], key=lambda spot: middles[spot])
    share = (coming.index(chain[-2]) + 1) / (len(coming) + 1)
    points.append((target.x + target.width * share, target.y))
    return tuple(points)
