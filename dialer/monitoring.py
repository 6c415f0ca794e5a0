"""Whether what must hold holds now: dialling goes on, calls are heard of, nobody waits in vain, counters agree.

Looks only, at what is live or newest: what it costs does not grow with the calls of all time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering, reconciling
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.plan import Plan
from dialer.store import agents, beats, campaigns, contacts, live_calls, monitors
from dialer.store.beats import LastBeats
from dialer.store.models import Campaign
from dialer.store.monitors import Caller

Reason = Literal[
    "nothing_due", "no_account", "no_worker", "no_window", "not_led", "lines_full", "agents_away",
    "agents_busy", "at_limit", "unexplained",
]  # fmt: skip
UNKNOWN_UPTO = {"1m": 60_000, "10m": 600_000, "1h": 3_600_000}  # ms
HEALED_WITHIN = timedelta(minutes=2)  # so much later the carrier has been asked again and again
WORKER_SILENT_AFTER = beats.SILENT_AFTER  # wall clock, ms


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long a company has begun no call although people are due, in business seconds, and why that may be."""

    company: int
    reason: Reason
    seconds: float


@dataclass(frozen=True, slots=True)
class Monitored:
    """The figures. `beat_age`, `recount_age` in seconds of the wall clock; None: no worker runs, nothing was counted.

    `window_away` is for how long, in seconds, a worker has not reached the window of calls per second; 0: all do.
    `beside_idle` is for how long, in business seconds, a caller and an agent who fits have both been waiting.
    """

    quiet: tuple[Quiet, ...]
    overdue: int
    unknown: dict[str, int]
    callers: int
    beside_idle: float
    beat_age: float | None
    recount_age: float | None
    drifting: int | None
    window_away: float
    broken_law: int


async def monitored(op: Operation) -> Monitored:
    """All of it now, of all companies."""
    async with op.database.read() as session:
        last = await beats.last(session)
        waiting = await monitors.callers(session)
        return Monitored(
            quiet=tuple(await _quiet(session, op, last)),
            overdue=await monitors.overdue(session, reconciling.silence(op, longer=HEALED_WITHIN)),
            unknown=await monitors.unknown_by_age(session, UNKNOWN_UPTO, now_real=real_ms()),
            callers=len(waiting),
            beside_idle=await _beside_idle(session, op, waiting),
            beat_age=_age(last.beat_at),
            recount_age=_age(last.recounted_at),
            drifting=last.drifting,
            window_away=_age(last.window_away_at) or 0.0,
            broken_law=len(op.packs.broken),
        )


def _age(at: int | None) -> float | None:
    return None if at is None else max(0.0, (real_ms() - at) / 1000)


async def _beside_idle(session: AsyncSession, op: Operation, waiting: Iterable[Caller]) -> float:
    now, longest = op.clock.now(), 0.0
    for company, callers in groupby(sorted(waiting, key=attrgetter("tenant_id")), key=attrgetter("tenant_id")):
        idle = await agents.idle(session, company, now)
        both = [
            now - max(caller.asked_at, agent.since)
            for caller in callers
            for agent in idle
            if agents.fits(agent.skills, caller.skill, caller.language)
        ]
        longest = max(longest, *(one.total_seconds() for one in both), 0.0)
    return longest


async def _quiet(session: AsyncSession, op: Operation, last: LastBeats) -> list[Quiet]:
    running = sorted(await campaigns.running(session), key=attrgetter("tenant_id"))
    return [
        await _of_company(session, op, company, list(mine), last)
        for company, mine in groupby(running, key=attrgetter("tenant_id"))
    ]


async def _of_company(
    session: AsyncSession, op: Operation, company: int, mine: Sequence[Campaign], last: LastBeats
) -> Quiet:
    now = op.clock.now()
    due: dict[int, datetime] = {}
    for campaign in mine:
        first = await contacts.next_due(session, campaign.id)
        if first is not None and first <= now and Plan.model_validate(campaign.plan).pacing != "preview":
            due[campaign.id] = first
    if not due:
        return Quiet(company, "nothing_due", 0.0)
    begun = await monitors.last_begun(session, [campaign.id for campaign in mine])
    since = max(min(due.values()), begun) if begun else min(due.values())
    reason = await _why(session, op, [one for one in mine if one.id in due], last)
    return Quiet(company, reason, max(0.0, (now - since).total_seconds()))


async def _why(session: AsyncSession, op: Operation, due: Sequence[Campaign], last: LastBeats) -> Reason:
    """What keeps all these campaigns of one company from dialling; "unexplained" when at least one could."""
    if not op.settings.can_dial:
        return "no_account"
    if last.beat_at is None or real_ms() - last.beat_at > WORKER_SILENT_AFTER:
        return "no_worker"
    if last.window_away_at is not None:
        return "no_window"
    if await live_calls.lines_in_use(session, due[0].tenant_id) >= op.settings.lines:
        return "lines_full"
    reasons = [await _why_one(session, op, campaign) for campaign in due]
    held = [reason for reason in reasons if reason is not None]
    if len(held) == len(reasons):
        return held[0]
    return "unexplained" if any(one.lease_until >= real_ms() for one in due) else "not_led"


async def _why_one(session: AsyncSession, op: Operation, campaign: Campaign) -> Reason | None:
    if await agents.all_away(session, campaign.tenant_id, campaign.skill):
        return "agents_away"
    brake = (await metering.brakes(session, op, [campaign])).get(campaign.id)
    if brake is not None and (brake.pace == 0 or brake.room <= 0):
        return "at_limit"
    idle = await agents.idle(session, campaign.tenant_id, op.clock.now())
    free = any(agents.fits(agent.skills, campaign.skill, None) for agent in idle)
    return "agents_busy" if not free and await agents.on_duty(session, campaign.tenant_id, campaign.skill) else None
