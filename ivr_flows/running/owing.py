"""Which debts a call is about: all of them, or the one that was chosen. The variables of a debt follow.

While all are spoken of, a variable has a value only if every debt has the same one: with one debt, its own. Only
`days_past_due` is then that of the debt that is late the longest.
"""

from __future__ import annotations

from typing import cast

from ivr_flows.nodes import Flow
from ivr_flows.running.run import Run
from ivr_flows.turn import DEBT_VALUES, Json, Value
from ivr_flows.variables import checked, to_json

Debt = dict[str, Json]  # "debt" (its id) and the values that the flow declares, in their JSON form


def stored(flow: Flow, owed: tuple[dict[str, Value], ...]) -> list[Debt]:
    """The debts as the state keeps them: what the flow may speak of. FlowFailed for a value of another type."""
    names = [name for name in DEBT_VALUES if name in flow.variables and not flow.variables[name].from_call]
    return [_stored(flow, one, names) for one in owed]


def _stored(flow: Flow, debt: dict[str, Value], names: list[str]) -> Debt:
    kept: Debt = {"debt": str(debt["debt"])}
    for name in names:
        if debt.get(name) is not None:
            kept[name] = to_json(checked(flow.variables[name], debt[name]))
    return kept


def debts(run: Run) -> list[Debt]:
    """What is owed, in the host's order."""
    return cast("list[Debt]", run.data.get("debts") or [])


def speak_of_all(run: Run) -> None:
    """From here on all the debts are meant."""
    owed = debts(run)
    run.data["chosen"] = None
    if not owed:
        return  # a host that tells of no single debts: what it supplied stands
    shared = {name: value for name, value in owed[0].items() if all(one.get(name) == value for one in owed)}
    late = [days for one in owed if isinstance(days := one.get("days_past_due"), int)]
    _take(run, {**shared, **({"days_past_due": max(late)} if late else {})})
    if "debt_count" in run.flow.variables:
        run.stored["debt_count"] = len(owed)


def speak_of(run: Run, index: int) -> None:
    """From here on this debt is meant."""
    run.data["chosen"] = index
    _take(run, debts(run)[index])


def meant(run: Run) -> tuple[str, ...]:
    """The ids of the debts that are meant now: the chosen one's, or none for all."""
    chosen = cast("int | None", run.data.get("chosen"))
    return () if chosen is None else (cast(str, debts(run)[chosen]["debt"]),)


def _take(run: Run, values: Debt) -> None:
    for name in DEBT_VALUES:
        if name in run.flow.variables and not run.flow.variables[name].from_call:
            run.stored.pop(name, None)
            if name in values:
                run.stored[name] = values[name]
    run.changed()
