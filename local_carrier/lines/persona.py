"""Characters as data: how a kind of person answers the phone, what they want, how they behave. personas/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml

Pickup = Literal["human", "machine", "announcement", "fax", "screening", "busy", "no_answer", "invalid"]
Check = Literal["answer", "wrong", "refuse"]
CardSort = Literal["none", "good", "declined", "star"]
Screening = Literal["accepts", "declines"]


class PersonaRefused(ValueError):
    """A persona or people file that says something the carrier does not understand."""


@dataclass(frozen=True, slots=True)
class Persona:
    """One character. Times are seconds; personas/README.md explains every word for people who write them."""

    name: str
    about: str = ""
    pickup: Pickup = "human"
    answers_after: float = 6.0
    greeting_seconds: float = 1.0
    beep: bool = True
    wants: tuple[str, ...] = ()
    check: Check = "answer"
    reaction_seconds: float = 1.2
    interrupts: bool = False
    wrong_keys: int = 0
    repeats: int = 2
    hangs_up_after: float | None = None
    hangs_up_in_prompt: int | None = None
    waits_seconds: float = 90.0
    talks_seconds: float = 60.0
    stays: bool = False
    message: str = "delivered"
    replies: str = ""
    calls_back_after: float | None = None
    withholds: bool = False
    texts_after_missed: str = ""
    card: CardSort = "none"
    screening: Screening = "accepts"
    mailbox_full: bool = False
    extension: str = ""


def read_persona(name: str, data: Mapping[str, Any]) -> Persona:
    """Build a persona from its YAML mapping, refusing words it does not know."""
    known = {field.name for field in fields(Persona)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise PersonaRefused(f"persona {name!r} says {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    for word, sort in (("pickup", Pickup), ("check", Check), ("card", CardSort), ("screening", Screening)):
        if word in data and data[word] not in get_args(sort):
            raise PersonaRefused(f"persona {name!r}: {word} {data[word]!r}; use {', '.join(get_args(sort))}")
    values = {**data, "name": name, "wants": tuple(data.get("wants") or ())}
    return Persona(**values)


@cache
def personas() -> Mapping[str, Persona]:
    """Return every shipped persona by name."""
    folder = resources.files("local_carrier") / "personas"
    return {
        name: read_persona(name, yaml.safe_load(entry.read_text(encoding="utf-8")))
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".yaml") and (name := entry.name.removesuffix(".yaml"))
    }
