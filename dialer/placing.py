"""Act I: due contact -> gate -> grant -> committed intent -> carrier.

The order is the safety: the gate is asked inside the transaction that commits the intent, and the carrier is
asked only after that commit. What the carrier may have done unheard is `unknown`, and is never tried again here.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import closing, suppressing
from dialer.carrier import Accepted, Answer, CallRequest, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.limits import grant
from dialer.operation import Operation
from dialer.rules.disposition import INVALID_NUMBER_CODES
from dialer.rules.facts import Limits, Proposed
from dialer.rules.gate import Allow, Decision, Deny, decide
from dialer.rules.lifecycle import Created, News, NoAnswerHeard, Refused
from dialer.rules.plan import Plan
from dialer.store import attempts, campaigns, contacts, interactions, people
from dialer.store.models import Attempt, Campaign, Contact, Number, Person

log = structlog.get_logger("toque.placing")

SOON = timedelta(seconds=30)
NOT_FROM_HERE_CODES = frozenset({"21215", "21216", "13227"})  # the account may not call that country or number
WISH_HOLDS = timedelta(hours=12)  # of a call-back that was asked for
LOOK_AGAIN = timedelta(days=1)  # a block without a known end that people may lift, such as a dispute
BLOCKED_FOR_GOOD = frozenset(
    {
        "OPT_OUT",
        "DECEASED",
        "WITHDRAWN",
        "NO_PACK",
        "PLACE_UNKNOWN",
        "NOTHING_DUE",
        "CEASE",
        "US_REGF_CEASE",
        "LAWYER",
        "US_REGF_ATTORNEY",
        "INSOLVENCY",
        "US_BANKRUPTCY",
        "CAMPAIGN_TOTAL",
    }
)


@dataclass(frozen=True, slots=True)
class Intent:
    """A committed wish: this attempt is about to be asked of the carrier."""

    attempt_id: int
    token: str
    campaign_id: int
    request: CallRequest


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

    The look before the grant only saves grants: a contact that the gate stops now takes none of them.
    """
    if not await _worth_a_grant(op, contact_id, owner):
        return False
    await grant(op.window)
    intent = await _intend(op, contact_id, owner=owner)
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
        case = await _case(session, op, contact_id)
        if not _held(case, owner):
            return False
        if isinstance(case.decision, Allow):
            return True
        await _put_back(session, op, case, case.decision)
    return False


def _held(case: _Case, owner: str) -> bool:
    """Whether the claim still stands: an opt-out ends it, and the claim of a slow worker is given to another."""
    return case.contact.status == "claimed" and case.contact.claim_owner == owner


async def _intend(op: Operation, contact_id: int, *, owner: str) -> Intent | None:
    """Ask the gate with the committed record and commit the intent, in one transaction (I1, I3, I5)."""
    try:
        async with op.database.write() as session:
            case = await _case(session, op, contact_id)
            if not _held(case, owner):
                return None
            if case.campaign.status != "running":
                await contacts.release(session, [contact_id], owner=owner)
                return None
            if isinstance(case.decision, Deny) or case.number is None:
                await _put_back(session, op, case, case.decision)
                return None
            if not await people.touch(session, case.person.id, case.person.version):
                await contacts.release(session, [contact_id], owner=owner)
                return None
            return await _write_intent(session, op, case, case.number)
    except IntegrityError:  # the number is on another person's live call: the index is the last word (I1)
        async with op.database.write() as session:
            await contacts.put_back(session, contact_id, owner=owner, status="waiting", due_at=op.clock.now() + SOON)
        return None


@dataclass(frozen=True, slots=True)
class _Case:
    contact: Contact
    campaign: Campaign
    plan: Plan
    person: Person
    number: Number | None
    debts: tuple[str, ...]
    decision: Decision


async def _case(session: AsyncSession, op: Operation, contact_id: int) -> _Case:
    """Everything that decides about a contact, read in one transaction, and the gate's word."""
    contact = await session.get_one(Contact, contact_id, populate_existing=True)
    campaign = await campaigns.locked(session, contact.campaign_id)
    plan = Plan.model_validate(campaign.plan)
    person = await session.get_one(Person, contact.person_id, populate_existing=True)
    known = await people.numbers(session, person.id)
    owed = await people.debts(session, person.id)
    facts = await people.facts(session, person, known, debts_due=bool(owed))
    number = next((one for one in known if one.id == contact.number_id), known[0] if known else None)
    debts = tuple(str(debt.id) for debt in owed)
    now = op.clock.now()
    decision: Decision = Deny("NO_NUMBER", "no usable number of the person is left", "house rule")
    if number is not None:
        proposed = Proposed(
            at=now,
            person=str(person.id),
            number=number.e164,
            country=number.country,
            debts=debts,
            ring_seconds=plan.ring_seconds,
            delay_seconds=math.ceil(op.carrier.longest_create),
            line_type=number.line_type,
            asked_for=await _asked_for(session, contact_id, now),
            campaign=str(campaign.id),
            limits=Limits(
                person_gap=timedelta(minutes=plan.person_gap_minutes),
                attempts_per_day=plan.attempts_per_day,
                attempts_per_week=plan.attempts_per_week,
                attempts_total=plan.attempts_total,
            ),
        )
        decision = decide(facts, proposed, op.packs, now)
    return _Case(contact, campaign, plan, person, number, debts, decision)


