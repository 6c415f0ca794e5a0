"""Sharing: nothing unused, nobody starved, by weight; and no idle agent counted for two campaigns."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.fairness import AgentNeed, Want, share, share_agents

wants = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=6).map(
    lambda found: [Want(campaign, units, weight) for campaign, (units, weight) in enumerate(found)]
)


@given(st.integers(0, 60), wants, st.dictionaries(st.integers(0, 6), st.floats(0, 1000)))
def test_everything_wanted_is_given_as_far_as_it_goes(
    capacity: int, wanted: list[Want], served: dict[int, float]
) -> None:
    given_out, _ = share(capacity, wanted, served)
    assert sum(given_out.values()) == min(capacity, sum(want.units for want in wanted))
    assert all(0 <= given_out[want.campaign] <= want.units for want in wanted)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=80))
def test_however_little_there_is_at_a_time_each_gets_its_weight(weights: list[int], rounds: list[int]) -> None:
    served: dict[int, float] = {}
    total = dict.fromkeys(range(len(weights)), 0)
    for capacity in rounds:
        given_out, served = share(capacity, [Want(n, 10, weight) for n, weight in enumerate(weights)], served)
        for campaign, units in given_out.items():
            total[campaign] += units
    fair = sum(rounds) / sum(weights)
    for campaign, weight in enumerate(weights):
        assert abs(total[campaign] - fair * weight) <= weight + len(weights), (total, fair)


def test_who_wanted_nothing_for_a_while_does_not_take_everything_afterwards() -> None:
    served: dict[int, float] = {}
    for _ in range(100):
        _, served = share(1, [Want(1, 5), Want(2, 0)], served)
    given_out, _ = share(10, [Want(1, 10), Want(2, 10)], served)
    assert given_out == {1: 5, 2: 5}


def test_a_campaign_that_begins_later_is_not_behind_all_others() -> None:
    served: dict[int, float] = {}
    for _ in range(100):
        _, served = share(1, [Want(1, 5)], served)
    assert share(4, [Want(1, 4), Want(2, 4)], served)[0] == {1: 2, 2: 2}


needs = st.lists(
    st.tuples(st.frozensets(st.integers(0, 5)), st.integers(0, 3), st.integers(0, 6), st.integers(1, 4)),
    min_size=1,
    max_size=4,
).map(
    lambda found: [
        AgentNeed(campaign, agents, on_the_way, more, weight)
        for campaign, (agents, on_the_way, more, weight) in enumerate(found)
    ]
)


@given(needs)
def test_agents_are_given_once_to_whom_they_fit_and_as_many_as_skills_allow(found: list[AgentNeed]) -> None:
    given_out, _ = share_agents(found, {})
    slots = [need for need in found for _ in range(given_out[need.campaign])]
    assert _can_be_seated(slots), "every unit has an agent of its own"
    for need in found:
        assert given_out[need.campaign] <= need.on_the_way + need.more
        wanting = given_out[need.campaign] < need.on_the_way + need.more
        assert not (wanting and _can_be_seated([*slots, need])), "nobody who fits stays idle while one is wanted"


@given(needs)
def test_calls_on_the_way_come_before_new_ones(found: list[AgentNeed]) -> None:
    given_out, _ = share_agents(found, {})
    held = share_agents([AgentNeed(one.campaign, one.agents, one.on_the_way, 0) for one in found], {})[0]
    assert all(given_out[campaign] >= kept for campaign, kept in held.items())


def test_two_campaigns_take_turns_at_one_agent() -> None:
    served: dict[int, float] = {}
    got = []
    for _ in range(6):
        both = [AgentNeed(campaign, frozenset({7}), 0, 3) for campaign in (1, 2)]
        given_out, served = share_agents(both, served)
        got += [campaign for campaign, agents in given_out.items() if agents]
    assert sorted(got) == [1, 1, 1, 2, 2, 2]
    assert all(one != other for one, other in itertools.pairwise(got))


def test_an_agent_who_does_everything_is_left_to_the_campaign_that_has_no_other() -> None:
    needs_now = [AgentNeed(1, frozenset({1, 2}), 0, 1), AgentNeed(2, frozenset({1}), 0, 1)]
    assert share_agents(needs_now, {})[0] == {1: 1, 2: 1}


def _can_be_seated(slots: list[AgentNeed]) -> bool:
    """Whether each of these units can have an agent of its own: by trying them all out."""
    taken: dict[int, int] = {}

    def seat(index: int, seen: set[int]) -> bool:
        for agent in slots[index].agents:
            if agent not in seen:
                seen.add(agent)
                if agent not in taken or seat(taken[agent], seen):
                    taken[agent] = index
                    return True
        return False

    return all(seat(index, set()) for index in range(len(slots)))
