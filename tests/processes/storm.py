"""What a soak does to the product and when, drawn from a seed. Pure: it decides, and strikes nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Fault = dict[str, Any]
WEBS, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2")

# News goes wrong now and then in fair weather too.
FAIR: tuple[Fault, ...] = (
    {"effect": "lost", "kinds": ["status", "amd"], "probability": 0.02},
    {"effect": "duplicated", "probability": 0.03},
    {"effect": "reordered", "kinds": ["status"], "probability": 0.03, "seconds": 20},
    {"effect": "delayed", "kinds": ["status"], "probability": 0.03, "seconds": 60},
)
WEATHERS: dict[str, tuple[Fault, ...]] = {
    "answers 503 after creating": ({"effect": "error_after", "probability": 0.7, "limit": 8},),
    "answers broken off": (
        {"effect": "dropped_after", "probability": 0.5, "limit": 6},
        {"effect": "dropped_before", "probability": 0.3, "limit": 3},
    ),
    "answers 429": ({"effect": "rate_limited", "probability": 0.8, "seconds": 1, "limit": 10},),
    "news lost": (
        {"effect": "lost", "kinds": ["status", "amd"], "probability": 0.7},
        {"effect": "lost", "kinds": ["voice"], "probability": 0.1},
    ),
    "news doubled": ({"effect": "duplicated", "probability": 0.8},),
    "news reordered": ({"effect": "reordered", "kinds": ["status"], "probability": 0.6, "seconds": 30},),
    "news minutes late": ({"effect": "delayed", "kinds": ["status", "amd"], "probability": 0.6, "seconds": 180},),
}
STORES = ("connections cut", "redis emptied")
RESTARTS = ("postgresql fast", "postgresql immediate")
PROCESSES = ("kill web", "kill worker", "kill both workers", "rolling restart", "clock set")
KINDS = (*PROCESSES, *STORES, *RESTARTS, *WEATHERS)
SHORT = ("kill worker", "redis emptied", "answers 503 after creating", "connections cut", "kill web")


@dataclass(frozen=True, slots=True)
class Blow:
    """One fault: what, to whom, `pause` real seconds after the one before has passed, for how long it lasts.

    `amount` is how many real seconds a clock is off.
    """

    kind: str
    targets: tuple[str, ...]
    pause: float
    lasts: float
    amount: float = 0.0


Span = tuple[float, float]  # real seconds, from and to


def blows(
    seed: int, kinds: tuple[str, ...] = KINDS, *, pause: Span = (1.0, 6.0), lasts: Span = (1.0, 4.0)
) -> Iterator[Blow]:
    """Without end: every kind once in some order, then every kind once in another."""
    dice = Random(seed)
    while True:
        deck = list(kinds)
        dice.shuffle(deck)
        for kind in deck:
            yield _blow(kind, dice, dice.uniform(*pause), dice.uniform(*lasts))


def _blow(kind: str, dice: Random, pause: float, lasts: float) -> Blow:
    match kind:
        case "kill worker":
            return Blow(kind, (dice.choice(WORKERS),), pause, lasts)
        case "kill web":
            return Blow(kind, (dice.choice(WEBS),), pause, lasts)
        case "kill both workers":
            return Blow(kind, WORKERS, pause, lasts)
        case "clock set":
            off = dice.choice((-1, 1)) * dice.uniform(0.5, 2.0)
            return Blow(kind, (dice.choice(WORKERS + WEBS),), pause, lasts, off)
        case "redis emptied":
            return Blow(kind, (), pause, lasts / 2)
        case _:
            return Blow(kind, (), pause, 2 * lasts if kind in WEATHERS else 0.0)
