"""Why somebody was called or was not, what the gate says now, and from when it says yes. Reads; decides nothing.

The past comes from the record, with the rule, its citation and its pack as they were kept then; the present from the
same gate that placing asks. Names and numbers are masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import calling, judging
from dialer.judging import Case
from dialer.operation import Operation
from dialer.rules import masking
from dialer.rules.facts import Mode
from dialer.rules.gate import Allow, Decision, Deny
from dialer.rules.packs import Packs
from dialer.rules.statutes import Rule
from dialer.store import campaigns, people
from dialer.store.campaigns import BY_HAND
from dialer.store.models import Attempt, Campaign, Contact, Interaction, Person
from ivr_flows.errors import FlowInvalid

MOST = 200  # rows of the record in one answer, the latest
LOOKS = 40  # blocks that may follow on one another before we stop looking
HORIZON = timedelta(days=400)
OVER = ("stopped", "finished")


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the record in words. Of a decision: its rule, reason, citation with link, pack and end (ISO)."""

    at: datetime
    what: str
    by: str
    campaign: str | None = None
    rule: str | None = None
    reason: str | None = None
    citation: str | None = None
    link: str | None = None
    until: str | None = None
    pack: str | None = None
    also: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    attempt: int | None = None
    number: str | None = None
    mode: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The person in one campaign (`by hand`: called by an agent, outside of any), and the gate's word of now.

    `next_at` is the first instant at which it would be yes; None: no end is known of the block `holds` (which may be
    another one than the first, once that has lifted).
    """

    campaign: str
    status: str
    contact: str
    allowed: bool
    rule: str | None
    reason: str | None
    citation: str | None
    link: str | None
    pack: str
    next_at: datetime | None
    holds: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Why:
    """The answer about one person; names and numbers are masked.

    `zone` is the first place where the person may be; `earlier` rows of the record are not shown.
    """

    person: int
    key: str
    name: str
    zone: str | None
    now: datetime
    standings: tuple[Standing, ...]
    happened: tuple[Happened, ...]
    earlier: int


async def why(op: Operation, key: str, *, campaign: str | None = None) -> Why:
    """All of it for the person of this key (NotFound), or only what concerns one campaign (NotFound)."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        person = await people.by_key(session, tenant.id, key)
        return await _why(session, op, person, campaign)


async def now_of(session: AsyncSession, op: Operation, person: Person) -> tuple[str | None, tuple[Standing, ...]]:
    """The first place where a person may be (its zone), and how they stand in each campaign and with agents now."""
    links = links_of(op.packs)
    cases = await _cases(session, op, person, None)
    facts = cases[0][0].record.facts if cases else None
    zone = facts.zones[0].name if facts and facts.zones else None
    return zone, tuple(_standing(op, case, mode, links) for case, mode in cases)


async def _why(session: AsyncSession, op: Operation, person: Person, campaign: str | None) -> Why:
    links = links_of(op.packs)
    if campaign is not None:
        await campaigns.by_name(session, person.tenant_id, campaign)
    cases = await _cases(session, op, person, campaign)
    facts = cases[0][0].record.facts if cases else None
    happened, earlier = await _happened(session, person, campaign, links)
    return Why(
        person=person.id,
        key=person.key,
        name=masking.name(person.name),
        zone=facts.zones[0].name if facts and facts.zones else None,
        now=op.clock.now(),
        standings=tuple(_standing(op, case, mode, links) for case, mode in cases),
        happened=happened,
        earlier=earlier,
    )


async def _cases(session: AsyncSession, op: Operation, person: Person, only: str | None) -> list[tuple[Case, Mode]]:
    """The person in each campaign that dials, and as an agent would call them."""
    found: list[tuple[Case, Mode]] = []
    rows = await session.execute(
        select(Contact, Campaign)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .where(Contact.person_id == person.id, Campaign.direction == "out", Campaign.status != BY_HAND)
        .order_by(Campaign.id)
    )
    for contact, campaign in rows.all():
        if only in (None, campaign.name):
            try:
                office = await judging.office(session, op, campaign)
            except FlowInvalid:  # it calls nobody, and its own page says why
                continue
            (case,) = await judging.cases(session, op, office, [contact])
            found.append((case, "prerecorded"))
    if only is None:
        found.append((await _by_hand(session, op, person), calling.MODE))
    return found


