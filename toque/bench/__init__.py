"""Benchmarks: CPU per operation beside a floor measured in the same run.

`docs/performance.md` says how to read the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from dialer.errors import BadInput
from toque.bench import gate, importing, placing, planning, screenpop, webhook
from toque.bench.measuring import Figure

BENCHES: Mapping[str, Callable[[float], Figure]] = {
    "webhook-sqlite": partial(webhook.measure, "sqlite"),
    "webhook-postgresql": partial(webhook.measure, "postgresql"),
    "placing-sqlite": partial(placing.measure, "sqlite"),
    "placing-postgresql": partial(placing.measure, "postgresql"),
    "import-sqlite": partial(importing.measure, "sqlite"),
    "import-postgresql": partial(importing.measure, "postgresql"),
    "gate": gate.measure,
    "plan-sqlite": partial(planning.measure, "sqlite"),
    "plan-postgresql": partial(planning.measure, "postgresql"),
    "screenpop-sqlite": partial(screenpop.measure, "sqlite"),
    "screenpop-postgresql": partial(screenpop.measure, "postgresql"),
}


def run(names: Sequence[str], *, scale: float = 1.0) -> Iterator[dict[str, object]]:
    """Yield one figure for each bench whose name is, or begins with, one of `names`; all when there are none.

    A figure has name, value, unit, floor, ratio, n, passes, spread (lowest and highest value), floor_spread.
    `scale` multiplies the number of operations. Raises BadInput for an unknown name.
    """
    for name in chosen(names):
        figure: Figure = BENCHES[name](scale)
        yield figure.as_dict(name)


def chosen(names: Sequence[str]) -> list[str]:
    """The benches that these names mean, in their own order."""
    for name in names:
        if not any(_means(name, known) for known in BENCHES):
            groups = ", ".join(dict.fromkeys(one.partition("-")[0] for one in BENCHES))
            raise BadInput(f'There is no benchmark "{name}": choose from {", ".join(BENCHES)}, or {groups}')
    return [known for known in BENCHES if not names or any(_means(name, known) for name in names)]


def _means(name: str, known: str) -> bool:
    return name == known or known.startswith(f"{name}-")
