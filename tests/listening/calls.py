"""Every whole prompt that the library's flows say, in calls of invented people along the transcripts. No sound here.

The transcripts come through every node of every flow; the people have their own names, sums and days.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Answered
from ivr_flows.loading import library, load
from ivr_flows.player import read_event
from ivr_flows.turn import Caller, Card, Language, Money, Speech, Turn, Value
from tests.ivr_flows.flow_calls import maria

LANGUAGES = ("pt-BR", "en-US", "fr-FR")
_TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
_SUMS = (1_000, 399_999)  # in cents
_DUE = (date(2026, 8, 1), 90)  # the first day, and how many


@dataclass(frozen=True, slots=True)
class Said:
    """A whole prompt as one person hears it: one file at the carrier."""

    speech: Speech

    @property
    def pattern(self) -> tuple[str, ...]:
        """What is the same for everybody: two people's prompts with one pattern differ in their own words only."""
        return tuple(part.text if part.kind == "phrase" else part.kind for part in self.speech.parts)


@cache
def prompts(language: Language, *, seed: int = 1) -> tuple[Said, ...]:
    """Every prompt of the flows once, with the words of a seeded person, in the order of the transcripts."""
    found: dict[tuple[str, ...], Said] = {}
    for flow, document, case in _cases():
        draw = random.Random(f"{seed}/{language}/{flow}/{case['name']}")
        for turn in _turns(flow, document, case, language, draw):
            for speech in _speeches(turn):
                said = Said(speech)
                found.setdefault(said.pattern, said)
    return tuple(found.values())


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    texts = (path.read_text(encoding="utf-8") for path in sorted(_TRANSCRIPTS.glob("*.yaml")))
    return tuple(yaml.load(text, yaml.CSafeLoader) for text in texts)


@cache
def _folk() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("people.yaml").read_text(encoding="utf-8")
    folk: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return folk


def _cases() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for document in _documents():
        for flow in document.get("flows") or [document["flow"]]:
            if flow in library():
                yield from ((flow, document, case) for case in document["cases"])


def _turns(
    flow: str, document: Mapping[str, Any], case: Mapping[str, Any], language: Language, draw: random.Random
) -> Iterator[Turn]:
    """The turns of a case for somebody else than its own person; it ends where this one's call goes another way."""
    given = case.get("given", {})
    caller = _somebody(maria(language, required_level=case.get("required_level", "checked"), **given), given, draw)
    chosen = load(flow)
    turn = engine.start(chosen, caller, answered=Answered(case["answered"]) if "answered" in case else None)
    yield turn
    for typed in [*document.get("before", {}).get("inputs", []), *case["inputs"]]:
        try:
            turn = engine.resume(chosen, turn.state, read_event(typed))
        except (InputRefused, FlowFailed):
            return
        yield turn


def _speeches(turn: Turn) -> Iterator[Speech]:
    yield from turn.speech
    if isinstance(turn.wait, Card):
        yield from (prompt.speech for prompt in turn.wait.prompts)


def _somebody(caller: Caller, given: Mapping[str, Value], draw: random.Random) -> Caller:
    """Another person in the same call: other names, sums in their own currency, other days. The unknown stays so."""
    folk = _folk()[caller.language]
    own: dict[str, Value] = {name: draw.choice(folk[name]) for name in sorted(folk.keys() - {"currency", "surname"})}
    own["full_name"] = f"{own['first_name']} {draw.choice(folk['surname'])}"
    own = {name: value for name, value in own.items() if name not in given}

    def changed(values: Mapping[str, Value]) -> dict[str, Value]:
        known = {name: own.get(name, value) if value is not None else None for name, value in values.items()}
        sums = {name: Money(draw.randint(*_SUMS), folk["currency"]) for name, value in known.items()
                if isinstance(value, Money)}  # fmt: skip
        return known | sums

    debts = tuple(_on_another_day(changed(debt), given, draw) for debt in caller.debts)
    return replace(caller, values=changed(caller.values), debts=debts)


def _on_another_day(debt: dict[str, Value], given: Mapping[str, Value], draw: random.Random) -> dict[str, Value]:
    if debt.get("due_date") is None or "due_date" in given:
        return debt
    first, days = _DUE
    return debt | {"due_date": first + timedelta(draw.randrange(days))}
