"""Whom a campaign calls first: named orderings, weights of a few signs. The store makes the ranks of them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict


class Weights(BaseModel):
    """How much each sign of 0 to 1 counts; below zero turns it round."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age: float = 0
    amount: float = 0
    broken_promise: float = 0
    best_hour: float = 0


class Ordering(BaseModel):
    """One ordering, and what it does in one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    weights: Weights

    @property
    def turns_with_the_hour(self) -> bool:
        """Whether the ranks differ from hour to hour."""
        return self.weights.best_hour != 0


@cache
def orderings() -> dict[str, Ordering]:
    """The orderings that ship with the product, by name."""
    found = yaml.safe_load((files("dialer.rules") / "orderings.yaml").read_text("utf-8"))
    return {name: Ordering.model_validate(one) for name, one in found.items()}


def ordering_named(name: str) -> Ordering:
    """The ordering of that name; ValueError names those that there are."""
    known = orderings()
    if name not in known:
        raise ValueError(f"no ordering {name!r}: choose among {', '.join(known)}")
    return known[name]
