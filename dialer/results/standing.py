"""How one campaign stands now: the counts, and the one sentence about why it moves or does not. Looks only.

What is seen is read here; what it means is decided in `moving`; the words are made by whoever shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.results.moving import Block, Braked, Seen, Sentence, sentence
from dialer.rules.packs import Packs
from dialer.rules.plan import Plan
from dialer.store import agents, beats, contacts
from dialer.store.live_calls import LIVE
from dialer.store.models import Agent, Attempt, Campaign, Contact

__all__ = ["Sentence", "Standing", "standing"]

PACE_FROM = timedelta(minutes=5)  # a shorter time tells nothing of the pace
PACE_OVER = timedelta(hours=1)  # the forecast of the end holds for as long as the last hour's pace does
MOVING = ("dialling", "paced", "slowed", "agents_busy", "lines_full")


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign now. `contacts` counts by status, `agents` those who fit by status; `left` are not done.

    `due` may be called now (counted up to DUE_AT_MOST). `lines_used` are the company's, of the account's `lines`.
    `done_by`: when nobody is left, at the pace of the last hour; None: it does not move, or began just now.
    """

    campaign_id: int
    name: str
    status: str
    sentence: Sentence
    contacts: dict[str, int]
    left: int
    due: int
    live: int
    next_due: datetime | None
    agents: Mapping[str, int] = field(default_factory=dict)
    lines_used: int = 0
    lines: int = 1
    done_by: datetime | None = None


DUE_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines in use: of the whole account, of the company, of the campaign. The first is told to nobody."""

    account: int
    company: int
    campaign: int


async def standing(session: AsyncSession, op: Operation, campaign: Campaign) -> Standing:
    """How the campaign stands, from a session that only reads."""
    now = op.clock.now()
    counts = await contacts.counts(session, campaign.id)
    left = sum(counts.get(one, 0) for one in contacts.OPEN)
    held, waiting = await contacts.claimed_and_due(session, campaign.id, now=now, at_most=DUE_AT_MOST)
    due = min(held + waiting, DUE_AT_MOST)  # who is claimed waits for a turn in the second, and for no retry
    lines = await _lines(session, campaign)
    staff = await _agents(session, campaign)
    seen = Seen(
        status=campaign.status,
        halted_for=campaign.waiting_for,
        can_dial=op.settings.can_dial,
        led=campaign.lease_until > real_ms(),
        window_away=await beats.window_away(session, campaign.lease_owner),
        preview=Plan.model_validate(campaign.plan).pacing == "preview",
        left=left,
        due=due,
        live=lines.campaign,
        next_due=await contacts.next_due(session, campaign.id),
        block=await _block(session, campaign.id, now),
        braked=await _braked(session, op, campaign),
        agents=staff,
        lines_used=lines.account,
        lines=op.settings.lines,
        hour_rules=hour_rules(op.packs),
    )
    said = sentence(seen)
    done_by = await _done_by(session, campaign.id, left, now) if said.code in MOVING else None
    return Standing(
        campaign.id, campaign.name, campaign.status, said, counts, left, due, lines.campaign, seen.next_due, staff,
        lines.company, seen.lines, done_by,
    )  # fmt: skip


def hour_rules(packs: Packs) -> frozenset[str]:
    """Codes of all rules about hours: of countries, of their regions, and the campaign's own."""
    found = {"CAMPAIGN_HOURS"}
    for pack in packs.by_country.values():
        found |= {one.code for one in (pack.hours, pack.hours_without_region) if one is not None}
        found |= {one.hours.code for one in pack.regions.values() if one.hours is not None}
    return frozenset(found)


async def _lines(session: AsyncSession, campaign: Campaign) -> _Lines:
    rows = await session.execute(
        select(Attempt.tenant_id, Attempt.campaign_id, func.count())
        .where(LIVE)
        .group_by(Attempt.tenant_id, Attempt.campaign_id)
    )
    found = [(tenant, of, int(count)) for tenant, of, count in rows.all()]
    return _Lines(
        account=sum(count for _, _, count in found),
        company=sum(count for tenant, _, count in found if tenant == campaign.tenant_id),
        campaign=sum(count for _, of, count in found if of == campaign.id),
    )


async def _agents(session: AsyncSession, campaign: Campaign) -> dict[str, int]:
    rows = await session.execute(
        select(Agent.status, Agent.skills).where(Agent.tenant_id == campaign.tenant_id).order_by(Agent.id)
    )
    return dict(Counter(status for status, skills in rows.all() if agents.fits(skills, campaign.skill, None)))


async def _block(session: AsyncSession, campaign_id: int, now: datetime) -> Block | None:
    row = (
        await session.execute(
            select(Contact.blocked_rule, func.min(Contact.blocked_reason), func.count(), func.min(Contact.due_at))
            .where(
                Contact.campaign_id == campaign_id,
                Contact.status == "waiting",
                Contact.due_at > now,
                Contact.blocked_rule.is_not(None),
            )
            .group_by(Contact.blocked_rule)
            .order_by(func.count().desc(), Contact.blocked_rule)
            .limit(1)
        )
    ).first()
    return Block(str(row[0]), row[1] or "", int(row[2]), row[3]) if row is not None else None


async def _braked(session: AsyncSession, op: Operation, campaign: Campaign) -> Braked | None:
    if campaign.status != "running":
        return None
    brake = (await metering.brakes(session, op, [campaign])).get(campaign.id)
    if brake is None or not brake.reading.brakes:
        return None
    reading = brake.reading
    return Braked(reading.limit.rule.code, reading.words, reading.limit.rule.citation, brake.pace, reading.until)


async def _done_by(session: AsyncSession, campaign_id: int, left: int, now: datetime) -> datetime | None:
    """When nobody is left, if as many people an hour are done with as in the last one."""
    began, done = (
        await session.execute(
            select(func.min(Attempt.closed_at), func.count(Attempt.contact_id.distinct()))
            .join(Contact, Contact.id == Attempt.contact_id)
            .where(Attempt.campaign_id == campaign_id, Attempt.closed_at > now - PACE_OVER, Contact.status == "done")
        )
    ).one()
    if not done or began is None or now - began < PACE_FROM:
        return None
    return now + (now - began) / int(done) * left