async def _by_hand(session: AsyncSession, op: Operation, person: Person) -> Case:
    """The case as if an agent were about to call; nothing of it is kept."""
    campaign = Campaign(tenant_id=person.tenant_id, name="by hand", flow=calling.FLOW, status=BY_HAND, plan={})
    contact = Contact(person_id=person.id, status="done", tries=0)
    office = await judging.office(session, op, campaign)
    (case,) = await judging.cases(session, op, replace(office, flow=op.flow(calling.FLOW), proven=None), [contact])
    return case


def _standing(op: Operation, case: Case, mode: Mode, links: Mapping[tuple[str, str], str]) -> Standing:
    now = op.clock.now()
    word = judging.judge(op, case, now, mode=mode).decision
    over = case.office.campaign.status in OVER
    at, holds = (None, None) if over else next_yes(op, case, word, mode=mode)
    denial = word if isinstance(word, Deny) else None
    return Standing(
        campaign=case.office.campaign.name,
        status=case.office.campaign.status,
        contact=case.contact.outcome or case.contact.status,
        allowed=denial is None,
        rule=denial.rule if denial else None,
        reason=denial.reason if denial else None,
        citation=denial.citation if denial else None,
        link=links.get((denial.rule, denial.citation)) if denial else None,
        pack=word.pack,
        next_at=at,
        holds=f"{holds.rule}: {holds.reason}" if holds else None,
        due_at=case.contact.due_at if case.contact.status == "waiting" else None,
    )


def next_yes(op: Operation, case: Case, word: Decision, *, mode: Mode) -> tuple[datetime | None, Deny | None]:
    """The first instant from now on at which the gate says yes; or None, and the block of which no end is known.

    `word` is the gate's word of now. Each block is asked again at its end, at most LOOKS times and HORIZON ahead.
    """
    now = moment = op.clock.now()
    for _ in range(LOOKS):
        if isinstance(word, Allow):
            return moment, None
        if word.until is None or word.until <= moment or word.until - now > HORIZON:
            break
        moment = word.until
        word = judging.judge(op, case, moment, mode=mode).decision
    return (moment, None) if isinstance(word, Allow) else (None, word)


def links_of(packs: Packs) -> dict[tuple[str, str], str]:
    """Where each rule can be read, by its code and citation: the laws of several states share a code."""
    rules = (rule for pack in packs.by_country.values() for rule in _rules(pack))
    return {(rule.code, rule.citation): rule.link for rule in rules if rule.link}


def _rules(value: object) -> Iterator[Rule]:
    """Every rule of a pack, however deep it lies."""
    if isinstance(value, Rule):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _rules(getattr(value, name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _rules(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _rules(one)


async def _happened(
    session: AsyncSession, person: Person, campaign: str | None, links: Mapping[tuple[str, str], str]
) -> tuple[tuple[Happened, ...], int]:
    """The latest rows, oldest first, and how many there are before them."""
    calls = (
        select(Attempt.id, Attempt.to_number, Attempt.mode, Attempt.disposition, Campaign.name)
        .join(Campaign, Campaign.id == Attempt.campaign_id)
        .where(Attempt.person_id == person.id)
    )
    known = {row.id: row for row in (await session.execute(calls)).all()}
    mine = Interaction.person_id == person.id
    rows = await session.scalars(select(Interaction).where(mine).order_by(Interaction.id.desc()).limit(MOST))
    told = [_in_words(row, known.get(row.attempt_id or 0), links) for row in rows]
    total = await session.scalar(select(func.count()).select_from(Interaction).where(mine))
    shown = [one for one in reversed(told) if campaign in (None, one.campaign)]
    return tuple(shown), max(0, int(total or 0) - MOST)


def _in_words(row: Interaction, call: Any, links: Mapping[tuple[str, str], str]) -> Happened:
    detail = row.detail
    rule = detail.get("rule")
    return Happened(
        at=row.at,
        what=row.kind,
        by=row.actor,
        campaign=detail.get("campaign") or (call.name if call else None),
        rule=rule,
        reason=detail.get("reason"),
        citation=detail.get("citation"),
        link=links.get((str(rule), str(detail.get("citation")))),
        until=detail.get("until"),
        pack=detail.get("pack"),
        also=tuple(detail.get("also") or ()),
        advisories=tuple(detail.get("advisories") or ()),
        attempt=row.attempt_id,
        number=masking.number(call.to_number) if call else None,
        mode=detail.get("mode") or (call.mode if call else None),
        outcome=detail.get("disposition") or detail.get("outcome"),
    )
