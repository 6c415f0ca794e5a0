"""What ends of scripts are made of, with labels: dispositions, reasons, tasks, fields. The data is catalogue.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml
from pydantic import TypeAdapter

from ivr_flows.scripts.script import Words

FieldType = Literal["text", "date", "time", "money", "count", "choice", "email", "phone"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that an agent writes down: its type, its label by language, and the words of a choice."""

    name: str
    type: FieldType
    label: Words
    choices: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    dispositions: dict[str, dict[str, str]]
    reasons: dict[str, dict[str, str]]
    tasks: dict[str, dict[str, str]]
    fields: dict[str, _FieldAsWritten]


@dataclass(frozen=True, slots=True)
class _FieldAsWritten:
    type: FieldType
    label: dict[str, str]
    choices: dict[str, dict[str, str]] = field(default_factory=dict)


def _read() -> _Catalogue:
    text = Path(__file__).with_name("catalogue.yaml").read_text(encoding="utf-8")
    return TypeAdapter(_Catalogue).validate_python(yaml.safe_load(text))


_CATALOGUE = _read()
DISPOSITIONS: Mapping[str, Words] = _CATALOGUE.dispositions
REASONS: Mapping[str, Words] = _CATALOGUE.reasons
TASKS: Mapping[str, Words] = _CATALOGUE.tasks
FIELDS: Mapping[str, Field] = {
    name: Field(name, each.type, each.label, each.choices) for name, each in _CATALOGUE.fields.items()
}
