"""The tables behind the charts, as rows to write into files. Pure; headings are English like the report's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HOURS = range(24)
COMPARED = ("channel", "script", "caller_id", "list")
TABLES = ("funnel", "days", "heat", "cost", *COMPARED, "outcomes")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one chart."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def table(name: str, made: dict[str, Any], over_time: dict[str, Any]) -> Table:
    """The table of that name (one of TABLES) out of a report's summary and its days; KeyError for another."""
    match name:
        case "funnel":
            return Table(name, ("step", "count"), list(made["funnel"].items()))
        case "days":
            return _of_rows(name, over_time["days"])
        case "heat":
            return _of_rows(name, made["heat_map"]["cells"])
        case "cost":
            currency, each = made["cost"]["currency"], made["cost"]["per_result"]
            rows = [(step, made["funnel"][step], cost, currency) for step, cost in each.items()]
            return Table(name, ("result", "count", "cost_of_each", "currency"), rows)
        case "outcomes":
            return Table(name, ("disposition", "calls"), list(made["by"]["disposition"].items()))
        case _:
            return _of_rows(name, made["by"][name])


def _of_rows(name: str, rows: Sequence[dict[str, Any]]) -> Table:
    return Table(name, tuple(rows[0]) if rows else (), [[_flat(value) for value in row.values()] for row in rows])


def _flat(value: Any) -> Any:
    """{"USD": 1.5, "BRL": 2.0} as "USD 1.5, BRL 2.0"."""
    return ", ".join(f"{name} {one}" for name, one in value.items()) if isinstance(value, dict) else value
