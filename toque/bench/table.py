"""The figures of one run as a Markdown table, with the goal of each and what machine it was."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ADDITIONS = 5_000_000


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound of one number of a figure, by its name there: `most`, or `least`."""

    of: str
    most: float | None = None
    least: float | None = None

    def met(self, figure: Mapping[str, Any]) -> bool:
        """Whether the figure keeps within it."""
        value = float(figure[self.of])
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def words(self, unit: str) -> str:
        """As people write it; `unit` is that of the figure's value."""
        bound = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"
        return f"{bound}×" if self.of == "ratio" else f"{bound} {unit if self.of == 'value' else self.of}"


GOALS: Mapping[str, Goal] = {  # by the name of a bench, or by what it begins with
    "webhook-sqlite": Goal("ratio", most=10),
    "webhook-postgresql": Goal("ratio", most=12),
    "webhook-p99": Goal("value", most=30),
    "placing": Goal("ratio", most=12),
    "crew-1": Goal("calls_a_second", least=150),
    "cps": Goal("share", least=0.99),
    "import": Goal("ratio", most=2.5),
    "claim": Goal("ratio", least=0.6),
    "prompts": Goal("ratio", least=0.04),
    "gate": Goal("value", most=100),
    "screenpop": Goal("value", most=150),
    "overload": Goal("value", most=15),
}


def goal_of(name: str) -> Goal | None:
    """The goal of a bench; None where there is none."""
    return next((goal for known, goal in GOALS.items() if name == known or name.startswith(f"{known}-")), None)


def machine() -> str:
    """Day, processor, versions, how busy it is, and how long a bare loop takes: half as fast, twice the figures."""
    begun = time.process_time()
    for _ in range(ADDITIONS):
        pass
    loop = time.process_time() - begun
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} × {_processor()}; {platform.system()}"
        f" {platform.release()}; Python {platform.python_version()}; load {load}; {ADDITIONS:,} empty rounds"
        f" of a loop in {loop:.2f} s"
    )


def page(before: str, figures: Sequence[Mapping[str, Any]], after: str) -> str:
    """What `machine` said before and after, and the table between them in time."""
    return "\n".join((f"- Before: {before}", f"- After: {after}", "", *_rows(figures), ""))


def _rows(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| bench | value (lowest – highest pass) | unit | floor | ratio | goal | met | also |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for figure in figures:
        goal = goal_of(figure["name"])
        met = "" if goal is None else "yes" if goal.met(figure) else "**no**"
        low, high = figure["spread"]
        cells = (
            figure["name"], f"{figure['value']:,} ({low:,} – {high:,})", figure["unit"],
            f"{figure['floor']:,} ({figure['floor_is']})", f"{figure['ratio']}×",
            goal.words(figure["unit"]) if goal else "", met, _also(figure),
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


_SHOWN = {"name", "value", "unit", "floor", "floor_is", "ratio", "n", "passes", "spread", "floor_spread"}


def _also(figure: Mapping[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in figure.items() if name not in _SHOWN)


def _processor() -> str:
    """What the system says of its processor, or its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
