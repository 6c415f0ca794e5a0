"""The worker's part: rings supervisors' lines, looks for lost ones, and ends what should not go on.

As with every call the intent is committed before the carrier is asked, and every call has its grant of the account's
window. A look at a line asks nobody to remember anything: whatever another worker left half done is done here.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement

from dialer import staff_lines
from dialer.carrier.client import Accepted, Gone, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.lifecycle import FINAL_OF
from dialer.staff_lines import AT_ONCE, LINE_SECONDS, SILENT_AFTER, all_of
from dialer.store import supervisions
from dialer.store.models import Supervision
from dialer.store.supervisions import WANTED
from dialer.supervising import ending, seating
from dialer.supervising.requesting import living, request

log = structlog.get_logger("toque.supervising")


def due(op: Operation) -> ColumnElement[bool]:
    """Whether anybody is in a talk, or on the way in or out."""
    return supervisions.any_open()


async def keep(op: Operation) -> None:
    """Look at every supervision that is not over."""
    async with op.database.read() as session:
        found = await supervisions.open_ones(session)
    for first in range(0, len(found), AT_ONCE):
        await all_of(_look_after(op, one) for one in found[first : first + AT_ONCE])


async def _look_after(op: Operation, one: Supervision) -> None:
    if one.status == "leaving":
        return await ending.take_down(op, one.id)
    async with op.database.read() as session:
        why = await ending.why_not(session, one)
    if not why and one.status != "joined" and op.clock.now() - one.asked_at > timedelta(seconds=LINE_SECONDS):
        why = "not_answered"
    if why:
        return await ending.end(op, one, why)
    if one.status == "joined" and one.mode != one.wanted:
        await seating.apply(op, one)
    if one.sid is None:
        return await _ring_or_look(op, one)
    if op.clock.now() - one.heard_at > SILENT_AFTER:
        await _ask_carrier(op, one)


async def _ring_or_look(op: Operation, one: Supervision) -> None:
    if one.claim_until == 0:
        await _ring(op, one)
    elif one.claim_until <= real_ms():
        await _look_for(op, one)


async def _ring(op: Operation, one: Supervision) -> None:
    if not await staff_lines.granted(op):
        return
    async with op.database.write() as session:
        until = staff_lines.answer_due(op)
        if not await supervisions.swap(session, one, claim_until=until, heard_at=op.clock.now()):
            return  # another worker rings, or the supervisor has left
    answer = await op.carrier.create_call(request(op, one))
    match answer:
        case Accepted(sid=sid):
            await _made(op, one.token, sid)
        case Rejected(busy=True):
            await _claim_until(op, one.token, 0)  # the next beat tries again
        case Rejected(code=code, message=message):
            log.warning("supervisor_line_refused", user=one.user_id, code=code, why=message, todo="check their line")
            await _claim_until(op, one.token, 0)
            await ending.end(op, one, "refused")
        case NoAnswer():
            await _claim_until(op, one.token, staff_lines.looked_for_from(op))


async def _look_for(op: Operation, one: Supervision) -> None:
    """The create had no answer: the line is among the carrier's calls, or it may be asked for again."""
    found = await living(op, one)
    if found:
        await _made(op, one.token, found)
    elif found == "":
        async with op.database.write() as session:  # should it be made after all, its token is nobody's
            await supervisions.swap(session, one, token=secrets.token_urlsafe(12), claim_until=0)


async def _made(op: Operation, token: str, sid: str) -> None:
    """The carrier has the line; one that nobody waits for any more is taken down."""
    async with op.database.write() as session:
        ours = await supervisions.exists_as(session, token, sid, at=op.clock.now())
        if not ours:
            await supervisions.lost(session, token, sid)
    if not ours:
        await op.carrier.hang_up(sid)


async def _claim_until(op: Operation, token: str, until: int) -> None:
    async with op.database.write() as session:
        await supervisions.claimed(session, token, until)


async def _ask_carrier(op: Operation, one: Supervision) -> None:
    """Nothing was heard of a line for a while: it is over, or it stands and is asked about again later."""
    seen = await op.carrier.fetch_call(str(one.sid))
    if seen is None:
        return
    async with op.database.write() as session:
        fresh = await session.get_one(Supervision, one.id, populate_existing=True)
        if isinstance(seen, Gone) or seen.status in FINAL_OF:
            await ending.decide(session, op, fresh, "hung_up", over=True)
        elif fresh.status in WANTED:
            await supervisions.swap(session, fresh, heard_at=op.clock.now())
