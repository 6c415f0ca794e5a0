"""Acts of an agent who calls somebody by hand: a look at the case, and the call. The gate is asked as for any other.

The intent, the agent's reservation and the packet are committed together, before the carrier is asked; whoever
answers is put through to that agent's conference (flow by-hand/ligacao-manual). A refusal is a value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import judging, noting, placing, transferring
from dialer.addresses import conference_name
from dialer.errors import Conflict, NotFound, Refused
from dialer.intending import Intent, put_down
from dialer.judging import Case, Judgement
from dialer.limits import grant
from dialer.operation import Operation
from dialer.rules.facts import CampaignBar, Mode
from dialer.rules.gate import HOUSE, Decision, Deny
from dialer.rules.phone_numbers import mask
from dialer.store import agents, campaigns, contacts, people, supervisions, tasks
from dialer.store.models import Agent, Campaign, Contact, Person, Reservation
from ivr_flows.errors import FlowInvalid

FLOW = "by-hand/ligacao-manual"
MODE: Mode = "live_agent_manual"
TRIES = 3  # somebody else wrote about the person between our look and our word
SKIPPED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Order:
    """Who calls whom: an agent's name and a person's key; on which number (E.164; None: the best one).

    With a campaign the call is one of its tries, under its limits; without one it belongs to none.
    """

    agent: str
    key: str
    number: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """The case before the call: whom, on which number (masked), and what the gate would say now."""

    person: int
    key: str
    campaign: str
    number: str | None
    debts: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Called:
    """The carrier was asked. Its answer is on the attempt."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A case as one transaction sees it, and the gate's word of this moment."""

    agent: Agent
    case: Case
    judgement: Judgement


async def look(op: Operation, order: Order) -> Seen:
    """The case and the gate's word of this moment; nothing is kept of it."""
    async with op.database.write() as session:
        return seen_of(await weigh(session, op, order))


def seen_of(weighed: Weighed) -> Seen:
    """What is shown of a case."""
    case = weighed.case
    return Seen(
        person=case.person.id,
        key=case.person.key,
        campaign=case.office.campaign.name,
        number=mask(case.number.e164) if case.number else None,
        debts=len(case.record.debts),
        decision=weighed.judgement.decision,
    )


async def call(op: Operation, order: Order) -> Called | Deny:
    """Call the person for this agent, or the gate's no, which is on record then.

    Refused while the agent does not stand ready in the conference or somebody is on the line with the person.
    """
    await grant(op.window)
    for _ in range(TRIES):
        found = await _intend(op, order)
        if found is None:
            continue
        if isinstance(found, Deny):
            return found
        intent, room = found
        await op.fanout.publish(f"desk:{room}", {"card": intent.attempt_id})
        await placing.submit(op, intent)
        return Called(intent.attempt_id)
    raise Conflict("Somebody else is writing about this person right now. Try again")


async def skip(op: Operation, order: Order, *, why: str) -> None:
    """Leave a contact of a campaign for later (`why` in a word of the agent's choice); on record."""
    async with op.database.write() as session:
        seen = await weigh(session, op, order)
        later = op.clock.now() + SKIPPED_FOR
        if seen.case.contact.id is None or not await contacts.keep(
            session, seen.case.contact.id, due_at=later, claim_owner=None, claim_until=0
        ):
            raise Refused(f'"{order.key}" does not wait in that campaign. Give a campaign in which they do')
        await noting.skipped(session, seen.case, at=op.clock.now(), agent=seen.agent.name, why=why)


async def next_in(op: Operation, campaign: str) -> str:
    """The key of whoever is due first in a campaign; NotFound when nobody is."""
    async with op.database.write() as session:
        named = await campaigns.by_name(session, (await campaigns.tenant(session)).id, campaign)
        first = await contacts.first_due(session, named.id, now=op.clock.now())
        if first is None:
            raise NotFound(f'Nobody is due in "{campaign}" now. See when: toque campaign plan "{campaign}"')
        return (await session.get_one(Person, first)).key


async def _intend(op: Operation, order: Order) -> tuple[Intent, str] | Deny | None:
    """The committed intent and the agent's conference; None when the person's record moved meanwhile."""
    try:
        async with op.database.write() as session:
            return await _intend_in(session, op, order)
    except IntegrityError:  # the person, the number or the agent is on another call: the indexes are the last word
        raise Refused("The person, the number or the agent is on another call right now. Wait for its end") from None


async def _intend_in(session: AsyncSession, op: Operation, order: Order) -> tuple[Intent, str] | Deny | None:
    seen = await weigh(session, op, order)
    _must_stand_ready(seen.agent)
    if await supervisions.is_watched(session, seen.agent.id):
        raise Refused("A supervisor's line is still being hung up. Call in a moment")
    case, decision = seen.case, seen.judgement.decision
    if isinstance(decision, Deny):
        await _note(session, op, seen, decision)
        return decision
    if not await people.touch(session, case.person.id, case.person.version):
        return None
    await _take(session, case, order)
    intent = await put_down(session, op, case, seen.judgement, flow=FLOW)
    if isinstance(intent, CampaignBar):
        raise Refused(f"{intent.rule}: {intent.reason}. Try again when there is room")
    await _reserve(session, op, seen, intent)
    return intent, conference_name(seen.agent.leg_token)


