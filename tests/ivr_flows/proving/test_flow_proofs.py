"""The library is proven; every property finds the fault that is put in for it; what was explored holds every call."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeded_faults import SEEDS, with_node

from audio.packs.lengths import seconds
from dialer.proving import proof_of
from dialer.rules.flow_demands import demands
from dialer.rules.packs import load_packs
from ivr_flows import engine
from ivr_flows.errors import InputRefused
from ivr_flows.loading import library, load
from ivr_flows.player import read_event
from ivr_flows.proving.exploring import Explored, explore
from ivr_flows.proving.proof import PROPERTIES, Proof, prove
from ivr_flows.turn import End
from tests.ivr_flows.flow_calls import maria

SHORT = ("recado", "torpedo")  # of ten states each; the others have hundreds
US = demands(load_packs(), ("US",))


def seeded(name: str, seed: str) -> Proof | None:
    changed = SEEDS[seed][1](load(name))
    return prove(changed, US, seconds=seconds) if changed else None


def assert_found(name: str, seed: str) -> None:
    proof = seeded(name, seed)
    if proof is None:
        assert name in (*SHORT, "retorno"), "only messages and calls that come in do without"
        return
    codes = {each.code for each in proof.violations}
    assert SEEDS[seed][0] in codes, proof.violations


def test_there_is_a_seeded_fault_for_every_property() -> None:
    assert {code for code, _ in SEEDS.values()} == set(PROPERTIES)


@pytest.mark.parametrize("name", SHORT)
def test_messages_are_proven_everywhere(name: str) -> None:
    proof = proof_of(load(name), load_packs())
    assert proof.violations == ()
    assert proof.places == ("BR", "CA", "FR", "GB", "US")
    assert proof.states >= 10


@pytest.mark.soak
@pytest.mark.parametrize("name", [each for each in library() if each not in SHORT])
def test_the_library_is_proven_everywhere(name: str) -> None:
    proof = proof_of(load(name), load_packs())
    assert proof.violations == ()
    assert proof.states > 500


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SHORT)
def test_a_fault_in_a_message_is_found(name: str, seed: str) -> None:
    assert_found(name, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [each for each in library() if each not in SHORT])
def test_a_fault_in_a_conversation_is_found(name: str, seed: str) -> None:
    assert_found(name, seed)


def test_the_counter_example_is_a_shortest_call_in_words() -> None:
    found = prove(with_node(load("lembrete"), "claimed", next="summary"), US).violations
    first = next(each for each in found if each.code == "F1" and each.node == "summary")
    assert first.way == "answered (message_only no) → 1"
    assert "amount_total" in first.what
    assert (
        "(amount_total, creditor_name, debt_count, class debt) at level claimed. It needs level checked."
        in first.what
    )
    assert {"F1", "F14"} <= {each.code for each in found}


def test_a_place_that_asks_for_less_finds_less() -> None:
    changed = SEEDS["no disclosure"][1](load("lembrete"))
    assert changed is not None
    found = {(each.code, each.place) for each in prove(changed, demands(load_packs(), ("BR", "US"))).violations}
    assert found == {("F14", "US"), ("F13", "")}  # the words that are said nowhere are out of reach, too


@cache
def explored() -> Explored:
    return explore(load("lembrete"))


TYPED = st.sampled_from([*"012349*", "123", "0512", "1530", "silence", "h", "machine", "recall stopped", "talked",
                         "nobody_free", "left", "wait 1 0", "wait 1 200", "card paid", "card stopped"])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    typed=st.lists(TYPED, max_size=12),
    debts=st.sampled_from([1, 2, 6]),
    agents=st.booleans(),
    mobile=st.booleans(),
    card=st.booleans(),
)
def test_no_call_leaves_what_was_explored(
    typed: list[str], debts: int, agents: bool, mobile: bool, card: bool
) -> None:
    """Each turn of a real call, with real values, is among the explored ones: same nodes, same effects."""
    flow = load("lembrete")
    known = {(step.path, tuple(type(one) for one in step.effects)) for step in explored().steps}
    waits = {(state.node, state.data["level"]) for state in explored().states}
    caller = maria(debts=debts, agents_open=agents, has_mobile=mobile, card_open=card)
    turn = engine.start(flow, caller)
    for each in ("1", "123", *typed):
        assert (turn.path, tuple(type(one) for one in turn.effects)) in known
        if isinstance(turn.wait, End):
            return
        assert (turn.state.node, turn.state.data["level"]) in waits
        try:
            turn = engine.resume(flow, turn.state, read_event(each))
        except InputRefused:
            continue
        if not turn.path and not turn.effects:
            return
