"""Whatever happens in whatever order: no crash, no debt below the level, one disposition, an end in sight."""

from __future__ import annotations

from flow_calls import maria
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr_flows import engine
from ivr_flows.errors import InputRefused
from ivr_flows.events import (
    Event,
    HungUp,
    MachineHeard,
    Pressed,
    Recalled,
    RecordingEnded,
    Silent,
    StillWaiting,
    TransferEnded,
)
from ivr_flows.loading import library, load
from ivr_flows.running.outcomes import OUTCOMES
from ivr_flows.turn import LEVELS, Disposed, End, HoldAsked, LevelReached, MessageAsked, Promised, Turn
from ivr_flows.variables import reaches

KEYS = st.one_of(st.sampled_from(list("0123456789*#")), st.just("123"), st.text("0123456789*#", max_size=6))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    KEYS.map(Pressed),
    KEYS.map(Pressed),
    st.just(Silent()),
    st.just(HungUp()),
    st.builds(MachineHeard, st.sampled_from(["human", "machine", "fax", "unknown"])),
    st.builds(Recalled, st.sampled_from(["opted_out", "nothing_due", "stopped"])),
    st.builds(StillWaiting, st.integers(1, 9), st.integers(0, 240)),
    st.builds(TransferEnded, st.sampled_from(["talked", "nobody_free", "closed", "left", "failed"])),
    st.builds(RecordingEnded, st.integers(0, 60), st.just("RE1")),
)
GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "official_number": st.none(),
        "official_site": st.none(),
        "agents_open": st.booleans(),
        "has_mobile": st.booleans(),
        "check_kind": st.sampled_from([None, "birth_year", "postal_code", "other"]),
        "debts": st.sampled_from([0, 1, 2, 6]),
        "pix": st.none(),
        "boleto": st.none(),
        "original_amount": st.none(),
        "contact_person": st.none(),
        "due_date": st.none(),
        "now": st.none(),
        "recorded": st.booleans(),
        "message_only": st.booleans(),
        "voicemail_allowed": st.booleans(),
        "number_withheld": st.booleans(),
        "broken_promise": st.booleans(),
    },
)


@settings(max_examples=400, deadline=None)
@given(
    name=st.sampled_from(library()),
    language=st.sampled_from(["pt-BR", "en-US", "fr-FR"]),
    needed=st.sampled_from(LEVELS),
    given_values=GIVEN,
    events=st.lists(EVENTS, max_size=40),
)
def test_any_call_is_lawful_and_ends(name: str, language: str, needed: str, given_values: dict, events: list) -> None:  # type: ignore[type-arg]
    flow = load(name)
    turn = engine.start(flow, maria(language, required_level=needed, **given_values))  # type: ignore[arg-type]
    level = watch(turn, "none", needed, inbound=flow.inbound)
    disposed = count_disposed(turn)
    for event in [*events, *[Silent(), TransferEnded("nobody_free")] * 20]:
        try:
            turn = engine.resume(flow, turn.state, event)
        except InputRefused:
            continue
        level = watch(turn, level, needed, inbound=flow.inbound)
        disposed += count_disposed(turn)
    assert isinstance(turn.wait, End)
    assert disposed == 1


def watch(turn: Turn, level: str, needed: str, *, inbound: bool) -> str:
    """Follow the level, and see that nothing of class debt leaves the turn below the one needed."""
    for effect in turn.effects:
        if isinstance(effect, LevelReached):
            level = effect.level
        if isinstance(effect, Promised | HoldAsked | MessageAsked):
            assert reaches(level, needed)  # type: ignore[arg-type]
        if isinstance(effect, MessageAsked):
            assert "Horizonte Atendimento: " in effect.text
    if not reaches(level, needed):  # type: ignore[arg-type]
        assert all(speech.privacy != "debt" for speech in turn.speech)
        assert not any("Aurora" in speech.text for speech in turn.speech)
        assert not inbound or not any("Maria" in speech.text for speech in turn.speech)
    for speech in turn.speech:
        assert speech.text == " ".join(speech.text.split())
        assert not any(sign.isdigit() for sign in speech.text)
    return level


def count_disposed(turn: Turn) -> int:
    found = [effect for effect in turn.effects if isinstance(effect, Disposed)]
    assert all(effect.disposition in OUTCOMES for effect in found)
    assert bool(found) <= isinstance(turn.wait, End)
    return len(found)
