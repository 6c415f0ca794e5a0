"""A quick look at what becomes of a campaign's people: all of a short list, a spread sample of a long one.

The same gate is asked as by the dry run in `planning`. Writes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import judging
from dialer.campaigns import dividing, planning
from dialer.campaigns.foreseeing import Forecast, foresee
from dialer.campaigns.planning import Totals
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.store.models import Agent, Campaign, Contact

SAMPLE = 400
HOLDS_A_LINE = 45.0  # seconds of an average call with its ringing: the guess before anything was measured


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is foreseen. `looked` of `people` were looked at: all counts are of those.

    `blocked` counts by rule those who are not called at all as things are, `later` those who are called later.
    `first_at` and `last_at`: when the first and the last of them may be called; `done_by`: when everybody who may be
    called was called once, with the lines and the calls a second that there are (None: nobody may be called).
    """

    people: int
    looked: int
    totals: Totals
    blocked: Counter[str] = field(default_factory=Counter)
    later: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None
    done_by: datetime | None = None

    @property
    def sampled(self) -> bool:
        """Whether only a part was looked at."""
        return self.looked < self.people

    def scaled(self, count: int) -> int:
        """What a count of those looked at means for everybody."""
        return round(count * self.people / self.looked) if self.looked else 0


async def outlook(op: Operation, campaign: Campaign, *, whole: bool = False, size: int = SAMPLE) -> Outlook:
    """What is foreseen for a campaign that has not begun; `whole`: of everybody, however long that takes.

    FlowInvalid when its flow cannot be read.
    """
    async with op.database.survey() as session:
        people = await _people(session, campaign.id)
        lines = await _lines(session, op, campaign)
    if whole:
        found = [one async for one in planning.forecasts(op, campaign.name)]
    else:
        found = await _spread(op, campaign, max(1, -(-people // size)))
    totals = Totals()
    for one in found:
        totals.add(one)
    blocked = Counter(one.rule for one in found if one.rule and one.call in ("held", "never"))
    later = Counter(one.rule for one in found if one.rule and one.call == "later")
    moments = sorted(one.at for one in found if one.at is not None)
    if not moments:
        return Outlook(people, len(found), totals, blocked, later)
    each = _seconds_each(op, lines) * people / len(found)
    return Outlook(people, len(found), totals, blocked, later, moments[0], moments[-1], _done_by(moments, each))


async def _spread(op: Operation, campaign: Campaign, step: int) -> list[Forecast]:
    """Every `step`-th contact: their ids are given in the order of the list, which says nothing about the people."""
    now = op.clock.now()
    async with op.database.survey() as session:
        mine = select(Contact).where(Contact.campaign_id == campaign.id)
        if step > 1:
            mine = mine.where(Contact.id % step == 0)
        rows = await session.scalars(mine.order_by(Contact.id))
        office = await judging.office(session, op, campaign)
        cases = await judging.cases(session, op, office, rows.all())
    found = []
    for one in cases:
        found.append(foresee(op, one, now))
        if len(found) % dividing.LET_OTHERS == 0:
            await asyncio.sleep(0)  # calls are answered meanwhile
    return found


async def _people(session: AsyncSession, campaign_id: int) -> int:
    mine = select(func.count()).select_from(Contact).where(Contact.campaign_id == campaign_id)
    return int(await session.scalar(mine) or 0)


async def _lines(session: AsyncSession, op: Operation, campaign: Campaign) -> float:
    """How many calls go on at once: as many as agents are good for, where there are agents, and lines allow."""
    plan = Plan.model_validate(campaign.plan)
    agents = int(await session.scalar(select(func.count()).where(Agent.tenant_id == campaign.tenant_id)) or 0)
    by_agents = agents * (1.0 if plan.pacing != "press1" else plan.ratio)
    return min(float(op.settings.lines), by_agents) if agents else float(op.settings.lines)


def _seconds_each(op: Operation, lines: float) -> float:
    return max(1 / op.settings.calls_per_second, HOLDS_A_LINE / max(lines, 1.0))


def _done_by(moments: list[datetime], each: float) -> datetime:
    """The calls one after the other, none before its moment."""
    at = moments[0]
    for moment in moments:
        at = max(at, moment) + timedelta(seconds=each)
    return at
