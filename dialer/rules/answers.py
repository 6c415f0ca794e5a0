"""What an answer to a task does to the debts that it is about. Pure; the table stands in answers.yaml."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import TypeAdapter

Effect = Literal["paid", "withdrawn", "open", "nothing"]


def answers(kind: str) -> dict[str, Effect]:
    """The answers to a task of this kind, and what each does."""
    return _table().get(kind, _table()["other"])


@cache
def _table() -> dict[str, dict[str, Effect]]:
    read = yaml.safe_load((files("dialer.rules") / "answers.yaml").read_text("utf-8"))
    return TypeAdapter(dict[str, dict[str, Effect]]).validate_python(read)
