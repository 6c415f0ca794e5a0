"""The choices of a campaign as they are typed: options by name, and `--set field=value` for every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from dialer.errors import BadInput
from dialer.rules.plan import Plan
from toque.commands.faults import of_values

FLAGS = {  # field of the plan -> what it is called on the command line, where it has an option of another name
    "ring_seconds": "--ring",
    "person_gap_minutes": "--gap",
    "attempts_per_day": "--per-day",
    "attempts_per_week": "--per-week",
    "attempts_total": "--total",
    "wrapup_seconds": "--wrapup",
    "caller_ids": "--caller-id",
}
NAMES = {flag.removeprefix("--").replace("-", "_"): field for field, flag in FLAGS.items()}
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Any field that status --json shows; repeatable."),
]


def plan(given: Mapping[str, Any], settings: Sequence[str]) -> Plan:
    """The plan of these options (None: not given) and of what was set by field; BadInput in words."""
    chosen = {field: _value(field, value) for field, value in given.items() if value is not None}
    with named():
        return Plan(**{**chosen, **changes(settings)})


def changes(settings: Sequence[str]) -> dict[str, Any]:
    """`field=value` as fields of the plan. Options' names do, too: gap=60 is person_gap_minutes=60."""
    found: dict[str, Any] = {}
    for one in settings:
        name, equals, value = one.partition("=")
        field = name.strip().lower().replace("-", "_")
        field = NAMES.get(field, field)
        if not equals or field not in Plan.model_fields:
            known = ", ".join(sorted(Plan.model_fields))
            raise BadInput(f"--set {one}: write FIELD=VALUE with one of the fields {known}")
        found[field] = _value(field, value.strip())
    return found


@contextmanager
def named() -> Iterator[None]:
    """Values that cannot be are told by the option that gave them."""
    try:
        yield
    except ValidationError as fault:
        words = of_values(fault)
        for field in Plan.model_fields:
            words = words.replace(f"{field}:", f"{FLAGS.get(field, '--' + field.replace('_', '-'))}:")
        raise BadInput(words) from None


def _value(field: str, value: Any) -> Any:
    if field == "caller_ids":
        return tuple(one.strip() for one in str(value).split(",") if one.strip())
    if field == "only":
        return str(value).replace("-", "_")
    if field == "person_gap_minutes" and value == "":
        return None
    return value
