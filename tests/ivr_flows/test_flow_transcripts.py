"""Every transcript in tests/transcripts is a call that must go exactly so, in each language that it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from flow_calls import call, effects, maria, words

from ivr_flows.events import Answered
from ivr_flows.loading import library, load
from ivr_flows.turn import Turn

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
LANGUAGES = ("pt-BR", "en-US", "fr-FR")


def cases() -> list[Any]:
    found = []
    for path in sorted(TRANSCRIPTS.rglob("*.yaml")):
        document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for n, flow in enumerate(document.get("flows") or [document["flow"]]):
            for case in document["cases"]:
                whole = whole_case(document, case, flow, languages(case) if n == 0 else languages(case)[n % 3 :][:1])
                found.append(pytest.param(whole, id=f"{flow}: {case['name']} ({path.stem})"))
    return found


def languages(case: dict[str, Any]) -> list[str]:
    return [language for language in LANGUAGES if language in {**case.get("says", {}), **case.get("hears", {})}]


def whole_case(document: dict[str, Any], case: dict[str, Any], flow: str, spoken: list[str]) -> dict[str, Any]:
    """A case with what its file says of all of them; a shared one speaks all its languages in the first flow only."""
    before = document.get("before", {})
    return {
        **case,
        "flow": flow,
        "languages": spoken or languages(case)[:1],
        "inputs": [*before.get("inputs", []), *case["inputs"]],
        "effects": [*before.get("effects", []), *case["effects"]],
        "never": [*case.get("never", []), *document.get("never", [])],
    }


CASES = cases()


def run(case: dict[str, Any], language: str) -> list[Turn]:
    caller = maria(language, required_level=case.get("required_level", "checked"), **case.get("given", {}))
    answered = Answered(case["answered"]) if "answered" in case else None
    return call(load(case["flow"]), caller, *case["inputs"], answered=answered)


@pytest.mark.parametrize("case", CASES)
def test_the_call_goes_as_written(case: dict[str, Any]) -> None:
    assert case["languages"], "a case says or hears something in a language"
    for language in case["languages"]:
        turns = run(case, language)
        assert case.get("says", {}).get(language, "") in words(turns[-1]), language
        assert case.get("hears", {}).get(language, "") in words(*turns), language
        assert effects(*turns) == case["effects"], language
        assert turns[-1].state.node == case["ends_at"], language
        assert set(case.get("path_has", [])) <= {name for turn in turns for name in turn.path}
        assert not [word for word in case["never"] if word in words(*turns)], language
        if case.get("silent"):
            assert not turns[-1].speech


@pytest.mark.parametrize("name", library())
def test_transcripts_come_through_every_node(name: str) -> None:
    seen: set[str] = set()
    for parameters in CASES:
        (case,) = parameters.values
        if case["flow"] == name:
            seen |= {node for turn in run(case, case["languages"][0]) for node in turn.path}
    assert set(load(name).nodes) - seen == set()
