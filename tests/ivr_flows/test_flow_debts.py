"""Several debts in one call: every one can be chosen, and what is said, sent and kept is about the chosen one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flow_calls import TODAY, call, effects, flow_of, maria, words
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import engine
from ivr_flows.errors import FlowFailed
from ivr_flows.events import Pressed
from ivr_flows.hours import keyed_time
from ivr_flows.loading import library, load
from ivr_flows.phrases import personal_parts
from ivr_flows.turn import Caller, Money, Value
from ivr_flows.wording import cardinal

SEVERAL = """
  first: {kind: menu, keys: {"1": which, "2": all}}
  which:
    kind: choose
    page: 3
    prompt: {en-US: "Which?"}
    each: {en-US: "For {amount|amount}, press {choice|count}."}
    more: {en-US: "More, press eight."}
    keys: {"7": {to: all, say: {en-US: "All, press seven."}}}
    repeat_key: "*"
    next: one
    exits: {none: bye}
  one: {kind: set, values: {due: "{amount}"}, next: swear}
  all: {kind: set, debts: all, values: {due: "{amount_total}"}, next: swear}
  swear: {kind: promise, amount: due, on: day, next: rest, exits: {too_late: bye}}
  rest: {kind: hold, reason: dispute, next: bye}
"""
SEVERAL_VARIABLES = (
    "{amount: {type: money, privacy: debt, optional: true}, amount_total: {type: money, privacy: debt}, "
    "due: {type: money, privacy: debt, from: call}, day: {type: date, privacy: debt}, "
    "creditor_name: {type: text, privacy: debt, optional: true}, "
    "days_past_due: {type: count, privacy: debt, optional: true}, "
    "debt_count: {type: count, privacy: debt, optional: true}}"
)


def owing(count: int, **given: Value) -> Caller:
    debts: tuple[dict[str, Value], ...] = tuple(
        {"debt": f"d{n}", "amount": Money(100 * n, "USD"), "creditor_name": "Loja Aurora", "days_past_due": n}
        for n in range(1, count + 1)
    )
    values: dict[str, Value] = {"amount_total": Money(100_000, "USD"), "day": TODAY, **given}
    return Caller("en-US", TODAY, values, "none", debts)


@given(count=st.integers(1, 16), wanted=st.integers(1, 16))
@settings(max_examples=60, deadline=None)
def test_every_one_of_many_debts_can_be_reached_and_is_then_the_one_that_is_meant(count: int, wanted: int) -> None:
    wanted = min(wanted, count)
    pages, key = divmod(wanted - 1, 3)
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    turns = call(flow, owing(count), "1", *["8"] * pages)
    assert f"{cardinal(wanted, 'en-US')} dollar" in words(turns[-1])
    assert ("More, press eight." in words(turns[-1])) == (count > 3)
    last = engine.resume(flow, turns[-1].state, Pressed(str(key + 1)))
    assert effects(last)[:2] == [f"promised {wanted * 100} USD 2026-11-23 d{wanted}", f"hold dispute d{wanted}"]


@pytest.mark.parametrize(("debts", "key"), [(2, "3"), (2, "8"), (4, "4"), (4, "9")])
def test_a_key_that_offers_no_debt_chooses_none(debts: int, key: str) -> None:
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    last = call(flow, owing(debts), "1", key)[-1]
    assert words(last).startswith("No. Which?")
    assert last.effects == ()


def test_what_all_debts_share_is_known_of_all_and_nothing_else() -> None:
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    known = call(flow, owing(3), "2")[0].state.data["vars"]
    assert isinstance(known, dict)
    assert {name: known.get(name) for name in ("creditor_name", "amount", "days_past_due", "debt_count")} == {
        "creditor_name": "Loja Aurora",
        "amount": None,
        "days_past_due": 3,
        "debt_count": 3,
    }


def test_all_debts_are_meant_again_after_one_was() -> None:
    flow = flow_of(SEVERAL.replace("next: rest", "next: first"), variables=SEVERAL_VARIABLES)
    last = call(flow, owing(2), "1", "2", "2")[-1]
    assert effects(last) == ["promised 100000 USD 2026-11-23"]


def test_with_nothing_to_choose_from_the_call_goes_on() -> None:
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    assert call(flow, owing(0), "1")[-1].path == ("which", "bye")


def test_a_debt_with_a_value_of_another_type_fails_without_showing_it() -> None:
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    wrong = Caller("en-US", TODAY, owing(0).values, "none", ({"debt": "d1", "amount": "987654"},))
    with pytest.raises(FlowFailed, match=r"amount must be of type money, not str") as failure:
        engine.start(flow, wrong)
    assert "987654" not in str(failure.value)


def test_the_state_holds_of_debts_only_what_the_flow_may_speak_of() -> None:
    kept = engine.start(load("recado"), maria(debts=6)).state.data["debts"]
    assert kept == [{"debt": str(n)} for n in range(1, 7)]


def test_a_choice_says_nothing_below_the_level() -> None:
    flow = flow_of(SEVERAL, variables=SEVERAL_VARIABLES)
    first = engine.start(flow, replace(owing(2), required_level="checked"))
    with pytest.raises(FlowFailed, match="would disclose a debt at level 'none'"):
        engine.resume(flow, first.state, Pressed("1"))


def test_an_amount_of_nothing_counts_as_absent_in_a_condition() -> None:
    nodes = """
  first: {kind: branch, cases: [{when: owed, to: told}], else: bye}
  told: {kind: say, prompt: {en-US: "a"}, next: bye}"""
    flow = flow_of(nodes, variables="{owed: {type: money, privacy: debt}}")
    for minor, path in ((0, ("first", "bye")), (1, ("first", "told", "bye"))):
        assert engine.start(flow, Caller("en-US", TODAY, {"owed": Money(minor, "USD")}, "none")).path == path


@given(
    hour=st.integers(0, 23), minute=st.integers(0, 59), keyed=st.from_regex(r"[0-2][0-9][0-5][0-9]", fullmatch=True)
)
@settings(max_examples=150, deadline=None)
def test_an_agreed_time_is_the_next_such_time_within_the_hours(hour: int, minute: int, keyed: str) -> None:
    now = hour * 60 + minute
    found = keyed_time(keyed, now=now, earliest=8, latest=20)
    said = int(keyed[:2]) * 60 + int(keyed[2:])
    if found is None:
        assert int(keyed[:2]) > 23 or not any(8 * 60 <= at <= 20 * 60 for at in (said, said + 720))
    else:
        assert now < found <= now + 1440
        assert 8 * 60 <= found % 1440 <= 20 * 60
        assert found % 720 == said % 720


@pytest.mark.parametrize("keyed", ["", "1", "12", "2400", "1260", "12:3", "١٢٣٠", "0730", "2001"])
def test_keys_that_are_no_time_within_the_hours_are_none(keyed: str) -> None:
    if keyed == "0730":  # half past seven in the evening, as people key it in
        assert keyed_time(keyed, now=0, earliest=8, latest=20) == 19 * 60 + 30
    else:
        assert keyed_time(keyed, now=0, earliest=8, latest=20) is None


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
def test_what_a_call_says_of_any_of_the_debts_is_known_beforehand(language: str) -> None:
    caller = maria(language, debts=6)
    known = {part.text for part in personal_parts(load("lembrete"), caller)}
    keyed = {cardinal(key, language) + "." for key in range(1, 5)}
    for script in (["4", "1", "4"], ["4", "8", "2"], ["2", "7", "1"], ["1", "3"]):
        for turn in call(load("lembrete"), caller, "1", "123", *script):
            spoken = [part for speech in turn.speech for part in speech.parts if part.kind in ("amount", "number")]
            assert {part.text for part in spoken} - keyed <= known


@pytest.mark.parametrize("name", library())
def test_what_may_be_said_of_a_debt_that_is_not_due_yet_is_known_beforehand(name: str) -> None:
    assert personal_parts(load(name), maria(debts=2, days_past_due=-3, another_past_due=-9))
