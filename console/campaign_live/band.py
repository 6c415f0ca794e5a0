"""The funnel as a band that narrows: pieces of a drawing, one a step. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

HEIGHT = 48.0  # in the units of the drawing; a piece is 100 wide
LEAST = 1.5  # what is not nothing is seen


def pieces(counts: Sequence[int]) -> list[str]:
    """For each step the points of a trapezium from its height to the next one's; the first step is the whole."""
    whole = counts[0]
    heights = [_height(count, whole) for count in counts]
    return [_piece(left, right) for left, right in pairwise([*heights, heights[-1]])]


def shares(counts: Sequence[int]) -> list[float | None]:
    """Each step as a share of the first, from 0 to 1; None for the first itself, or where there is nothing."""
    return [None, *(count / counts[0] if counts[0] else None for count in counts[1:])]


def _height(count: int, whole: int) -> float:
    return max(LEAST, min(HEIGHT, HEIGHT * count / whole)) if whole and count else 0.0


def _piece(left: float, right: float) -> str:
    middle = HEIGHT / 2
    corners = ((0, middle - left / 2), (100, middle - right / 2), (100, middle + right / 2), (0, middle + left / 2))
    return " ".join(f"{x},{y:.1f}" for x, y in corners)
