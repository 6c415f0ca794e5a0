"""The values that a flow can tell apart: one value for each way in which calls can differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from ivr_flows import nodes
from ivr_flows.conditions import Condition
from ivr_flows.nodes import Flow
from ivr_flows.turn import Json, Money, Value
from ivr_flows.variables import Variable, to_json

TODAY = date(2026, 12, 11)  # its eve and its morrow are the same four keys in every order of day and month
TEN_O_CLOCK = 600
SECRET = "123"
_ALWAYS_GIVEN = frozenset({"amount"})  # the host knows no debt without its amount
_OTHER = "something else"


def options(flow: Flow, name: str) -> tuple[Json, ...]:
    """What `name` may be, in the state's form: a variable, or `language`, `minute`, `debts` (how many)."""
    match name:
        case "language":
            return flow.languages
        case "minute":
            return (TEN_O_CLOCK, None)
        case "debts":
            pages = {each.page for each in flow.nodes.values() if isinstance(each, nodes.Choose)}
            return tuple(sorted({0, 1, 2, *(page + 1 for page in pages)}))
        case _:
            return _told_apart(flow, name)


def _told_apart(flow: Flow, name: str) -> tuple[Json, ...]:
    variable = flow.variables[name]
    clauses = [each for condition in conditions(flow) for each in _about(condition, name)]
    found: dict[tuple[bool, ...], Value] = {}
    for value in _candidates(flow, variable, clauses):
        truths = [one.holds({name: value}) for one in clauses]
        shape = value is False if name == "agents_open" else bool(value)  # how the engine itself looks at it
        found.setdefault((*truths, shape, value is None and variable.type != "flag"), value)
    return tuple(to_json(value) for value in found.values())


def conditions(flow: Flow) -> Iterator[Condition]:
    """Every condition that a way through the flow depends on; those of single lines are not among them."""
    for node in flow.nodes.values():
        if isinstance(node, nodes.Branch):
            yield from (case.when for case in node.cases)
        if isinstance(node, nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer):
            yield from (key.when for key in node.keys if key.when)


def _about(condition: Condition, name: str) -> Iterator[Condition]:
    yield from (Condition(condition.text, (clause,)) for clause in condition.clauses if clause.name == name)


def _candidates(flow: Flow, variable: Variable, clauses: list[Condition]) -> list[Value]:
    literals = [clause.literal for one in clauses for clause in one.clauses if clause.comparison]
    found: list[Value] = []
    match variable.type:
        case "flag":
            found = [True, False]
        case "count":
            numbers = {int(each) for each in literals if each.lstrip("-").isdigit()}
            found = [each + more for each in sorted(numbers) for more in (1, 0, -1)] or [2]
        case "money":
            found = [Money(10_000, "BRL"), *([Money(0, "BRL")] if clauses else [])]
        case "date":
            found = [TODAY + timedelta(days=1)]
        case "secret":
            found = [SECRET]
        case "text":
            found = [*_kinds(flow, variable.name), *literals, _OTHER]
    absent = (variable.optional or variable.from_call) and variable.name not in _ALWAYS_GIVEN
    return [*found, None] if absent else found


def _kinds(flow: Flow, name: str) -> list[Value]:
    """The literals that the engine itself compares with."""
    match name:
        case "check_kind":
            return [kind for each in flow.nodes.values() if isinstance(each, nodes.Verify) for kind in each.prompts]
        case "payment_kind":
            return [kind for each in flow.nodes.values() if isinstance(each, nodes.Pay) for kind in each.texts]
        case _:
            return []
