"""What the rows of a list lack of what a flow says, and what becomes of them. Counts only; nobody is named."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass

from dialer.operation import Operation
from ivr_flows.nodes import Flow
from ivr_flows.turn import DEBT_VALUES, Caller
from ivr_flows.variables import Variable
from toque.listed import everybody


@dataclass(frozen=True, slots=True)
class Lack:
    """So many `rows` lack a variable. `held`: they are not called; else what is said leaves it out."""

    variable: str
    rows: int
    held: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a list lacks for a flow, of all its `rows`; the most missed first."""

    flow: str
    list_name: str
    rows: int
    lacks: tuple[Lack, ...]


async def lacking(op: Operation, flow: Flow, list_name: str) -> Lacking:
    """Look at everybody on the list as a call would know them; NotFound for a list that there is not."""
    asked = [one for one in flow.variables.values() if _could_be_listed(one)]
    missed: Counter[str] = Counter()
    rows = 0
    async with aclosing(everybody(op, list_name)) as people:
        async for who in people:
            rows += 1
            missed.update(one.name for one in asked if _lacks(who, one))
    found = (Lack(name, count, not flow.variables[name].optional) for name, count in missed.most_common())
    return Lacking(flow.name, list_name, rows, tuple(found))


def _could_be_listed(variable: Variable) -> bool:
    """What is set in the call, or known only of the call, no list could say."""
    return not variable.from_call and not (variable.type == "flag" and variable.privacy == "public")


def _lacks(who: Caller, variable: Variable) -> bool:
    if variable.name in DEBT_VALUES and who.debts:
        return all(debt.get(variable.name) is None for debt in who.debts)
    return who.values.get(variable.name) is None
