"""Acts of an agent before a call of a campaign in preview: whose case is next, held for them while they read it.

Whom the gate refuses is put off as the worker would, so that agents read cases that can be called. Calls nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import calling, judging, noting
from dialer.calling import Order, Seen, Weighed
from dialer.clock import real_ms
from dialer.errors import NotFound
from dialer.operation import Operation
from dialer.placing import LOOK_AGAIN, SOON
from dialer.rules.gate import Deny
from dialer.rules.plan import Plan
from dialer.store import agents, campaigns, contacts
from dialer.store.models import Agent, Campaign, ContactList, Creditor, Person

READ_FOR_MS = 10 * 60 * 1000  # then another agent may get the case
PASSED_OVER = 20  # of those who may not be called, in one go


async def offered_to(session: AsyncSession, agent: Agent, scope: Collection[str] | None = None) -> Sequence[Campaign]:
    """The running campaigns in preview whose skill the agent has, by name; of these creditors (None: all)."""
    wanted = (
        select(Campaign)
        .where(Campaign.tenant_id == agent.tenant_id, Campaign.status == "running", Campaign.direction == "out")
        .order_by(Campaign.name)
    )
    if scope is not None:
        wanted = wanted.join(ContactList, ContactList.id == Campaign.list_id)
        wanted = wanted.join(Creditor, Creditor.id == ContactList.creditor_id).where(Creditor.key.in_(scope))
    running = await session.scalars(wanted)
    return [one for one in running if _in_preview(one) and agents.fits(agent.skills, one.skill, None)]


def _in_preview(campaign: Campaign) -> bool:
    return Plan.model_validate(campaign.plan).pacing == "preview"


async def next_case(op: Operation, agent_name: str, campaign_id: int) -> Seen | None:
    """The next case that may be called now, held for this agent; None when there is none at present. NotFound."""
    for _ in range(PASSED_OVER):
        order = await _held(op, agent_name, campaign_id)
        if order is None:
            return None
        async with op.database.write() as session:
            weighed = await calling.weigh(session, op, order)
            if not isinstance(weighed.judgement.decision, Deny):
                return calling.seen_of(weighed)
            await _put_off(session, op, weighed, weighed.judgement.decision)
    return None


async def _held(op: Operation, agent_name: str, campaign_id: int) -> Order | None:
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await campaigns.tenant(session)).id, agent_name)
        mine = {one.id: one for one in await offered_to(session, agent)}
        if campaign_id not in mine:
            raise NotFound("That campaign offers you no cases (any more). Load the page again")
        now = real_ms()
        person = await contacts.show_next(
            session, campaign_id, owner=f"preview:{agent.id}", languages=[one for one in agent.skills if "-" in one],
            now=op.clock.now(), now_real=now, until_real=now + READ_FOR_MS,
        )  # fmt: skip
        if person is None:
            return None
        key = (await session.get_one(Person, person)).key
        return Order(agent.name, key, campaign=mine[campaign_id].name)


async def _put_off(session: AsyncSession, op: Operation, weighed: Weighed, denial: Deny) -> None:
    """Until the end of the block; done with where there is none."""
    case, now = weighed.case, op.clock.now()
    await noting.call_denied(
        session, noting.word(denial, case.record.facts, weighed.judgement.proposed), tenant_id=case.person.tenant_id,
        person_id=case.person.id, at=now, campaign=case.office.campaign.name,
    )  # fmt: skip
    values: dict[str, object] = {"due_at": denial.until or now + LOOK_AGAIN}
    if judging.is_for_good(denial):
        values = {"status": "done", "outcome": "denied"}
    elif denial.rule == "LIVE_ATTEMPT":
        values = {"due_at": now + SOON}
    await contacts.keep(
        session, case.contact.id, claim_owner=None, claim_until=0, blocked_rule=denial.rule,
        blocked_reason=denial.reason[:300], **values,
    )  # fmt: skip
