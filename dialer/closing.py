"""Act III: news of a call, its final status, the disposition, the retry, and the release of all it held."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import metering, transferring
from dialer.debts import settling
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.disposition import FINAL_FOR_CONTACT, FINAL_FOR_NUMBER, FOR_GOOD, Disposition, dispose
from dialer.rules.lifecycle import News
from dialer.rules.plan import Plan
from dialer.rules.retry import Finished, Retry, next_attempt
from dialer.speaking import load_state
from dialer.store import attempts, contacts, interactions, people, tasks
from dialer.store.campaigns import BY_HAND
from dialer.store.models import Attempt, Number
from ivr_flows import engine
from ivr_flows.errors import FlowFailed
from ivr_flows.events import HungUp, TransferEnded
from ivr_flows.turn import Disposed

COUNTED_NOT = frozenset({"refused"})  # nothing was created: it is no try of the contact


async def hear(
    op: Operation, token: str, news: News, *, sip_code: int | None = None, seconds: int | None = None
) -> Attempt | None:
    """Merge news from the carrier into the attempt and close it if it is over; None when the token is not ours."""
    async with op.database.write() as session:
        attempt = await attempts.by_token(session, token)
        if attempt is None:
            return None
        attempt = await hear_in(session, op, attempt, news, sip_code=sip_code, seconds=seconds)
    await op.fanout.publish(f"campaign:{attempt.campaign_id}", {"attempt": attempt.id, "status": attempt.status})
    return attempt


async def hear_in(
    session: AsyncSession,
    op: Operation,
    attempt: Attempt,
    news: News,
    *,
    sip_code: int | None = None,
    seconds: int | None = None,
) -> Attempt:
    """The same within an open transaction."""
    before = (attempt.status, attempt.carrier_status, attempt.answered_by)
    attempt = await attempts.apply(session, attempt, news, at=op.clock.now(), sip_code=sip_code, seconds=seconds)
    changed = before != (attempt.status, attempt.carrier_status, attempt.answered_by)
    if attempt.status == "ended" and (changed or attempt.closed_at is None):
        await close(session, op, attempt)
        attempt = await attempts.fresh(session, attempt.id)
    return attempt


async def close(session: AsyncSession, op: Operation, attempt: Attempt) -> None:
    """Code the outcome, free the agent, and decide what follows for the contact.

    Called again when later news changes the outcome (a key that was on its way when the call ended).
    """
    op.calls.forget(attempt.token)
    now = op.clock.now()
    disposition = await _disposition(session, op, attempt, talked=await transferring.talked(session, attempt.id))
    if attempt.closed_at is not None and attempt.disposition == disposition:
        await metering.settle(session, op, attempt)
        return
    await transferring.end(session, op, attempt.id, "left")
    await attempts.close(session, attempt, disposition, at=now)
    await _settle_contact(session, attempt, disposition, now)
    await interactions.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=now,
        kind="call_ended",
        detail={"disposition": disposition.value, "carrier": attempt.carrier_status, "level": attempt.level},
    )
    await metering.settle(session, op, attempt)  # last: the rows of meters are held to the end


async def _disposition(session: AsyncSession, op: Operation, attempt: Attempt, *, talked: bool) -> Disposition:
    record = attempts.record_of(attempt)
    return dispose(
        record.result,
        record.answered_by,
        flow_disposition=attempt.flow_disposition or await _said_by_flow(session, op, attempt, talked=talked),
        sip_code=attempt.sip_code,
        error_code=attempt.error,
    )


async def _said_by_flow(session: AsyncSession, op: Operation, attempt: Attempt, *, talked: bool) -> str | None:
    """What the flow makes of a hang-up where it stands (after a talk with an agent, of the talk's end).

    Its state is not moved: a late key may still come.
    """
    if attempt.state is None or attempt.waits == "end":
        return None
    state = load_state(op.database.keyring.unseal(attempt.state))
    try:
        event = TransferEnded("talked") if talked and attempt.waits == "transfer" else HungUp()
        turn = engine.resume(await pinning.of_call(session, op, attempt, state.revision), state, event)
    except FlowFailed:
        return None
    return next((effect.disposition for effect in turn.effects if isinstance(effect, Disposed)), None)


async def _settle_contact(session: AsyncSession, attempt: Attempt, disposition: Disposition, now: datetime) -> None:
    contact, campaign, is_newest = await attempts.settling(session, attempt)
    if not is_newest:
        return  # a later call has decided, or is deciding, what follows
    if contact.outcome in FOR_GOOD and contact.status == "done":
        return  # a stronger word stands already
    if attempt.direction == "in":  # nobody dials who has called us: there is nothing to try again
        return await contacts.change(session, contact.id, outcome=disposition.value)
    if campaign.status == BY_HAND:  # an agent has called, and decides whether to call again
        if disposition is Disposition.INVALID_NUMBER:
            await _retire_number(session, attempt.number_id)
        return await contacts.change(session, contact.id, status="done", outcome=disposition.value)
    tries = contact.tries
    if attempt.carrier_status in COUNTED_NOT and disposition is not Disposition.INVALID_NUMBER:
        tries = max(0, tries - 1)
    if disposition is Disposition.INVALID_NUMBER:
        await _retire_number(session, attempt.number_id)
    follows = next_attempt(Plan.model_validate(campaign.plan).policy, disposition, tries=tries, now=now)
    if attempt.callback_at is not None and disposition not in FINAL_FOR_CONTACT:
        follows = Retry(attempt.callback_at, next_number=False)  # we said that we would call: no policy undoes that
    if await tasks.was_given(session, attempt.id, "call_back"):
        follows = Finished("final")  # a person of the team calls
    values = await settling.place_in_queue(session, attempt, disposition, at=now)
    match follows:
        case _ if values is not None:
            pass  # the creditor's news has decided
        case Finished():
            values = {"status": "done", "outcome": disposition.value}
        case Retry(at=at, next_number=next_number):
            values = await _again(session, attempt, disposition, at=at, next_number=next_number)
    await contacts.change(session, contact.id, tries=tries, claim_owner=None, **values)


async def _again(
    session: AsyncSession, attempt: Attempt, disposition: Disposition, *, at: datetime, next_number: bool
) -> dict[str, object]:
    """The contact's next try: on the next number if this one is done, before others if a time was asked for."""
    known = [number.id for number in await people.numbers(session, attempt.person_id)]
    if disposition in FINAL_FOR_NUMBER:
        known = [one for one in known if one != attempt.number_id]
    if not known:
        return {"status": "done", "outcome": disposition.value}
    number = attempt.number_id if attempt.number_id in known else known[0]
    if next_number and number == attempt.number_id and len(known) > 1:
        number = known[(known.index(number) + 1) % len(known)]
    return {
        "status": "waiting",
        "outcome": disposition.value,
        "due_at": at,
        "wished_at": attempt.callback_at,
        "number_id": number,
    }


async def _retire_number(session: AsyncSession, number_id: int) -> None:
    number = await session.scalar(select(Number).where(Number.id == number_id))
    if number is not None and number.status == "usable":
        number.status = "invalid"
        await session.flush()
