"""Act I: due contact -> gate -> grant -> committed intent -> carrier.

The order is the safety: the gate is asked inside the transaction that commits the intent, and the carrier is
asked only after that commit. What the carrier may have done unheard is `unknown`, and is never tried again here.
What is plain is written in batches (`batching`); this is the whole way, which each may go alone.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import closing, judging, noting, suppressing
from dialer.batching import committing
from dialer.batching.looking import Look, looks
from dialer.carrier.client import Accepted, Answer, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.intending import Intent, debts_behind, put_down
from dialer.limits import grant, lasts
from dialer.operation import Operation
from dialer.rules.disposition import INVALID_NUMBER_CODES
from dialer.rules.facts import CampaignBar
from dialer.rules.gate import Allow, Deny
from dialer.rules.lifecycle import Created, News, NoAnswerHeard, Refused
from dialer.store import attempts, contacts, people
from dialer.store.database import lost_a_deadlock
from dialer.store.intents import Named
from dialer.store.models import Campaign, Contact, Debt
from ivr_flows.errors import FlowInvalid

log = structlog.get_logger("toque.placing")

SOON = timedelta(seconds=30)
ANEW_SECONDS = 10.0  # real time
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


async def look(op: Operation, contact_ids: Sequence[int], *, owner: str) -> list[Look]:
    """Those of a campaign's claimed contacts that the gate lets through now; the others are put back.

    It only saves grants: a contact that the gate stops now takes none of them. A campaign whose flow cannot be used
    rests from then on, and says why.
    """
    try:
        async with op.database.read() as session:
            seen = await looks(session, op, contact_ids, lock=False)
        found = [one for one in seen if one.held_by(owner) and isinstance(one.decision, Allow)]
        if stopped := [one.contact.id for one in seen if one.held_by(owner) and isinstance(one.decision, Deny)]:
            await _put_back_all(op, stopped, owner)
    except FlowInvalid as fault:
        await _rest(op, contact_ids, owner, fault)
        return []
    return found


async def carry(op: Operation, seen: Look, *, owner: str, until: float = math.inf) -> bool:
    """Carry one contact that was looked at to the carrier; True when a call was asked for.

    From `until` on (by the monotonic clock) the claim is anybody's, and no grant is spent on it.
    """
    async with op.asking:  # in the order in which they came: hundreds would ask the window at every slot
        if time.monotonic() >= until:
            return False
        await grant(op.window)
    granted = time.monotonic()
    intent = await op.intents.join(seen, partial(committing.commit, op))
    if intent is None:
        try:
            intent = await _intend(op, seen.contact.id, owner=owner)
        except FlowInvalid as fault:
            await _rest(op, [seen.contact.id], owner, fault)
    if intent is None:
        return False
    if time.monotonic() - granted > lasts(op.settings.calls_per_second):
        await _grant_anew(op)
    await submit(op, intent)
    return True


async def _grant_anew(op: Operation) -> None:
    """A database that stood still, or is slow, has kept calls of many seconds back: they must not leave in one.

    The intent stands, and its hour with it: without another grant in time the one that it had must do.
    """
    with suppress(TimeoutError):  # Closed is one: what has begun is finished
        async with asyncio.timeout(ANEW_SECONDS), op.asking:
            await grant(op.window)


async def place(op: Operation, contact_id: int, *, owner: str) -> bool:
    """Both for one claimed contact; True when a call was asked for."""
    seen = await look(op, [contact_id], owner=owner)
    return bool(seen) and await carry(op, seen[0], owner=owner)


async def submit(op: Operation, intent: Intent) -> None:
    """Ask the carrier, and put its answer on record."""
    answer = await op.carrier.create_call(intent.request)
    if isinstance(answer, Accepted) and await op.answers.join(
        Named(intent.attempt_id, answer.sid), partial(committing.note, op)
    ):
        return
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


async def _put_back_all(op: Operation, contact_ids: Sequence[int], owner: str) -> None:
    """Put back those that the gate still stops, looked at again in the transaction that does so."""
    async with op.database.write() as session:
        for one in await looks(session, op, contact_ids, lock=True):
            if one.held_by(owner) and isinstance(one.decision, Deny):
                await _put_back(session, op, one, one.decision)
            elif one.held_by(owner):
                await contacts.release(session, [one.contact.id], owner=owner)


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
        (look,) = await looks(session, op, [contact_id], lock=True)
        if not look.held_by(owner):
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


async def _write_intent(session: AsyncSession, op: Operation, look: Look) -> Intent | None:
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


async def _take_step(session: AsyncSession, look: Look) -> None:
    """The debts of the call have come to the flow's step of the ladder, and are never taken back behind it."""
    step, behind = debts_behind(look.case, look.judgement)
    if behind:
        await session.execute(
            update(Debt)
            .where(Debt.id.in_(behind), Debt.step < step)
            .values(step=step)
            .execution_options(synchronize_session=False)
        )


async def _put_back(session: AsyncSession, op: Operation, look: Look, denial: Deny) -> None:
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


async def _rest(op: Operation, contact_ids: Sequence[int], owner: str, fault: FlowInvalid) -> None:
    """Give the contacts back and pause their campaign: without its flow nobody of it can be called."""
    why = f"The flow cannot be used. {fault}"[:300]
    async with op.database.write() as session:
        await contacts.release(session, contact_ids, owner=owner)
        contact = await session.get_one(Contact, contact_ids[0])
        await _pause(session, contact.campaign_id, why)
    log.error("campaign_paused", campaign=contact.campaign_id, why=why)


async def _pause(session: AsyncSession, campaign_id: int, why: str) -> None:
    await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == "running")
        .values(status="paused", waiting_for=why)
    )
