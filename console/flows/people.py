"""The invented people of the browser phone, from people.yaml. Nobody here exists, and no database is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ivr_flows.nodes import Flow
from ivr_flows.turn import DEBT_VALUES, Caller, Language, Money, Value

FILE = Path(__file__).with_name("people.yaml")
NOW = time(10)


@dataclass(frozen=True, slots=True)
class Example:
    """One of them. `words` name them in English; `given` is what a transcript says of them."""

    key: str
    use: str
    words: str
    given: Mapping[str, Any]


def examples(flow: Flow) -> list[Example]:
    """Whom this flow can call, or be called by."""
    early = flow.ladder is not None and flow.ladder.to_day is not None and flow.ladder.to_day <= 0
    uses = {"early"} if early else {"late", "inbound"} if flow.inbound else {"late"}
    return [one for one in everybody() if one.use in uses]


def caller(example: Example, language: Language) -> Caller:
    """The example as the engine is told of a person: on Monday 2026-11-23 at ten o'clock."""
    document = _document()
    count = int(example.given.get("debts", 1))
    debts = [{name: _value(one) for name, one in debt.items()} for debt in document["debts"][:count]]
    given = {name: _value(one) for name, one in example.given.items() if name != "debts"}
    if debts:
        debts[0] |= {name: one for name, one in given.items() if name in DEBT_VALUES}
    for other in debts[1:]:
        other["days_past_due"] = given.get("another_past_due", other["days_past_due"])
    values = {name: _value(one) for name, one in document["values"].items()}
    if count > 1:
        values |= {"amount_total": _sum(debts), "debt_count": count}
    return Caller(language, today(), {**values, **given}, debts=tuple(debts), now=NOW)


def today() -> date:
    """The day on which all these calls take place."""
    day: date = _document()["today"]
    return day


@cache
def everybody() -> tuple[Example, ...]:
    """All examples."""
    return tuple(Example(row["key"], row["for"], row["words"], row["given"]) for row in _document()["people"])


def _sum(debts: list[dict[str, Value]]) -> Money:
    amounts = [one["amount"] for one in debts]
    return Money(sum(one.minor for one in amounts if isinstance(one, Money)), "BRL")


def _value(read: Any) -> Value:
    if isinstance(read, dict):
        return Money(read["minor"], read["currency"])
    value: Value = read
    return value


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document