async def _asked_for(session: AsyncSession, contact_id: int, now: datetime) -> bool:
    """Whether the last call ended with a wish to be called at about this time."""
    last = select(Attempt.callback_at).where(Attempt.contact_id == contact_id).order_by(Attempt.id.desc()).limit(1)
    wished = await session.scalar(last)
    return wished is not None and wished <= now < wished + WISH_HOLDS


async def _write_intent(session: AsyncSession, op: Operation, case: _Case, number: Number) -> Intent:
    now, plan = op.clock.now(), case.plan
    caller_id = _caller_id(plan.caller_ids or op.settings.caller_ids, case.person.id)
    attempt = Attempt(
        token=secrets.token_urlsafe(12),
        tenant_id=case.campaign.tenant_id,
        campaign_id=case.campaign.id,
        contact_id=case.contact.id,
        person_id=case.person.id,
        number_id=number.id,
        to_number=number.e164,
        from_number=caller_id,
        status="placing",
        flow=case.campaign.flow,
        debts=list(case.debts),
        intent_at=now,
        intent_real=real_ms(),
        pack=case.decision.pack,
    )
    session.add(attempt)
    await session.flush()
    await contacts.change(
        session,
        case.contact.id,
        status="calling",
        tries=case.contact.tries + 1,
        number_id=number.id,
        blocked_rule=None,
        blocked_reason=None,
    )
    where = op.addresses
    request = CallRequest(
        to=number.e164,
        from_=caller_id,
        url=where.voice(attempt.token, 0),
        status_url=where.status(attempt.token),
        ring_seconds=plan.ring_seconds,
        detect=plan.detect,
        detect_url=where.detection(attempt.token),
    )
    return Intent(attempt.id, attempt.token, case.campaign.id, request)


def _caller_id(choices: tuple[str, ...], person_id: int) -> str:
    """The same number for the same person every time: few, stable, and known when it is called back."""
    return choices[person_id % len(choices)]


async def _put_back(session: AsyncSession, op: Operation, case: _Case, decision: Decision) -> None:
    """A denied contact goes back to wait for the end of the block, or is done when there is none."""
    assert isinstance(decision, Deny)
    now = op.clock.now()
    over = decision.until is None and (decision.rule in BLOCKED_FOR_GOOD or case.number is None)
    due = decision.until or now + LOOK_AGAIN
    values: dict[str, object] = {"status": "waiting", "due_at": due}
    if over:
        values = {"status": "done", "outcome": "denied"}
    if decision.rule == "LIVE_ATTEMPT":
        values["due_at"] = now + SOON
    news = case.contact.blocked_rule != decision.rule
    await contacts.put_back(
        session,
        case.contact.id,
        owner=case.contact.claim_owner or "",
        blocked_rule=decision.rule,
        blocked_reason=decision.reason[:300],
        **values,
    )
    if news:
        await _record_denial(session, case, decision, now)


async def _record_denial(session: AsyncSession, case: _Case, decision: Deny, now: datetime) -> None:
    await interactions.add(
        session,
        tenant_id=case.campaign.tenant_id,
        person_id=case.person.id,
        at=now,
        kind="call_denied",
        detail={
            "campaign": case.campaign.name,
            "rule": decision.rule,
            "reason": decision.reason,
            "citation": decision.citation,
            "until": decision.until.isoformat() if decision.until else None,
            "pack": decision.pack,
        },
    )


def _is_about_the_account(answer: Rejected) -> bool:
    """A refusal that the next call would meet as well; too many at once, or one bad number, is not."""
    return not answer.busy and str(answer.code) not in INVALID_NUMBER_CODES | NOT_FROM_HERE_CODES


async def _halt(op: Operation, campaign_id: int, answer: Rejected) -> None:
    """Pause the campaign, in a transaction of its own: attempt and campaign are never held in the wrong order."""
    why = f"The carrier refuses calls ({answer.code}): {answer.message}"[:300]
    log.error("campaign_paused", campaign=campaign_id, why=why)
    async with op.database.write() as session:
        await session.execute(
            update(Campaign)
            .where(Campaign.id == campaign_id, Campaign.status == "running")
            .values(status="paused", waiting_for=why)
        )
