from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.pacing import CallRecord, PacingState, make_pacer

QUIET = PacingState(
    agents_idle=4,
    agents_busy=0,
    agents_wrapup=0,
    agents_reserved=0,
    talk_ages=(),
    wrapup_ages=(),
    ringing_ages=(),
    ivr_ages=(),
    waiting_ages=(),
    dialed=0,
    answered=0,
    requested_agent=0,
    connected=0,
    abandoned=0,
    talk_mean=None,
    wrapup_mean=None,
    ring_mean=None,
    ivr_mean=None,
    mode="ivr",
    cps_cap=100.0,
    lines_cap=50,
    patience=30.0,
)
ages = st.lists(st.floats(0, 600), max_size=30).map(tuple)
counts = st.integers(0, 40)
states = st.builds(
    replace,
    st.just(QUIET),
    agents_idle=counts,
    agents_busy=counts,
    agents_wrapup=counts,
    agents_reserved=counts,
    talk_ages=ages,
    ringing_ages=ages,
    ivr_ages=ages,
    waiting_ages=ages,
    cps_cap=st.floats(0, 50),
    lines_cap=st.integers(0, 100),
)


@given(st.sampled_from(["progressive", "press1"]), st.lists(st.tuples(st.floats(0, 5), states), max_size=5))
def test_never_negative_never_above_the_caps(mode: str, ticks: list[tuple[float, PacingState]]) -> None:
    pacer, now = make_pacer(mode), 0.0
    for elapsed, state in ticks:
        now += elapsed
        start = pacer.calls_to_start(now, state)
        in_use = sum(len(a) for a in (state.talk_ages, state.ringing_ages, state.ivr_ages, state.waiting_ages))
        assert start >= 0
        assert start == 0 or start + in_use <= state.lines_cap
        assert start <= max(1, state.cps_cap * max(1.0, elapsed))


def test_progressive_starts_one_call_per_idle_agent_without_one() -> None:
    state = replace(QUIET, ringing_ages=(1.0,), waiting_ages=(2.0,), talk_ages=(9.0,))
    assert make_pacer("progressive").calls_to_start(0.0, state) == 2
    assert make_pacer("progressive").calls_to_start(0.0, replace(QUIET, agents_idle=0)) == 0


def test_press1_holds_a_fixed_number_of_lines_per_idle_agent() -> None:
    assert make_pacer("press1", lines_per_agent=2.5).calls_to_start(0.0, QUIET) == 10
    assert make_pacer("press1", lines_per_agent=2.5).calls_to_start(0.0, replace(QUIET, ivr_ages=(1.0,) * 8)) == 2
    assert make_pacer("press1").calls_to_start(0.0, replace(QUIET, agents_idle=0, agents_busy=4)) == 0


def test_a_flow_without_agents_is_paced_by_lines_and_rate() -> None:
    nobody = replace(QUIET, agents_idle=0)
    assert make_pacer("press1").calls_to_start(0.0, nobody) == 50
    assert make_pacer("press1").calls_to_start(0.0, replace(nobody, cps_cap=5.0)) == 5
    assert make_pacer("press1").calls_to_start(0.0, replace(nobody, ringing_ages=(1.0,) * 49)) == 1
    assert make_pacer("progressive").calls_to_start(0.0, nobody) == 0


def test_learning_is_accepted_and_changes_nothing_for_fixed_ratios() -> None:
    pacer = make_pacer("press1")
    pacer.observe(CallRecord(0.0, 5.0, True, 8.0, 1.0, 60.0, 10.0))
    assert pacer.calls_to_start(0.0, QUIET) == 12


@pytest.mark.parametrize("mode", ["predictive", ""])
def test_modes_that_are_not_available_are_refused_with_the_list(mode: str) -> None:
    with pytest.raises(ValueError, match="progressive, press1"):
        make_pacer(mode)


@pytest.mark.parametrize("wrong", [{"max_abandonment": 1.5}, {"lines_per_agent": 0}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must lie"):
        make_pacer("press1", **wrong)  # type: ignore[arg-type]


def test_in_preview_no_call_begins_by_itself() -> None:
    assert make_pacer("preview").calls_to_start(0.0, replace(QUIET, agents_idle=9)) == 0
