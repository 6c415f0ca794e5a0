"""Acts of recording a live call: begun with its first turn, paused before anything secret is asked, resumed after it.

Fail closed: a recording that is not confirmed is not announced and is stopped; a secret is asked for only when it is
confirmed that nothing records. The carrier is asked outside of transactions, before the answer is spoken.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.callers import today_at
from dialer.carrier.tapes import Done
from dialer.flows import pinning
from dialer.operation import Operation
from dialer.rules.packs import RecordingRule
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.speaking import waits_for_secret
from dialer.store import captures, recordings
from dialer.store.models import Attempt, Number, Person, Recording
from dialer.store.recordings import OfCall
from ivr_flows.errors import FlowFailed
from ivr_flows.turn import Wait

log = structlog.get_logger("toque.recording")

SECRET_WAITS = ("secret", "card")
ANNOUNCED_BY = "recorded"  # the flag with which a flow says that the call is recorded
NOT_CONFIRMED = "the carrier did not confirm the beginning"
NOT_PAUSED = "ended before a secret was asked for: the carrier did not confirm the pause"


async def begin(op: Operation, token: str, *, sid: str | None, answered_by: str | None) -> bool:
    """Record the call with this token if its place, the operator and its flow ask for it; whether it is recorded.

    Called before the first turn is decided. Not for machines. A call is begun to be recorded once: a repeated request
    finds what the first one did.
    """
    if op.settings.record == "off" or answered_by in ("machine", "fax"):
        return False
    async with op.database.read() as session:
        attempt = await session.scalar(select(Attempt).where(Attempt.token == token))
        call = (attempt.sid or sid) if attempt is not None else None
        if attempt is None or call is None or attempt.turn >= 0 or attempt.recorded:
            return False
        rule = await _asked_for(session, op, attempt)
        number = await session.get_one(Number, attempt.number_id)
    if rule is None:
        return False
    keep_until = today_at(op, number) + timedelta(days=rule.keep_days)
    recording = await _intend(op, attempt, Recording(why=rule.code, keep_until=keep_until))
    if recording is None:
        return False
    tape = await op.carrier.tapes.start(call, status_url=op.addresses.recording(token))
    if tape is None:  # it may have begun: nobody has been told of it, so it must end
        await _end_unannounced(op, OfCall(recording, None, "asked", call, "answer"))
        return False
    async with op.database.write() as session:
        await recordings.name_it(session, recording, tape.sid)
        return await recordings.change(session, recording, ["asked"], status="on")


async def safe_to_speak(op: Operation, token: str, wait: Wait) -> bool:
    """Before an answer that ends in this wait is spoken: nothing may record a secret. False: it must not be asked.

    Decided on how the call stands now: a late repeat of an earlier answer does not resume what a later one paused.
    """
    async with op.database.read() as session:
        one = await recordings.of_call(session, token)
        under_way = one is not None and await captures.is_under_way(session, token)
    if one is None or one.call is None:
        return True
    secret = waits_for_secret(wait) or one.waits in SECRET_WAITS or under_way
    match one.status:
        case "asked":
            return await _end_unannounced(op, one) or not secret
        case "on" if secret:
            return await _pause(op, one)
        case "paused" if not secret:
            await _resume(op, one)
            return True
        case _:
            return True


async def pause_for_card(op: Operation, token: str) -> bool:
    """Before an agent takes a card: whether it is certain that nothing records the call."""
    one = await _of_call(op, token)
    if one is None or one.call is None:
        return True
    match one.status:
        case "asked":
            return await _end_unannounced(op, one)
        case "on":
            return await _pause(op, one)
        case _:
            return True


async def resume_after_card(op: Operation, token: str) -> None:
    """The card is over: the call is recorded again, if it was."""
    one = await _of_call(op, token)
    if one is not None and one.call is not None and one.status == "paused":
        await _resume(op, one)


async def heard(
    op: Operation, token: str, sid: str, status: Literal["completed", "absent"], seconds: int | None
) -> bool:
    """News of a recording: its sound can be fetched now, or there is none. Whether the call is ours.

    Repeats and news of what is settled change nothing. An unannounced one keeps its status: it is only deleted.
    """
    async with op.database.write() as session:
        one = await recordings.of_call(session, token)
        if one is None:
            return False
        await recordings.name_it(session, one.id, sid)
        if one.sid not in (None, sid):
            return True
        if status == "absent":
            values = {"status": "failed", "error": "the carrier has no sound", "gone_at_carrier_at": op.clock.now()}
            await recordings.change(session, one.id, recordings.RUNNING, **values)
        else:
            await recordings.change(session, one.id, ["on", "paused"], status="ended", seconds=seconds, heard_at=None)
            await recordings.change(session, one.id, ["ended"], seconds=seconds, heard_at=None)
    return True


def rule_at(op: Operation, person: Person, number: Number) -> RecordingRule | None:
    """What the pack says of recording at the places where the person may be; a duty of any of them is one."""
    parsed = read(number.e164, number.country)
    places = list(parsed.regions) if isinstance(parsed, PhoneNumber) else []
    if person.region:
        places.insert(0, f"{person.country}-{person.region.removeprefix(f'{person.country}-')}")
    return op.packs.recording(number.country, places)


async def _asked_for(session: AsyncSession, op: Operation, attempt: Attempt) -> RecordingRule | None:
    """The rule by which this call is recorded; None when it is not, or when nobody would be told of it."""
    person = await session.get_one(Person, attempt.person_id)
    number = await session.get_one(Number, attempt.number_id)
    rule = rule_at(op, person, number)
    if rule is None or not rule.asks(op.settings.record):
        return None
    if rule.notice and not await _announces(session, op, attempt):
        log.warning("not_recorded", attempt=attempt.id, rule=rule.code, todo=f"let {attempt.flow} say so: see docs")
        return None
    return rule


async def _announces(session: AsyncSession, op: Operation, attempt: Attempt) -> bool:
    """Whether the call's flow can say that it is recorded; one that cannot be read says nothing."""
    try:
        return ANNOUNCED_BY in (await pinning.of_call(session, op, attempt)).variables
    except FlowFailed:
        return False


