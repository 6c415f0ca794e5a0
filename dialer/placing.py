"""Act I: due contact -> gate -> grant -> committed intent -> carrier.

The order is the safety: the gate is asked inside the transaction that commits the intent, and the carrier is
asked only after that commit. What the carrier may have done unheard is `unknown`, and is never tried again here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import closing, judging, noting, suppressing
from dialer.carrier.client import Accepted, Answer, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.intending import Intent, put_down
from dialer.judging import Case, Judgement
from dialer.limits import grant
from dialer.operation import Operation
from dialer.rules.disposition import INVALID_NUMBER_CODES
from dialer.rules.facts import CampaignBar
from dialer.rules.gate import Allow, Decision, Deny
from dialer.rules.lifecycle import Created, News, NoAnswerHeard, Refused
from dialer.store import attempts, campaigns, contacts, people
from dialer.store.database import lost_a_deadlock
from dialer.store.models import Campaign, Contact, Debt
from ivr_flows.errors import FlowInvalid

log = structlog.get_logger("toque.placing")

SOON = timedelta(seconds=30)
NOT_FROM_HERE_CODES = frozenset({"21215", "21216", "13227"})  # the account may not call that country or number
LOOK_AGAIN = timedelta(days=1)  # a block without a known end that people may lift, such as a dispute


async def claim(op: Operation, campaign: Campaign, *, limit: int, owner: str, lease_seconds: float) -> list[int]:
    """Take up to `limit` due contacts of a campaign."""
    async with op.database.write() as session:
        found = await contacts.claim(
            session,
            campaign.id,
            limit=limit,
            owner=owner,
            now=op.clock.now(),
            until_real=real_ms() + int(lease_seconds * 1000),
        )
    return list(found)


async def place(op: Operation, contact_id: int, *, owner: str) -> bool:
    """Carry one claimed contact to the carrier; True when a call was asked for.

    The look before the grant only saves grants: a contact that the gate stops now takes none of them. A campaign
    whose flow cannot be used rests from then on, and says why.
    """
    try:
        if not await _worth_a_grant(op, contact_id, owner):
            return False
        await grant(op.window)
        intent = await _intend(op, contact_id, owner=owner)
    except FlowInvalid as fault:
        await _rest(op, contact_id, owner, fault)
        return False
    if intent is None:
        return False
    await submit(op, intent)
    return True


async def submit(op: Operation, intent: Intent) -> None:
    """Ask the carrier, and put its answer on record."""
    answer = await op.carrier.create_call(intent.request)
    async with op.database.write() as session:
        attempt = await attempts.fresh(session, intent.attempt_id)
        attempt = await closing.hear_in(session, op, attempt, _news(answer))
        if isinstance(answer, Rejected) and str(answer.code) not in INVALID_NUMBER_CODES:
            later = LOOK_AGAIN if str(answer.code) in NOT_FROM_HERE_CODES else SOON
            await contacts.reopen(session, attempt.contact_id, due_at=op.clock.now() + later)
    if isinstance(answer, Rejected) and _is_about_the_account(answer):
        await _halt(op, attempt.campaign_id, answer)
    await suppressing.take_back(op, attempt)


def _news(answer: Answer) -> News:
    match answer:
        case Accepted(sid=sid):
            return Created(sid)
        case Rejected(code=code):
            return Refused(str(code))
        case NoAnswer():
            return NoAnswerHeard()


async def _worth_a_grant(op: Operation, contact_id: int, owner: str) -> bool:
    async with op.database.write() as session:
        look = await _look(session, op, contact_id)
        if not _held(look, owner):
            return False
        if isinstance(look.decision, Allow):
            return True
        await _put_back(session, op, look, look.decision)
    return False


def _held(look: _Look, owner: str) -> bool:
    """Whether the claim still stands: an opt-out ends it, and the claim of a slow worker is given to another."""
    return look.contact.status == "claimed" and look.contact.claim_owner == owner


async def _intend(op: Operation, contact_id: int, *, owner: str) -> Intent | None:
    """Ask the gate with the committed record and commit the intent, in one transaction (I1, I3, I5)."""
    try:
        return await _intend_once(op, contact_id, owner=owner)
    except IntegrityError:  # the number is on another person's live call: the index is the last word (I1)
        async with op.database.write() as session:
            await contacts.put_back(session, contact_id, owner=owner, status="waiting", due_at=op.clock.now() + SOON)
        return None
    except DBAPIError as error:
        if not lost_a_deadlock(error):
            raise
        return await _intend_once(op, contact_id, owner=owner)


async def _intend_once(op: Operation, contact_id: int, *, owner: str) -> Intent | None:
    async with op.database.write() as session:
        look = await _look(session, op, contact_id)
        if not _held(look, owner):
            return None
        if look.campaign.status != "running":
            await contacts.release(session, [contact_id], owner=owner)
            return None
        if isinstance(look.decision, Deny):
            await _put_back(session, op, look, look.decision)
            return None
        if not await people.touch(session, look.case.person.id, look.case.person.version):
            await contacts.release(session, [contact_id], owner=owner)
            return None
        return await _write_intent(session, op, look)


@dataclass(frozen=True, slots=True)
class _Look:
    """A contact as one transaction sees it, and what follows from it now."""

    case: Case
    judgement: Judgement

    @property
    def decision(self) -> Decision:
        return self.judgement.decision

    @property
    def contact(self) -> Contact:
        return self.case.contact

    @property
    def campaign(self) -> Campaign:
        return self.case.office.campaign


async def _look(session: AsyncSession, op: Operation, contact_id: int) -> _Look:
    """Everything that decides about a contact, read in one transaction, and the gate's word."""
    contact = await session.get_one(Contact, contact_id, populate_existing=True)
    campaign = await campaigns.locked(session, contact.campaign_id)
    (case,) = await judging.cases(session, op, await judging.office(session, op, campaign), [contact])
    return _Look(case, judging.judge(op, case, op.clock.now()))


