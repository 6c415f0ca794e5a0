"""The engine's promises: pure turns, guarded words, refused events, bounds, effects before their confirmation."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date

import pytest
from flow_calls import MARIA, TODAY, call, effects, flow_of, maria, words

from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Answered, HungUp, MachineHeard, Pressed, RecordingEnded, Silent, TransferEnded
from ivr_flows.loading import load
from ivr_flows.turn import Caller, Disposed, End, Keys, MessageAsked, OptedOut, Record, Transfer

LEMBRETE = load("lembrete")


def test_a_turn_changes_neither_the_state_given_nor_anything_else() -> None:
    first = engine.start(LEMBRETE, maria())
    before = copy.deepcopy(first.state)
    assert engine.resume(LEMBRETE, first.state, Pressed("1")) == engine.resume(LEMBRETE, first.state, Pressed("1"))
    assert first.state == before


def test_the_state_is_plain_json_and_small() -> None:
    for turn in call(LEMBRETE, maria(), "1", "123", "2", "4", "0512"):
        text = json.dumps(turn.state.data)
        assert json.loads(text) == turn.state.data
        assert len(text) < 2_500


def test_nothing_about_the_person_is_kept_after_the_end() -> None:
    ended = call(LEMBRETE, maria(), "9")[-1].state
    assert set(ended.data) == {"ended", "outcome", "path", "lang"}


def test_an_opt_out_is_an_effect_of_the_very_turn_that_confirms_it() -> None:
    last = call(LEMBRETE, maria("en-US"), "9")[-1]
    assert "You will not be called by this system again." in words(last)
    assert last.effects == (OptedOut("automated"), Disposed("opted_out"))
    assert isinstance(last.wait, End)


def test_the_check_masks_its_keys_and_asks_for_as_many_as_are_known() -> None:
    assert call(LEMBRETE, maria(), "1")[-1].wait == Keys(max_digits=3, timeout_seconds=5, secret=True)


@pytest.mark.parametrize("keyed", ["", "12", "1234", "٣٢١", "124"])
def test_only_the_very_digits_pass_the_check(keyed: str) -> None:
    waiting = call(LEMBRETE, maria(), "1")[-1]
    turn = engine.resume(LEMBRETE, waiting.state, Pressed(keyed))
    assert turn.state.data["level"] == "claimed"
    assert turn.state.node == "check"


def test_a_person_of_another_tongue_is_spoken_to_in_the_nearest_language() -> None:
    assert engine.spoken_language(LEMBRETE, "pt-PT") == "pt-BR"
    assert engine.spoken_language(LEMBRETE, "fr") == "fr-FR"
    assert engine.spoken_language(LEMBRETE, "de-DE") == "pt-BR"


@pytest.mark.parametrize("missing", ["caller_name", "first_name"])
def test_a_call_without_a_needed_variable_fails_before_a_word_is_said(missing: str) -> None:
    values = {name: value for name, value in MARIA.items() if name != missing}
    with pytest.raises(FlowFailed, match=missing):
        engine.start(LEMBRETE, Caller("pt-BR", TODAY, values))


def test_a_value_of_another_type_fails_without_being_shown() -> None:
    with pytest.raises(FlowFailed, match=r"amount_total must be of type money, not str") as failure:
        engine.start(LEMBRETE, maria(amount_total="987654"))
    assert "987654" not in str(failure.value)


DISCLOSES = """
  first: {kind: menu, keys: {"1": tell, "2": sms, "3": swear, "4": rest, "5": fixed}}
  tell: {kind: say, prompt: {en-US: "You owe {owed}."}, next: bye}
  sms: {kind: message, template: t, text: {en-US: "{owed}"}, next: bye, exits: {no_mobile: bye}}
  swear: {kind: promise, amount: owed, on: day, next: bye, exits: {too_late: bye}}
  rest: {kind: hold, reason: dispute, next: bye}
  fixed: {kind: say, privacy: debt, prompt: {en-US: "About your debt."}, next: bye}
