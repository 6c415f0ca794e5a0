"""A drawn flow: every way is there once, nothing lies upon anything else, and it reads from top to bottom."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from flow_calls import flow_of
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows.drawing import edges
from ivr_flows.layout.layers import layered
from ivr_flows.layout.places import ASIDE, Box, Layout, laid_out
from ivr_flows.layout.ways import ANSWERED, ANY_WAIT, MOST_LINES, OUTSIDE_NAMES, Way, Ways, ways
from ivr_flows.loading import library, load

SIZE = (200.0, 80.0)


def drawn(found: Ways) -> Layout:
    return laid_out(found, {name: SIZE for name in found.names})


def nothing_overlaps(layout: Layout) -> bool:
    rows: dict[float, list[Box]] = {}
    for box in layout.boxes:
        rows.setdefault(box.y, []).append(box)
    bands = sorted((y, max(box.y + box.height for box in row)) for y, row in rows.items())
    apart = all(bottom < top for (_, bottom), (top, _) in pairwise(bands))
    for row in rows.values():
        row.sort(key=lambda box: box.x)
        apart = apart and all(left.x + left.width + ASIDE <= right.x + 0.01 for left, right in pairwise(row))
    return apart


@pytest.mark.parametrize("name", library())
def test_every_way_of_a_flow_is_a_line_or_told_once(name: str) -> None:
    flow = load(name)
    found = ways(flow)
    assert sorted(found.names) == sorted([*flow.nodes, *OUTSIDE_NAMES])
    told = Counter((way.source, label, way.target) for way in found.lines + found.jumps for label in way.labels)
    wanted = {
        (node.name, label, target) for node in flow.nodes.values() for label, target in edges(flow, node)
        if target != node.name
    }  # fmt: skip
    assert wanted <= told.keys()
    assert set(told.values()) == {1}
    into = Counter(way.target for way in found.lines)
    assert all(into[one] >= 1 for one in flow.nodes), "every node hangs on a line"
    assert max(into.values()) <= MOST_LINES


@pytest.mark.parametrize("name", library())
def test_a_flow_reads_from_top_to_bottom(name: str) -> None:
    layout = drawn(ways(load(name)))
    boxes = {box.name: box for box in layout.boxes}
    assert nothing_overlaps(layout)
    for line in layout.lines:
        upper, lower = boxes[line.way.source], boxes[line.way.target]
        (x0, y0), (x1, y1) = line.points[0], line.points[-1]
        assert y0 == upper.y + upper.height
        assert upper.x < x0 < upper.x + upper.width
        assert y1 == lower.y
        assert lower.x < x1 < lower.x + lower.width
        assert [y for _, y in line.points] == sorted(y for _, y in line.points)
    assert boxes[ANSWERED].y < min(box.y for box in layout.boxes if box.name != ANSWERED)
    assert all(box.x >= 0 and box.x + box.width <= layout.width for box in layout.boxes)


def test_what_calls_lead_back_to_is_told_and_not_drawn() -> None:
    flow = flow_of(
        '  first: {kind: menu, prompt: {en-US: "One."}, keys: {"1": second, "2": bye}}\n'
        '  second: {kind: menu, prompt: {en-US: "Two."}, keys: {"1": first}}'
    )
    found = ways(flow)
    assert Way("second", "first", ("1",)) in found.jumps
    assert Way("first", "second", ("1",)) in found.lines
    assert Way(ANY_WAIT, "bye", ("hung up",)) in found.lines + found.jumps


@st.composite
def dags(draw: st.DrawFn) -> Ways:
    count = draw(st.integers(1, 14))
    names = tuple(f"n{n}" for n in range(count))
    pairs = [(a, b) for b in range(count) for a in range(b)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []
    return Ways(names, tuple(Way(names[a], names[b], ("1",)) for a, b in chosen), ())


@given(dags())
@settings(max_examples=60, deadline=None)
def test_whatever_has_no_circle_is_laid_out(found: Ways) -> None:
    layout = drawn(found)
    assert nothing_overlaps(layout)
    assert {box.name for box in layout.boxes} == set(found.names)
    assert layout.width < (len(found.names) + 2 * len(found.lines) + 2) * (SIZE[0] + 4 * ASIDE)
    y = {box.name: box.y for box in layout.boxes}
    assert all(y[line.way.source] < y[line.way.target] for line in layout.lines)


def test_a_circle_of_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        layered(["a", "b"], [Way("a", "b", ()), Way("b", "a", ())])
