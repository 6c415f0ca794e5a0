"""Conditions in flows: `has_mobile`, `not due_date`, `debt_count > 1 and level >= checked`. Nothing else exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ivr_flows.turn import RANKS, Money, Value

Comparison = Literal["==", "!=", ">=", "<=", ">", "<"]

_CLAUSE = re.compile(
    r"(?P<negated>not\s+)?(?P<name>[a-z][a-z0-9_]*)(?:\s*(?P<comparison>==|!=|>=|<=|>|<)\s*(?P<literal>[\w.-]+))?$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; without `comparison` the variable must be there, and not false, zero (money too) or empty."""

    name: str
    negated: bool = False
    comparison: Comparison | None = None
    literal: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses that must all hold; `text` is the condition as written."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def names(self) -> frozenset[str]:
        """The variables that the condition asks for."""
        return frozenset(clause.name for clause in self.clauses)

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether every clause holds. An absent value fails every comparison but "!="."""
        for clause in self.clauses:  # noqa: SIM110 - a third of the time of all(), in what every turn does most
            if _holds(clause, values.get(clause.name)) == clause.negated:
                return False
        return True


def parse_condition(text: str) -> Condition:
    """Read a condition; ValueError says what is wrong with it."""
    clauses = tuple(_clause(part.strip()) for part in re.split(r"\s+and\s+", text.strip()))
    return Condition(text, clauses)


def _clause(text: str) -> Clause:
    found = _CLAUSE.match(text)
    if found is None:
        raise ValueError(
            f"Condition {text!r} cannot be read; write `name`, `not name` or `name == value`, joined by `and`."
        )
    comparison = found["comparison"]
    known: tuple[Comparison, ...] = get_args(Comparison)
    return Clause(
        name=found["name"],
        negated=bool(found["negated"]),
        comparison=next((each for each in known if each == comparison), None),
        literal=found["literal"] or "",
    )


def _holds(clause: Clause, value: Value) -> bool:
    if clause.comparison is None:
        return bool(value.minor if isinstance(value, Money) else value)
    if value is None:
        return clause.comparison == "!="
    order = _order(clause, value)
    match clause.comparison:
        case "==":
            return order == 0
        case "!=":
            return order != 0
        case ">=":
            return order >= 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case "<":
            return order < 0


def _order(clause: Clause, value: Value) -> int:
    """-1, 0 or 1: numbers by size, levels by rank, anything else as text."""
    if clause.name in ("level", "required_level"):
        return _sign(RANKS.get(str(value), -1) - RANKS.get(clause.literal, -1))
    if isinstance(value, bool):
        return int(str(value).lower() != clause.literal.lower())
    if isinstance(value, int) and clause.literal.isdigit():
        return _sign(value - int(clause.literal))
    text = str(value)
    return (text > clause.literal) - (text < clause.literal)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