async def weigh(session: AsyncSession, op: Operation, order: Order) -> Weighed:
    """Everything that decides, read in one transaction; nothing is kept of it. NotFound, Refused."""
    tenant = await campaigns.tenant(session)
    agent = await agents.by_name(session, tenant.id, order.agent)
    await session.refresh(agent)
    person = await people.by_key(session, tenant.id, order.key)
    campaign = await _campaign(session, op, tenant.id, order)
    contact = await contacts.of_person(session, campaign.id, person.id) or _unlisted(op, campaign, person)
    office = await _office(session, op, campaign)
    (case,) = await judging.cases(session, op, office, [contact])
    if order.number is not None:
        case = judging.at_number(case, order.number)
    asked_for = await tasks.is_open(session, person.id, "call_back")
    return Weighed(agent, case, judging.judge(op, case, op.clock.now(), mode=MODE, asked_for=asked_for))


async def _office(session: AsyncSession, op: Operation, campaign: Campaign) -> judging.Office:
    """The campaign's, with the flow of calls by hand. A campaign whose own flow cannot be used rests altogether."""
    try:
        own = await judging.office(session, op, campaign)
    except FlowInvalid as fault:
        raise Refused(f"The flow cannot be used. {fault}") from fault
    return replace(own, flow=op.flow(FLOW), proven=None)


async def _campaign(session: AsyncSession, op: Operation, tenant_id: int, order: Order) -> Campaign:
    if order.campaign is None:
        return await campaigns.by_hand(session, tenant_id, flow=FLOW, at=op.clock.now())
    named = await campaigns.by_name(session, tenant_id, order.campaign)
    campaign = await campaigns.locked(session, named.id)
    if campaign.status != "running":
        raise Refused(f'"{campaign.name}" is {campaign.status}, not running. Start it, or call without a campaign')
    return campaign


def _unlisted(op: Operation, campaign: Campaign, person: Person) -> Contact:
    """A contact of somebody who was not called in this way before; it is never due, and kept only with a call."""
    return Contact(
        tenant_id=campaign.tenant_id, campaign_id=campaign.id, person_id=person.id, status="done", tries=0,
        due_at=op.clock.now(),
    )  # fmt: skip


def _must_stand_ready(agent: Agent) -> None:
    if agent.status != "ready" or agent.leg_joined_at is None or agent.guest_sid is not None:
        state = agent.status.replace("_", " ")
        raise Refused(
            f'"{agent.name}" is {state}. To call by hand, get ready first: toque agent ready "{agent.name}"'
        )


async def _take(session: AsyncSession, case: Case, order: Order) -> None:
    """The contact is being called by nobody else; one of no campaign is put on record."""
    if order.campaign is None:
        session.add(case.contact)
        await session.flush()
        return
    number = case.number.id if case.number else None
    taken = case.contact.id is not None and await contacts.keep(
        session, case.contact.id, status="calling", tries=case.contact.tries + 1, number_id=number,
        blocked_rule=None, blocked_reason=None,
    )  # fmt: skip
    if not taken:
        raise Refused(f'"{order.key}" does not wait in that campaign (any more). Call without naming it')


async def _reserve(session: AsyncSession, op: Operation, seen: Weighed, intent: Intent) -> None:
    """The agent is kept for this call, and sees on the screen whom they are calling (I7)."""
    now = op.clock.now()
    if not await agents.swap(session, seen.agent, status="reserved", since=now):
        raise Refused(f'Somebody else has reached "{seen.agent.name}" at this very moment. Try again after that call')
    session.add(
        Reservation(
            tenant_id=seen.agent.tenant_id, campaign_id=intent.campaign_id, attempt_id=intent.attempt_id,
            agent_id=seen.agent.id, language=seen.case.person.language, status="reserved", asked_at=now,
            reserved_at=now, turn=-1, max_wait_seconds=transferring.RESERVATION_SECONDS,
        )
    )  # fmt: skip
    await session.flush()
    await transferring.write_packet(session, op, intent.attempt_id)


async def _note(session: AsyncSession, op: Operation, seen: Weighed, denial: Deny) -> None:
    case = seen.case
    await noting.call_denied(
        session,
        noting.word(denial, case.record.facts, seen.judgement.proposed),
        tenant_id=case.person.tenant_id,
        person_id=case.person.id,
        at=op.clock.now(),
        campaign=case.office.campaign.name,
        actor=f"agent:{seen.agent.name}"[:100],
    )


def refusal(denial: Deny) -> str:
    """A denial as a message: what, why, where it stands, and when again."""
    where = "" if denial.citation == HOUSE else f" ({denial.citation})"
    again = f" Again from {denial.until:%Y-%m-%d %H:%M} UTC." if denial.until else ""
    return f"{denial.rule}: {denial.reason}{where}.{again}"
