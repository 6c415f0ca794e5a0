"""The variables that a flow declares, and their small-JSON form in the state of a call. No reading of files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from ivr_flows.errors import FlowFailed
from ivr_flows.turn import RANKS, Json, Level, Money, Privacy, Value

VariableType = Literal["text", "secret", "flag", "count", "money", "date"]
TYPES: tuple[VariableType, ...] = get_args(VariableType)

_PYTHON: dict[VariableType, type] = {
    "text": str,
    "secret": str,
    "flag": bool,
    "count": int,
    "money": Money,
    "date": date,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable. `from_call`: set during the call by a key, not supplied by the host.

    A `secret` is compared with what is keyed in and never rendered.
    """

    name: str
    type: VariableType
    privacy: Privacy
    optional: bool = False
    from_call: bool = False


BUILT_IN: dict[str, Variable] = {
    "level": Variable("level", "text", "public"),
    "required_level": Variable("required_level", "text", "public"),
    "language": Variable("language", "text", "public"),
    "position": Variable("position", "count", "public", optional=True),
    "minute": Variable("minute", "count", "public", optional=True),  # of the day, when the call began
    "choice": Variable("choice", "count", "public", optional=True),  # the key of a debt that is offered
}


def checked(variable: Variable, value: Value) -> Value:
    """The value if it fits the variable's type, None for an absent optional one; else FlowFailed."""
    if value is None:
        if variable.optional or variable.from_call:
            return None
        raise FlowFailed(f"Variable {variable.name} is needed by the flow and was not supplied; add it to the list.")
    wanted = _PYTHON[variable.type]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise FlowFailed(
            f"Variable {variable.name} must be of type {variable.type}, not {type(value).__name__}; "
            "supply it in that type."
        )
    return value


PLAIN = (str, int, type(None))  # what stands in JSON as it is: most values; bool is an int


def to_json(value: Value) -> Json:
    """Plain JSON of a value: money as {"minor", "currency"}, a date as {"date"}."""
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def from_json(stored: Json) -> Value:
    """The value that `to_json` stored; FlowFailed for anything else."""
    if isinstance(stored, PLAIN):
        return stored
    if isinstance(stored, dict):
        minor, currency, day = stored.get("minor"), stored.get("currency"), stored.get("date")
        if isinstance(minor, int) and isinstance(currency, str):
            return Money(minor, currency)
        if isinstance(day, str):
            return date.fromisoformat(day)
    raise FlowFailed("The stored state of the call holds a value of no known form; end the call.")


def copied_name(text: str) -> str:
    """The variable whose value is meant by `{name}` where a flow sets another one; empty for a literal."""
    return text[1:-1].strip() if text.startswith("{") and text.endswith("}") else ""


def reaches(level: Level, wanted: Level) -> bool:
    """Whether an identity level is at least the wanted one."""
    return RANKS[level] >= RANKS[wanted]
