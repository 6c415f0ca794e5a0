"""What needs a person now: tasks that are due, calls and messages gone astray, faults that people must mend.

Looks only. Everything is of one company and, where it is about people, of the creditors that are asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import BigInteger, ColumnElement, exists, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.meters import load_meters
from dialer.rules.showing import today_at
from dialer.store import meters
from dialer.store.meters import Counted
from dialer.store.models import Agent, Attempt, Campaign, ContactList, Creditor, Debt, Message, Task
from ivr_flows.errors import FlowInvalid

DAY = timedelta(days=1)
HOUR_MS = 3_600_000

Kind = Literal[
    "no_account",  # nothing can be dialled
    "law_broken",  # a file of the law cannot be read: `words`
    "halted",  # a campaign (`campaign`, `name`) was paused because calls are refused: `words`
    "flow_broken",  # the flow of a running campaign cannot be read: `words`
    "tasks",  # `count` are due, the oldest since `since`
    "unknown_calls",  # of `count` calls it is not known what became of them, the oldest begun at `since`
    "failed_messages",  # `count` in the last day
    "number_falls",  # the number `name` is answered less than before
]


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs a person."""

    kind: Kind
    count: int = 1
    since: datetime | None = None
    campaign: int = 0
    name: str = ""
    words: str = ""

    @property
    def urgent(self) -> bool:
        """Whether calls do not go out, or go wrong, until somebody has looked."""
        return self.kind in ("no_account", "law_broken", "halted", "flow_broken")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose things are looked at: a company, and keys of creditors (None: all of them)."""

    tenant_id: int
    creditors: tuple[str, ...] | None = None

    def campaigns(self) -> ColumnElement[bool]:
        """The campaigns within it; those without a list only where all creditors are."""
        mine = Campaign.tenant_id == self.tenant_id
        if self.creditors is None:
            return mine
        lists = select(ContactList.id).join(Creditor, Creditor.id == ContactList.creditor_id)
        return mine & Campaign.list_id.in_(lists.where(Creditor.key.in_(self.creditors)))

    def owes(self, person: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether the person has a debt to a creditor within it."""
        debts = exists().where(Debt.person_id == person, Debt.creditor_id == Creditor.id)
        within = debts if self.creditors is None else debts.where(Creditor.key.in_(self.creditors))
        return within.where(Creditor.tenant_id == self.tenant_id)


async def needs(session: AsyncSession, op: Operation, scope: Scope) -> list[Need]:
    """Everything that needs a person, what stops calls first."""
    found = [] if op.settings.can_dial else [Need("no_account")]
    found += [Need("law_broken", words=one) for one in sorted(set(op.packs.broken.values()))]
    found += await _of_campaigns(session, op, scope)
    found += await _tasks(session, scope, op.clock.now())
    found += await _astray(session, scope, op.clock.now())
    if scope.creditors is None:
        found += [Need("number_falls", name=one) for one in await _falling(session, op, scope.tenant_id)]
    return sorted(found, key=lambda one: not one.urgent)


async def agents_now(session: AsyncSession, tenant_id: int) -> dict[str, int]:
    """How many agents stand in each status."""
    rows = await session.execute(
        select(Agent.status, func.count()).where(Agent.tenant_id == tenant_id).group_by(Agent.status)
    )
    return {status: int(count) for status, count in rows.all()}


async def answers_by_hour(
    session: AsyncSession, campaign_ids: Sequence[int], now: datetime, hours: int
) -> dict[int, list[int]]:
    """Campaign -> how many calls were answered in each of the last so many hours; the hour that runs comes last."""
    hour = type_coerce(Attempt.answered_at, BigInteger) // HOUR_MS
    this = int(now.timestamp() * 1000) // HOUR_MS
    rows = await session.execute(
        select(Attempt.campaign_id, hour, func.count())
        .where(Attempt.campaign_id.in_(campaign_ids), Attempt.answered_at > now - timedelta(hours=hours))
        .group_by(Attempt.campaign_id, hour)
    )
    found = {campaign: [0] * hours for campaign in campaign_ids}
    for campaign, at, count in rows.all():
        if 0 <= this - int(at) < hours:
            found[campaign][hours - 1 - (this - int(at))] = int(count)
    return found


async def _of_campaigns(session: AsyncSession, op: Operation, scope: Scope) -> list[Need]:
    rows = await session.scalars(
        select(Campaign)
        .where(scope.campaigns(), Campaign.status.in_(("running", "paused")))
        .order_by(Campaign.id)
        .execution_options(populate_existing=True)
    )
    found: list[Need] = []
    for one in rows.all():
        if one.status == "paused" and one.waiting_for:
            found.append(Need("halted", campaign=one.id, name=one.name, words=one.waiting_for))
        if one.status == "running":
            try:
                await pinning.current(session, op, one.tenant_id, one.flow)
            except FlowInvalid as fault:
                found.append(Need("flow_broken", campaign=one.id, name=one.name, words=str(fault)))
    return found


async def _tasks(session: AsyncSession, scope: Scope, now: datetime) -> list[Need]:
    count, oldest = (
        await session.execute(
            select(func.count(), func.min(Task.due_at)).where(
                Task.tenant_id == scope.tenant_id, Task.status == "open", Task.due_at <= now,
                scope.owes(Task.person_id.expression),
            )
        )
    ).one()  # fmt: skip
    return [Need("tasks", int(count), oldest)] if count else []


async def _astray(session: AsyncSession, scope: Scope, now: datetime) -> list[Need]:
    mine = select(Campaign.id).where(scope.campaigns())
    found: list[Need] = []
    calls, oldest = (
        await session.execute(
            select(func.count(), func.min(Attempt.intent_at)).where(
                Attempt.status == "unknown", Attempt.campaign_id.in_(mine)
            )
        )
    ).one()
    if calls:
        found.append(Need("unknown_calls", int(calls), oldest))
    failed = await session.scalar(
        select(func.count()).where(
            Message.tenant_id == scope.tenant_id, Message.status == "failed", Message.finished_at > now - DAY,
            scope.owes(Message.person_id.expression),
        )
    )  # fmt: skip
    return [*found, Need("failed_messages", int(failed))] if failed else found


async def _falling(session: AsyncSession, op: Operation, tenant_id: int) -> list[str]:
    """Numbers of ours that are answered less than before: of two stretches of days, the later one."""
    rule, today = load_meters().answer_rate, today_at(op.settings.time_zone, op.clock.now())
    recent = today - timedelta(days=rule.recent_days - 1)
    first = recent - timedelta(days=rule.before_days)
    whose = [one for one in await meters.known(session, tenant_id, first) if one.scope == "number"]
    summed = await meters.sums(session, tenant_id, whose, [recent, first])

    def rate(one: Counted) -> bool:
        late = (summed.get((one, "answers", recent), 0), summed.get((one, "calls", recent), 0))
        all_ = (summed.get((one, "answers", first), 0), summed.get((one, "calls", first), 0))
        return rule.has_fallen(late, (all_[0] - late[0], all_[1] - late[1]))

    return [one.of for one in whose if rate(one)]
