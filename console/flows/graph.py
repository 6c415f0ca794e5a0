"""A flow as a drawing: boxes with their words, curves between them. Numbers and text for an SVG template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from console.catalogues import Texts
from console.flows.telling import kind_of, label_of, title_of, words_of
from ivr_flows import nodes
from ivr_flows.layout.places import Box, Line, laid_out
from ivr_flows.layout.ways import OUTSIDE_NAMES, Way, ways
from ivr_flows.nodes import Flow

WIDTH = 232
PAD = 12
ROW = 16
LETTERS = 32  # in a row of a box, at 12 pixels and the widest of the usual fonts
WORD_ROWS = 3
LABEL_LETTERS = 28
LABEL_ROWS = 3
LABEL_ROW = 13
LETTER = 6.2  # pixels, at 11
_REMEMBERED = 64
_drawn: dict[tuple[str, str, str, str], Drawing] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text in a box, `y` from its upper edge. `style`: title, kind, words or jump."""

    y: float
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Node:
    """A box; `look`: outside, asks, ends or plain. `said` is everything it says, for those who do not see it."""

    box: Box
    look: str
    rows: tuple[Row, ...]
    said: str
    line: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: its SVG course, and its label in rows above the target (none: it is also taken without any reason)."""

    way: Way
    course: str
    labels: tuple[tuple[float, float, str], ...]
    whole: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole flow."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    curves: tuple[Curve, ...]


def drawing(flow: Flow, language: str, say: Texts) -> Drawing:
    """The flow with its words in a language; remembered by revision."""
    key = (flow.name, flow.revision, language, say.language)
    if key not in _drawn:
        while len(_drawn) >= _REMEMBERED:
            _drawn.pop(next(iter(_drawn)))
        _drawn[key] = _draw(flow, language, say)
    return _drawn[key]


def _draw(flow: Flow, language: str, say: Texts) -> Drawing:
    found = ways(flow)
    rows = {name: _rows(flow, name, language, say) for name in found.names}
    for jump in found.jumps:
        text = f"{_labels(jump, say)} → {title_of(jump.target, say)}" if any(jump.labels) else f"→ {jump.target}"
        rows[jump.source] += [(text_row, "jump") for text_row in wrap(text, LETTERS)]
    sizes = {name: (float(WIDTH), 2.0 * PAD + ROW * len(one)) for name, one in rows.items()}
    layout = laid_out(found, sizes)
    boxes = tuple(
        Node(
            box,
            _look(flow, box.name),
            tuple(Row(PAD + ROW * (n + 0.75), text, style) for n, (text, style) in enumerate(rows[box.name])),
            words_of(flow.nodes[box.name], language) if box.name in flow.nodes else "",
            flow.nodes[box.name].line if box.name in flow.nodes else 0,
        )
        for box in layout.boxes
    )
    return Drawing(layout.width, layout.height, boxes, tuple(_curves(layout.lines, say)))


def _rows(flow: Flow, name: str, language: str, say: Texts) -> list[tuple[str, str]]:
    titles = [(text, "title") for text in wrap(title_of(name, say), LETTERS - 3)]
    if name in OUTSIDE_NAMES:
        return titles
    node = flow.nodes[name]
    words = wrap(words_of(node, language), LETTERS, max_lines=WORD_ROWS, placeholder=" …")
    return [*titles, (kind_of(node, say), "kind"), *((text, "words") for text in words)]


def _look(flow: Flow, name: str) -> str:
    if name in OUTSIDE_NAMES:
        return "outside"
    node = flow.nodes[name]
    if isinstance(node, nodes.Hangup):
        return "ends"
    return "asks" if isinstance(node, nodes.Asking | nodes.Transfer | nodes.PayByCard) else "plain"


def _labels(way: Way, say: Texts) -> str:
    return ", ".join(label_of(label, say) for label in way.labels if label)


def _curves(lines: Sequence[Line], say: Texts) -> Iterator[Curve]:
    """The curves; labels that would run into each other at one box stand one above the other."""
    taken: dict[str, list[tuple[float, float, int]]] = defaultdict(list)  # by target: from, to, rows up from the box
    for line in sorted(lines, key=lambda one: (one.way.target, one.points[-1][0])):
        whole = _labels(line.way, say)
        rows = wrap(whole, LABEL_LETTERS, max_lines=LABEL_ROWS, placeholder=" …") if all(line.way.labels) else []
        x, y = line.points[-1]
        half = max((len(row) for row in rows), default=0) * LETTER / 2 + LETTER
        beside = [up for start, end, up in taken[line.way.target] if x - half < end and start < x + half]
        up = max(beside, default=0)
        taken[line.way.target].append((x - half, x + half, up + len(rows)))
        labels = tuple((x, y - 8 - LABEL_ROW * (up + len(rows) - 1 - n), row) for n, row in enumerate(rows))
        yield Curve(line.way, _course(line.points), labels, whole)


def _course(points: Sequence[tuple[float, float]]) -> str:
    course = [f"M{points[0][0]:.0f} {points[0][1]:.0f}"]
    for n, ((x0, y0), (x, y)) in enumerate(pairwise(points)):
        if n % 2 == 0:  # past or through a layer: straight down
            course.append(f"V{y:.0f}")
        else:
            middle = (y0 + y) / 2
            course.append(f"C{x0:.0f} {middle:.0f} {x:.0f} {middle:.0f} {x:.0f} {y:.0f}")
    return " ".join(course)