async def _intend(op: Operation, attempt: Attempt, draft: Recording) -> int | None:
    """Put the wish on record before the carrier is asked; None when another request has done so."""
    try:
        async with op.database.write() as session:
            await session.execute(update(Attempt).where(Attempt.id == attempt.id).values(recorded=True))
            draft.tenant_id, draft.attempt_id = attempt.tenant_id, attempt.id
            draft.status, draft.started_at = "asked", op.clock.now()
            session.add(draft)
            await session.flush()
            return draft.id
    except IntegrityError:
        return None


async def _of_call(op: Operation, token: str) -> OfCall | None:
    async with op.database.read() as session:
        return await recordings.of_call(session, token)


async def _pause(op: Operation, one: OfCall) -> bool:
    """Pause, or else end; whether it is certain that nothing records."""
    assert one.call is not None, "a recorded call has an id"
    if await op.carrier.tapes.change(one.call, one.sid, "paused") == "done":
        return await _note(op, one, "paused")
    if await _stopped(op, one) == "unknown":
        log.error("recording_not_paused", recording=one.id, todo="the question is left out; see the carrier's status")
        return False
    return await _note(op, one, "ended", error=NOT_PAUSED)


async def _resume(op: Operation, one: OfCall) -> None:
    assert one.call is not None, "a recorded call has an id"
    if await op.carrier.tapes.change(one.call, one.sid, "in-progress") == "done":
        await _note(op, one, "on")
    else:
        log.warning("recording_not_resumed", recording=one.id, todo="none: it is tried again with the next answer")


async def _end_unannounced(op: Operation, one: OfCall) -> bool:
    """Stop what may have begun unconfirmed; whether that is certain. What there is of it is deleted later."""
    if await _stopped(op, one) == "unknown":
        return False
    return await _note(op, one, "failed", error=NOT_CONFIRMED)


async def _stopped(op: Operation, one: OfCall) -> Done:
    assert one.call is not None, "a recorded call has an id"
    return await op.carrier.tapes.change(one.call, one.sid, "stopped")


async def _note(op: Operation, one: OfCall, status: str, **values: object) -> bool:
    async with op.database.write() as session:
        await recordings.change(session, one.id, [one.status], status=status, **values)
    return True
