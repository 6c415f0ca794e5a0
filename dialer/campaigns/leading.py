"""How many calls each running campaign starts at this beat: paced by its agents, shared fairly among all of them.

All campaigns of a company are led by one worker, so that no idle agent and no line is counted twice. Decides and
reads; the calls themselves are placed by the worker.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering, staffing
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.breaks import NEXT_CALL
from dialer.rules.fairness import AgentNeed, Want, share, share_agents
from dialer.rules.meters import Brake
from dialer.rules.pacing import Pacer, PacingState, make_pacer, slowed
from dialer.rules.plan import Plan
from dialer.store import agents, campaigns, contacts, ranks
from dialer.store.agents import Idle
from dialer.store.models import Campaign

LEAD_SECONDS = 15.0  # wall clock; a dead leader is replaced within this time
RENEWED_BEFORE = LEAD_SECONDS / 2  # what may be left of a lease that is not renewed at this beat
BATCH = 400  # calls of one campaign that one beat may start
RANKS_AT_ONCE = 1000
AHEAD_SECONDS = 15.0  # of grants that claimed contacts may wait for


@dataclass(frozen=True, slots=True)
class _Seen:
    """One campaign at this beat: its pacer's view (claimed contacts ring in it already), and how many are due."""

    campaign: Campaign
    plan: Plan
    state: PacingState
    claimed: int
    due: int

    @property
    def on_the_way(self) -> int:
        """Calls that may yet ask for an agent."""
        return len(self.state.ringing_ages) + len(self.state.ivr_ages) + len(self.state.waiting_ages)

    @property
    def calls_per_agent(self) -> float:
        """How many calls one idle agent is good for."""
        return 1.0 if self.plan.pacing == "progressive" else self.plan.ratio


@dataclass(slots=True)
class Leader:
    """What one worker remembers from beat to beat: pacers, and what each campaign has been served so far."""

    op: Operation = field(repr=False)
    name: str
    _pacers: dict[tuple[int, str, float], Pacer] = field(default_factory=dict)
    _calls: dict[int, float] = field(default_factory=dict)
    _agents: dict[int, float] = field(default_factory=dict)
    _ranked: dict[int, int] = field(default_factory=dict)

    async def lead(self, running: Sequence[Campaign]) -> Sequence[Campaign]:
        """Those of a company's running campaigns that this worker leads now: all of them, or none."""
        if not running or _held(running, self.name):
            return running
        async with self.op.database.write() as session:
            return await campaigns.lead(session, running[0].tenant_id, self.name, seconds=LEAD_SECONDS)

    async def orders(self, led: Sequence[Campaign], *, room: int, waiting: int) -> dict[int, int]:
        """How many calls each of the led campaigns (of one company) starts now.

        `room` is how many more creates this worker takes on, `waiting` how many wait for a grant already.
        """
        if not led:
            return {}
        async with self.op.database.read() as session:
            seen = [await self._see(session, campaign) for campaign in led]
            others = [await self._see(session, one) for one in await campaigns.with_calls_beside(session, led)]
            idle = await agents.idle(session, led[0].tenant_id, self.op.clock.now() + NEXT_CALL)
            brakes = await metering.brakes(session, self.op, [one.campaign for one in seen if one.due])
        staffed = self._staffed(seen, others, idle)
        wants = [
            Want(one.campaign.id, self._wish(one, brakes.get(one.campaign.id)), one.plan.weight) for one in staffed
        ]
        ahead = math.ceil(self.op.settings.calls_per_second * AHEAD_SECONDS) - waiting
        given, self._calls = share(max(0, min(room, ahead, _free_lines(staffed))), wants, self._calls)
        return {campaign: calls for campaign, calls in given.items() if calls}

    def ranks_are_due(self, campaign: Campaign) -> bool:
        """Whether an hour has begun in which the campaign's order is another; once an hour."""
        hour = int(self.op.clock.now().timestamp() // 3600)
        due = (
            Plan.model_validate(campaign.plan).ordering.turns_with_the_hour and self._ranked.get(campaign.id) != hour
        )
        self._ranked[campaign.id] = hour
        return due

    async def rank(self, campaign: Campaign) -> None:
        """Order the campaign's waiting contacts anew, in steps: the others can be claimed meanwhile."""
        weights = Plan.model_validate(campaign.plan).ordering.weights
        async with self.op.database.read() as session:
            changes = await ranks.changes(session, campaign, weights, at=self.op.clock.now())
        for start in range(0, len(changes), RANKS_AT_ONCE):
            async with self.op.database.write() as session:
                await ranks.put_down(session, changes[start : start + RANKS_AT_ONCE])

    async def _see(self, session: AsyncSession, campaign: Campaign) -> _Seen:
        state = await staffing.pacing_state(session, self.op, campaign)
        now = self.op.clock.now()
        claimed, due = await contacts.claimed_and_due(session, campaign.id, now=now, at_most=BATCH)
        state = replace(state, ringing_ages=state.ringing_ages + (0.0,) * claimed)
        plan = Plan.model_validate(campaign.plan)
        return _Seen(campaign, plan, state, claimed, 0 if plan.pacing == "preview" else due)

    def _staffed(self, seen: Sequence[_Seen], others: Sequence[_Seen], idle: Sequence[Idle]) -> list[_Seen]:
        """The campaigns with the idle agents that are theirs at this beat; calls of others hold agents, too."""
        needs = [_need(one, idle, more=one.due) for one in seen] + [_need(one, idle, more=0) for one in others]
        given, self._agents = share_agents(needs, self._agents)
        return [replace(one, state=_with_idle(one.state, given[one.campaign.id])) for one in seen]

    def _wish(self, one: _Seen, brake: Brake | None) -> int:
        key = (one.campaign.id, one.plan.pacing, one.plan.ratio)
        pacer = self._pacers.setdefault(key, make_pacer(one.plan.pacing, lines_per_agent=one.plan.ratio))
        wish = min(pacer.calls_to_start(self.op.clock.now().timestamp(), one.state), one.due, BATCH)
        if brake is None:
            return wish
        return slowed(wish, pace=brake.pace, room=brake.room - one.claimed)


def _held(running: Sequence[Campaign], name: str) -> bool:
    """Whether all of them are led by `name`, with so much of the lease left that it need not be renewed yet."""
    enough = real_ms() + int(RENEWED_BEFORE * 1000)
    return all(one.lease_owner == name and one.lease_until > enough for one in running)


def _free_lines(staffed: Sequence[_Seen]) -> int:
    """Lines of the account that nobody uses or has claimed; a campaign whose agents are all away sees none."""
    unused = (
        one.state.lines_cap - one.on_the_way - len(one.state.talk_ages) + one.claimed
        for one in staffed
        if one.state.lines_cap
    )
    return min(unused, default=0) - sum(one.claimed for one in staffed)


def _need(one: _Seen, idle: Sequence[Idle], *, more: int) -> AgentNeed:
    return AgentNeed(
        campaign=one.campaign.id,
        agents=frozenset(agent.id for agent in idle if agents.fits(agent.skills, one.campaign.skill, None)),
        on_the_way=math.ceil(one.on_the_way / one.calls_per_agent),
        more=math.ceil(more / one.calls_per_agent),
        weight=one.plan.weight,
    )


def _with_idle(state: PacingState, idle: int) -> PacingState:
    """The state with so many idle agents; the rest of them serve other campaigns, and are as good as reserved."""
    return replace(state, agents_idle=idle, agents_reserved=state.agents_reserved + state.agents_idle - idle)
