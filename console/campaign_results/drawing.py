"""Results as drawings: lines over days, hours by weekday, a funnel a row. Pure: values to points and levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.campaign_live.band import pieces

WIDE, HIGH = 600, 80  # of a drawing, in its own units: it is stretched to its place
FEW = 5  # a share of fewer calls than this tells little
LEVELS = 6
FIRST_HOUR, LAST_HOUR = 8, 20  # at least these are shown
STEPS = ("dialed", "answered", "human", "right_party", "promised")


@dataclass(frozen=True, slots=True)
class Line:
    """A figure over days: `points` of the line, `dots` of single days (x, y), the highest value, and the last one."""

    points: str
    dots: tuple[tuple[float, float], ...]
    highest: float
    last: float


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a weekday. `share` is None where nobody was called; `level` says how strong its colour is."""

    calls: int
    answered: int
    share: float | None
    level: int
    few: bool


def line(days: Sequence[dict[str, Any]], figure: str) -> Line | None:
    """A figure over days, from its zero line; None without two days that have it."""
    told = [(date.fromisoformat(day["day"]), float(day[figure])) for day in days if day[figure] is not None]
    if len(told) < 2:
        return None
    first, span = told[0][0], (told[-1][0] - told[0][0]).days
    highest = max(value for _, value in told) or 1.0
    dots = tuple(
        (round(WIDE * (day - first).days / span, 1), round(HIGH * (1 - value / highest), 1)) for day, value in told
    )
    return Line(" ".join(f"{x},{y}" for x, y in dots), dots, highest, told[-1][1])


def heat(made: dict[str, Any]) -> tuple[list[int], list[list[Cell]]]:
    """The hours, and for each weekday from Monday a cell an hour; the strongest colour is the best share of all."""
    found = {(cell["weekday"], cell["hour"]): cell for cell in made["cells"]}
    hours = [hour for _, hour in found]
    shown = list(range(min([FIRST_HOUR, *hours]), max([LAST_HOUR, *hours]) + 1))
    best = max((cell["answered_share"] or 0.0 for cell in made["cells"] if cell["dialed"] >= FEW), default=0.0)
    return shown, [[_cell(found.get((weekday, hour)), best) for hour in shown] for weekday in range(1, 8)]


def _cell(cell: dict[str, Any] | None, best: float) -> Cell:
    if cell is None:
        return Cell(0, 0, None, 0, few=True)
    share = cell["answered_share"] or 0.0
    few = cell["dialed"] < FEW
    level = 0 if few or not best else min(LEVELS, round(LEVELS * share / best))
    return Cell(cell["dialed"], cell["answered"], share, level, few)


def small_band(row: dict[str, Any]) -> list[str]:
    """The funnel of one row of a comparison, piece by piece; nothing without calls."""
    counts = [row[name] for name in STEPS]
    return pieces(counts) if counts[0] else []
