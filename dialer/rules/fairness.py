"""Sharing between campaigns: what is scarce goes round by weight, nobody starves, nothing is left unused.

Two things are scarce: calls that may start now, and idle agents. Both rules are exact on whole units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """How much one campaign could use now, and its weight (2 gets twice as much as 1, where both want it)."""

    campaign: int
    units: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class AgentNeed:
    """One campaign's need of idle agents: those whom its calls on the way may ask for, and those it has calls for.

    `agents` are the ids of idle agents who take its calls.
    """

    campaign: int
    agents: frozenset[int]
    on_the_way: int
    more: int
    weight: int = 1


Shares = tuple[dict[int, int], dict[int, float]]


def share(capacity: int, wants: Sequence[Want], served: Mapping[int, float]) -> Shares:
    """(units for each campaign, what each has been served by now) for `capacity` units.

    `served` is the second result of the time before ({} at first): units by weight, so that a campaign that got
    less comes first even where one unit is shared at a time. Who wanted nothing saves nothing up.
    """
    given = {want.campaign: 0 for want in wants}
    eager = [want for want in wants if want.units > 0]
    floor = min((served[want.campaign] for want in eager if want.campaign in served), default=0.0)
    now = {want.campaign: max(served.get(want.campaign, floor), floor) for want in wants}
    for _ in range(min(capacity, sum(want.units for want in eager))):
        hungry = [want for want in eager if given[want.campaign] < want.units]
        next_one = min(hungry, key=lambda want: (now[want.campaign], want.campaign))
        given[next_one.campaign] += 1
        now[next_one.campaign] += 1 / next_one.weight
    return given, now


def share_agents(needs: Sequence[AgentNeed], served: Mapping[int, float]) -> Shares:
    """(idle agents for each campaign, what each has been served by now); no agent is counted for two campaigns.

    Calls on the way come first, since nobody can take them back; only then agents are free for new calls, by weight
    as in `share`. An agent changes campaigns where that makes room: the sum is the most that the skills allow.
    """
    holder: dict[int, int] = {}  # agent -> campaign
    by_campaign = {need.campaign: need for need in needs}
    given = {need.campaign: 0 for need in needs}
    for need in needs:
        while given[need.campaign] < need.on_the_way and _take(need.campaign, by_campaign, holder):
            given[need.campaign] += 1
    eager = [need for need in needs if need.more > 0]
    floor = min((served[need.campaign] for need in eager if need.campaign in served), default=0.0)
    now = {need.campaign: max(served.get(need.campaign, floor), floor) for need in needs}
    left = {need.campaign: need.more for need in eager}
    while left:
        campaign = min(left, key=lambda one: (now[one], one))
        if not _take(campaign, by_campaign, holder):
            del left[campaign]
            continue
        given[campaign] += 1
        now[campaign] += 1 / by_campaign[campaign].weight
        left[campaign] -= 1
        if not left[campaign]:
            del left[campaign]
    return given, now


def _take(campaign: int, needs: Mapping[int, AgentNeed], holder: dict[int, int]) -> bool:
    """One agent more for the campaign, moving agents of others to other agents of theirs if need be.

    An augmenting path in the graph of campaigns and agents; whoever holds an agent keeps as many as before.
    """
    seen: set[int] = set()

    def free_one(wanting: int) -> bool:
        for agent in sorted(needs[wanting].agents - seen, key=lambda one: (one in holder, one)):
            if agent in seen or holder.get(agent) == wanting:
                continue
            seen.add(agent)
            if agent not in holder or free_one(holder[agent]):
                holder[agent] = wanting
                return True
        return False

    return free_one(campaign)
