"""The terminal player shows a call and gives back its inputs; drawings name every node."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from flow_calls import call, maria

from ivr_flows.drawing import mermaid, tree
from ivr_flows.errors import InputRefused
from ivr_flows.events import MachineHeard, Pressed, Recalled, Silent, StillWaiting
from ivr_flows.loading import library, load
from ivr_flows.phrases import phrases
from ivr_flows.player import play, read_event, sample_caller
from ivr_flows.templating import parse_line
from ivr_flows.turn import Part

LANGUAGES = ["pt-BR", "en-US", "fr-FR"]


def test_a_played_call_shows_words_effects_and_its_inputs() -> None:
    typed = iter(["1", "nonsense", "talked", "123", "", "2", "1", "1"])
    shown: list[str] = []
    inputs = play(load("lembrete"), maria(), lambda _: next(typed), shown.append)
    said = "\n".join(shown)
    assert inputs == ["1", "123", "silence", "2", "1", "1"]
    assert shown[-1] == 'inputs: ["1", "123", "silence", "2", "1", "1"]'
    assert "passes the identity check with 123" in shown[1]
    assert "« Você tem uma pendência com Loja Aurora" in said
    assert "waits for 3 keys (masked)" in said
    assert "'nonsense' means nothing here" in said
    assert "TransferEnded does not fit node check" in said
    assert "Promised(" in said


@pytest.mark.parametrize("name", library())
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_invented_person_is_enough_to_play_any_flow(name: str, language: str) -> None:
    caller = sample_caller(load(name), language, date(2026, 11, 23))
    typed = iter(["1", str(caller.values.get("check_value")), "9", "h"])
    assert play(load(name), caller, lambda _: next(typed), lambda _: None)


@pytest.mark.parametrize(
    ("typed", "event"),
    [
        ("", Silent()),
        ("12*", Pressed("12*")),
        ("machine", MachineHeard("machine")),
        ("recall stopped", Recalled("stopped")),
        ("wait 2 30", StillWaiting(2, 30)),
    ],
)
def test_words_stand_for_events(typed: str, event: object) -> None:
    assert read_event(typed) == event


@pytest.mark.parametrize("name", library())
def test_drawings_show_every_node_and_every_way(name: str) -> None:
    flow = load(name)
    assert set(flow.nodes) - {word for word in tree(flow).replace("(", " ").split()} <= {
        "absent_gone",
        "gone",
        "heard_and_left",
        "recalled_opted_out",
        "recalled_nothing_due",
        "recalled_stopped",
    }, "only the ways out by interruption are left away"
    drawn = mermaid(flow)
    assert drawn.startswith("flowchart TD\n")
    assert all(f"n_{node}" in drawn for node in flow.nodes)
    assert '-- "9" --> n_opt_out' in drawn


@pytest.mark.parametrize("name", library())
@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_exactly_the_fixed_parts_that_calls_speak(name: str, language: str) -> None:
    flow = load(name)
    known = phrases(flow, language)
    for script in (["1", "123", "4", "2", "2", "1"], ["0", "wait 2 5", "nobody_free", "1"], ["7", "3", "2"]):
        turns = []
        for length in range(len(script) + 1):
            with suppress(InputRefused):  # recado takes fewer keys
                turns = call(flow, maria(language), *script[:length])
        spoken: list[Part] = [part for turn in turns for speech in turn.speech for part in speech.parts]
        assert {part.text for part in spoken if part.kind == "phrase"} <= known


@pytest.mark.parametrize("name", library())
def test_every_language_says_as_much_as_the_others(name: str) -> None:
    counts = {language: len(phrases(load(name), language)) for language in LANGUAGES}
    assert max(counts.values()) - min(counts.values()) <= 3


def test_punctuation_after_a_variable_is_spoken_with_it() -> None:
    pieces = parse_line("Olá, {who|name} ! Tudo bem?").pieces
    shown = [piece.text if isinstance(piece, Part) else piece.tail for piece in pieces]
    assert shown == ["Olá,", " !", "Tudo bem?"]