"""
DISCLOSES_VARIABLES = (
    "{owed: {type: money, privacy: debt}, day: {type: date, privacy: debt}, "
    "has_mobile: {type: flag, privacy: public}}"
)


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5"])
@pytest.mark.parametrize("needed", ["claimed", "checked", "confirmed"])
def test_no_node_discloses_a_debt_below_the_level_needed(key: str, needed: str) -> None:
    flow = flow_of(DISCLOSES, variables=DISCLOSES_VARIABLES)
    values = {"owed": MARIA["amount_total"], "has_mobile": True, "day": TODAY}
    first = engine.start(flow, Caller("en-US", TODAY, values, needed))  # type: ignore[arg-type]
    with pytest.raises(FlowFailed, match="would disclose a debt at level 'none'"):
        engine.resume(flow, first.state, Pressed(key))


def test_a_machine_is_told_nothing_private_whatever_the_level() -> None:
    nodes = '  first: {kind: voicemail, prompt: {en-US: "For {who}."}, next: bye}'
    flow = flow_of(nodes, variables="{who: {type: text, privacy: identity}}")
    with pytest.raises(FlowFailed, match="no public words for a machine"):
        engine.start(flow, Caller("en-US", TODAY, {"who": "Maria"}, "none"))


@pytest.mark.parametrize("event", [TransferEnded("talked"), RecordingEnded(3, "r"), Answered("human")])
def test_news_that_fits_no_wait_is_refused_and_the_call_goes_on(event: TransferEnded) -> None:
    first = engine.start(LEMBRETE, maria())
    with pytest.raises(InputRefused, match="does not fit node first_menu"):
        engine.resume(LEMBRETE, first.state, event)
    assert engine.resume(LEMBRETE, first.state, Pressed("9")).effects


def test_after_the_end_a_hang_up_changes_nothing_and_a_key_is_refused() -> None:
    last = call(LEMBRETE, maria(), "9")[-1]
    again = engine.resume(LEMBRETE, last.state, HungUp())
    assert (again.state, again.effects, again.speech) == (last.state, (), ())
    with pytest.raises(InputRefused, match="after the end"):
        engine.resume(LEMBRETE, last.state, Pressed("1"))


def test_a_state_of_another_revision_fails() -> None:
    first = engine.start(LEMBRETE, maria())
    with pytest.raises(FlowFailed, match="load the revision"):
        engine.resume(LEMBRETE, replace(first.state, revision="other"), Silent())


@pytest.mark.parametrize("by", ["human", "unknown"])
def test_a_late_verdict_of_a_person_changes_nothing(by: str) -> None:
    first = engine.start(LEMBRETE, maria())
    turn = engine.resume(LEMBRETE, first.state, MachineHeard(by))  # type: ignore[arg-type]
    assert (turn.state, turn.speech, turn.effects, turn.path) == (first.state, (), (), ())
    assert turn.wait == first.wait


def test_a_promise_outlives_the_hang_up_that_follows() -> None:
    nodes = """
  first: {kind: promise, amount: owed, on: day, next: more, exits: {too_late: bye}}
  more: {kind: menu, keys: {"1": bye}}"""
    flow = flow_of(nodes, variables=DISCLOSES_VARIABLES)
    values = {"owed": MARIA["amount_total"], "has_mobile": True, "day": date(2026, 11, 30)}
    first = engine.start(flow, Caller("en-US", TODAY, values, "none"))
    assert effects(engine.resume(flow, first.state, HungUp())) == ["disposed promised"]


def test_a_promise_beyond_the_horizon_is_not_kept() -> None:
    nodes = "  first: {kind: promise, amount: owed, on: day, next: bye, exits: {too_late: bye}}"
    flow = flow_of(nodes, variables=DISCLOSES_VARIABLES)
    for day in (date(2026, 11, 22), date(2027, 1, 1)):
        values = {"owed": MARIA["amount_total"], "has_mobile": True, "day": day}
        turn = engine.start(flow, Caller("en-US", TODAY, values, "none"))
        assert effects(turn) == ["disposed completed"]


def test_a_spoken_message_is_kept_by_its_reference() -> None:
    nodes = '  first: {kind: record, prompt: {en-US: "Speak."}, max_seconds: 30, next: bye}'
    flow = flow_of(nodes)
    first = engine.start(flow, Caller("en-US", TODAY, {}))
    assert first.wait == Record(30)
    assert effects(engine.resume(flow, first.state, RecordingEnded(7, "RE1"))) == [
        "recorded RE1 7",
        "disposed completed",
    ]
    assert "Again. Speak." in words(engine.resume(flow, first.state, RecordingEnded(0, "")))


@pytest.mark.parametrize(("keyed", "kept"), [("42", 42), ("0", None), ("", None), ("12345", None), ("4*", None)])
def test_digits_are_collected_within_their_bounds(keyed: str, kept: int | None) -> None:
    nodes = """
  first: {kind: collect, what: digits, into: n, min_digits: 2, max_digits: 4, prompt: {en-US: "Type."}, next: told}
  told: {kind: menu, prompt: {en-US: "You typed {n|count}."}, keys: {"1": bye}}"""
    flow = flow_of(nodes, variables="{n: {type: count, privacy: public, from: call}}")
    first = engine.start(flow, Caller("en-US", TODAY, {}))
    assert first.wait == Keys(max_digits=4, finish_on="#", timeout_seconds=5)
    turn = engine.resume(flow, first.state, Pressed(keyed))
    assert words(turn) == ("You typed forty-two." if kept else "No. Type.")


def test_a_transfer_waits_with_its_skill_and_a_key_for_the_call_back() -> None:
    assert call(LEMBRETE, maria(), "0")[-1].wait == Transfer("collections", 180, "1")


def test_the_place_in_the_queue_is_told_again_after_half_a_minute() -> None:
    turns = call(LEMBRETE, maria(), "0", "wait 2 5", "wait 2 20", "wait 2 35", "5")
    assert [bool(turn.speech) for turn in turns[2:]] == [True, False, True, False]
    assert all(isinstance(turn.wait, Transfer) for turn in turns[1:])


def test_a_circle_of_nodes_ends_as_a_failure_not_as_a_hanging_call() -> None:
    nodes = '  first: {kind: say, prompt: {en-US: "Round."}, next: second}\n  second: {kind: set, next: first}'
    with pytest.raises(FlowFailed, match="more than 100 nodes without a wait"):
        engine.start(flow_of(nodes), Caller("en-US", TODAY, {}))


def test_a_call_that_never_ends_fails_after_200_turns() -> None:
    flow = flow_of('  first: {kind: menu, keys: {"1": first}}')
    turn = engine.start(flow, Caller("en-US", TODAY, {}))
    for _ in range(engine.MAX_TURNS):
        turn = engine.resume(flow, turn.state, Pressed("1"))
    with pytest.raises(FlowFailed, match="more than 200 turns"):
        engine.resume(flow, turn.state, Pressed("1"))


def test_a_key_that_is_not_on_offer_is_neither_said_nor_taken() -> None:
    nodes = """
  first:
    kind: menu
    keys:
      "1": {to: bye, when: has_mobile, say: {en-US: "Text, press one."}}
      "2": {to: bye, say: {en-US: "End, press two."}}"""
    flow = flow_of(nodes, variables="{has_mobile: {type: flag, privacy: public, optional: true}}")
    first = engine.start(flow, Caller("en-US", TODAY, {"has_mobile": False}))
    assert words(first) == "End, press two."
    assert words(engine.resume(flow, first.state, Pressed("1"))) == "No. End, press two."


def test_a_repeat_key_repeats_five_times_and_no_more() -> None:
    turns = call(LEMBRETE, maria("en-US"), *["*"] * 8)
    assert [("isn't one of the choices" in words(turn)) for turn in turns[1:]] == [False] * 5 + [True, True, False]
    assert isinstance(turns[-1].wait, End)


def test_a_missing_exit_fails_the_session_and_names_it() -> None:
    flow = flow_of('  first: {kind: menu, keys: {"1": bye}}')
    first = engine.start(flow, Caller("en-US", TODAY, {}))
    with pytest.raises(FlowFailed, match="node first has no exit 'machine'"):
        engine.resume(flow, first.state, MachineHeard())


def test_a_secret_never_leaves_in_a_message() -> None:
    nodes = '  first: {kind: message, template: t, text: {en-US: "{pin}"}, next: bye, exits: {no_mobile: bye}}'
    variables = "{pin: {type: secret, privacy: identity}, has_mobile: {type: flag, privacy: public}}"
    with pytest.raises(FlowFailed, match="pin, which is secret") as failure:
        engine.start(
            flow_of(nodes, variables=variables), Caller("en-US", TODAY, {"pin": "998877", "has_mobile": True})
        )
    assert "998877" not in str(failure.value)


def test_messages_are_written_as_people_write() -> None:
    nodes = (
        '  first: {kind: message, template: t, text: {en-US: "{owed} by {day}"}, next: bye, exits: {no_mobile: bye}}'
    )
    values = {"owed": MARIA["amount_total"], "has_mobile": True, "day": date(2026, 11, 30)}
    turn = engine.start(flow_of(nodes, variables=DISCLOSES_VARIABLES), Caller("en-US", TODAY, values, "none"))
    assert turn.effects[0] == MessageAsked("t", "R$150.50 by 11/30/2026")


@pytest.mark.parametrize(
    "before",
    [
        ("2", "4"),  # when to call again, by keypad
        ("1", "123", "2", "4"),  # a date for a promise
        ("1", "123", "3", "1"),  # the day of a payment
        ("1", "123", "0"),  # the queue for a person of the team
    ],
)
def test_nine_stops_the_calls_where_something_else_is_keyed_in_or_waited_for(before: tuple[str, ...]) -> None:
    turns = call(LEMBRETE, maria(), *before, "9")
    assert "opted_out automated" in effects(turns[-1])
    assert isinstance(turns[-1].wait, End)
