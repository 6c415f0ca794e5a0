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


def cases() -> list[Any]:
    found = []
    for path in sorted(TRANSCRIPTS.rglob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in document["cases"]:
            case["flow"] = document["flow"]
            case["never"] = case.get("never", []) + document.get("never", [])
            for language in {**case.get("says", {}), **case.get("hears", {})}:
                name = f"{path.stem}: {case['name']} [{language}]"
                found.append(pytest.param(case, language, id=name))
    return found


CASES = cases()


def run(case: dict[str, Any], language: str) -> list[Turn]:
    caller = maria(language, required_level=case.get("required_level", "checked"), **case.get("given", {}))
    answered = Answered(case["answered"]) if "answered" in case else None
    return call(load(case["flow"]), caller, *case["inputs"], answered=answered)


@pytest.mark.parametrize(("case", "language"), CASES)
def test_the_call_goes_as_written(case: dict[str, Any], language: str) -> None:
    turns = run(case, language)
    assert case.get("says", {}).get(language, "") in words(turns[-1])
    assert case.get("hears", {}).get(language, "") in words(*turns)
    assert effects(*turns) == case["effects"]
    assert turns[-1].state.node == case["ends_at"]
    assert set(case.get("path_has", [])) <= {name for turn in turns for name in turn.path}
    assert not [word for word in case["never"] if word in words(*turns)]
    if case.get("silent"):
        assert not turns[-1].speech


@pytest.mark.parametrize("name", library())
@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
def test_transcripts_come_through_every_node_in_every_language(name: str, language: str) -> None:
    seen: set[str] = set()
    for parameters in CASES:
        case, spoken = parameters.values
        if case["flow"] == name and spoken == language:
            seen |= {node for turn in run(case, language) for node in turn.path}
    assert set(load(name).nodes) - seen == set()
