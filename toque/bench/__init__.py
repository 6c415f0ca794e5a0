"""Benchmarks: CPU per operation beside a floor measured in the same run.

`docs/performance.md` says how to read the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dialer.errors import BadInput

if TYPE_CHECKING:
    from toque.bench.measuring import Figure

KINDS = ("sqlite", "postgresql")
ON_RECORD = (100, 10_000, 100_000)  # closed calls
UNDER_WAY = (10, 100, 1_000)  # calls
CAPS = (1, 10, 50, 200)  # calls per second of an account
# Each by the module that measures it and what its `measure` is told. Modules are read when they are wanted: the
# processes of one bench need not know the others.
BENCHES: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    **{f"webhook-{kind}": ("webhook", (kind,)) for kind in KINDS},
    **{f"webhook-p99-{kind}": ("latency", (kind,)) for kind in KINDS},
    **{f"grown-{calls}": ("growing", (calls,)) for calls in ON_RECORD},
    **{f"under-way-{calls}": ("under_way", (calls,)) for calls in UNDER_WAY},
    **{f"placing-{kind}": ("placing", (kind,)) for kind in KINDS},
    **{f"crew-{workers}": ("crews", (workers,)) for workers in (1, 2, 4)},
    **{f"import-{kind}": ("importing", (kind,)) for kind in KINDS},
    "telephones": ("telephones", ()),
    "prompts": ("prompts", ()),
    "gate": ("gate", ()),
    **{f"plan-{kind}": ("planning", (kind,)) for kind in KINDS},
    **{f"screenpop-{kind}": ("screenpop", (kind,)) for kind in KINDS},
    **{f"cps-{kind}-{cap}": ("granting", (kind, cap)) for kind in ("local", "redis") for cap in CAPS},
    "claim": ("claiming", ()),
    **{f"overload-{kind}": ("overload", (kind,)) for kind in KINDS},
}


def run(names: Sequence[str], *, scale: float = 1.0) -> Iterator[dict[str, object]]:
    """Yield one figure for each bench whose name is, or begins with, one of `names`; all when there are none.

    A figure has name, value, unit, floor, ratio, n, passes, spread (lowest and highest value), floor_spread.
    `scale` multiplies the number of operations. Raises BadInput for an unknown name.
    """
    for name in chosen(names):
        module, told = BENCHES[name]
        figure: Figure = import_module(f"toque.bench.{module}").measure(*told, scale)
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