async def _write_intent(session: AsyncSession, op: Operation, look: _Look) -> Intent | None:
    """The intent; None when the day of the number to be shown, or a limit, has been used up at this very moment."""
    intent = await put_down(session, op, look.case, look.judgement, flow=look.campaign.flow)
    if isinstance(intent, CampaignBar):
        await contacts.put_back(
            session,
            look.contact.id,
            owner=look.contact.claim_owner or "",
            status="waiting",
            due_at=intent.until or op.clock.now() + SOON,
            blocked_rule=intent.rule,
            blocked_reason=intent.reason,
        )
        return None
    await _take_step(session, look)
    assert look.case.number is not None, "the gate denies whoever has no number"
    await contacts.change(
        session,
        look.contact.id,
        status="calling",
        tries=look.contact.tries + 1,
        number_id=look.case.number.id,
        blocked_rule=None,
        blocked_reason=None,
    )
    return intent


async def _take_step(session: AsyncSession, look: _Look) -> None:
    """The debts of the call have come to the flow's step of the ladder, and are never taken back behind it."""
    ladder = look.case.office.flow.ladder
    if ladder is None:
        return
    behind = [
        debt.id for debt in look.case.record.debts if str(debt.id) in look.judgement.debts and debt.step < ladder.step
    ]
    if behind:
        await session.execute(
            update(Debt)
            .where(Debt.id.in_(behind), Debt.step < ladder.step)
            .values(step=ladder.step)
            .execution_options(synchronize_session=False)
        )


async def _put_back(session: AsyncSession, op: Operation, look: _Look, denial: Deny) -> None:
    """A denied contact goes back to wait for the end of the block, or is done when there is none."""
    now = op.clock.now()
    values: dict[str, object] = {"status": "waiting", "due_at": denial.until or now + LOOK_AGAIN}
    if judging.is_for_good(denial):
        values = {"status": "done", "outcome": "denied"}
    if denial.rule == "LIVE_ATTEMPT":
        values["due_at"] = now + SOON
    await contacts.put_back(
        session,
        look.contact.id,
        owner=look.contact.claim_owner or "",
        blocked_rule=denial.rule,
        blocked_reason=denial.reason[:300],
        **values,
    )
    await noting.call_denied(
        session,
        noting.word(denial, look.case.record.facts, look.judgement.proposed),
        tenant_id=look.campaign.tenant_id,
        person_id=look.case.person.id,
        at=now,
        campaign=look.campaign.name,
    )


def _is_about_the_account(answer: Rejected) -> bool:
    """A refusal that the next call would meet as well; too many at once, or one bad number, is not."""
    return not answer.busy and str(answer.code) not in INVALID_NUMBER_CODES | NOT_FROM_HERE_CODES


async def _halt(op: Operation, campaign_id: int, answer: Rejected) -> None:
    """Pause the campaign, in a transaction of its own: attempt and campaign are never held in the wrong order."""
    why = f"The carrier refuses calls ({answer.code}): {answer.message}"[:300]
    log.error("campaign_paused", campaign=campaign_id, why=why)
    async with op.database.write() as session:
        await _pause(session, campaign_id, why)


async def _rest(op: Operation, contact_id: int, owner: str, fault: FlowInvalid) -> None:
    """Give the contact back and pause its campaign: without its flow nobody of it can be called."""
    why = f"The flow cannot be used. {fault}"[:300]
    async with op.database.write() as session:
        await contacts.release(session, [contact_id], owner=owner)
        contact = await session.get_one(Contact, contact_id)
        await _pause(session, contact.campaign_id, why)
    log.error("campaign_paused", campaign=contact.campaign_id, why=why)


async def _pause(session: AsyncSession, campaign_id: int, why: str) -> None:
    await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == "running")
        .values(status="paused", waiting_for=why)
    )
