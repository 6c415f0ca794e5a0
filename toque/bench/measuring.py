"""Medians of interleaved passes. A pass measures the floor and the operation right after each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

PASSES = 3


@dataclass(frozen=True, slots=True)
class Pass:
    """CPU microseconds per operation, of the floor and of ours, measured within the same few seconds."""

    floor: float
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """What a bench found. `n` operations were measured in each pass; `unit` is of value and floor.

    `more` is what else was seen, by name.
    """

    passes: tuple[Pass, ...]
    n: int
    unit: str
    floor_is: str
    more: Mapping[str, object] = field(default_factory=dict)

    def as_dict(self, name: str) -> dict[str, object]:
        """Medians over the passes, and how far the passes lay apart. The ratio is the median of their ratios."""
        values = [one.value for one in self.passes]
        floors = [one.floor for one in self.passes]
        return {
            "name": name,
            "value": round(median(values), 1),
            "unit": self.unit,
            "floor": round(median(floors), 1),
            "floor_is": self.floor_is,
            "ratio": round(median(one.value / one.floor for one in self.passes), 2),
            "n": self.n,
            "passes": len(self.passes),
            "spread": [round(min(values), 1), round(max(values), 1)],
            "floor_spread": [round(min(floors), 1), round(max(floors), 1)],
            **self.more,
        }
