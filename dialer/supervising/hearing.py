"""What the carrier tells of a supervisor's line: answered, over, in the conference, out of it. In any order, twice.

A call that nobody waits for any more is never let into a conference.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.addresses import conference_name
from dialer.carrier.rooms import Seat
from dialer.operation import Operation
from dialer.store import supervisions
from dialer.store.models import Supervision
from dialer.store.supervisions import WANTED
from dialer.supervising import ending, seating
from dialer.supervising.telling import tell, write_down

# Final status of the call -> why it ended; what was joined was hung up.
NOT_REACHED = {"busy": "not_answered", "no-answer": "not_answered", "canceled": "not_answered", "failed": "refused"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Leave to enter a conference, and how to sit there."""

    room: str
    seat: Seat


async def enter(op: Operation, token: str, sid: str) -> Entry | None:
    """The line was answered: where it goes, the same if it is asked again; None when it should end."""
    refused, seated = "", False
    async with op.database.write() as session:
        one = await supervisions.by_token(session, token)
        while not (refused or seated):  # again, if other news of the line came at the same moment
            if one is None or one.status not in WANTED or one.sid not in (None, sid):
                return None
            refused = await ending.why_not(session, one)
            seated = not refused and await _sit_down(session, op, one, sid)
            await session.refresh(one)
    assert one is not None, "else there was nothing to do"
    if refused:
        await ending.end(op, one, refused)
        return None
    await tell(op, one)
    return Entry(conference_name(one.room), seating.seat(seating.mode_of(one.wanted), one.coached))


async def _sit_down(session: AsyncSession, op: Operation, one: Supervision, sid: str) -> bool:
    now, news, wanted = op.clock.now(), one.status != "joined", one.wanted
    values = {"joined_at": now, "status": "joined"} if news else {}
    if not await supervisions.swap(session, one, sid=sid, claim_until=0, mode=wanted, heard_at=now, **values):
        return False
    if news:
        await write_down(session, op, one, "joined", mode=wanted)
    return True


async def heard(op: Operation, token: str, sid: str, *, over: str | None) -> bool:
    """The call rings, stands, or is over with this status; whether the token is one of ours."""
    async with op.database.write() as session:
        one = await supervisions.by_token(session, token)
        if one is None:
            return await _is_nobody_s(op, sid, over=over)
        ours = one.sid in (None, sid)
        if over is not None and ours:
            why = "hung_up" if one.joined_at is not None else NOT_REACHED.get(over, "hung_up")
            await ending.decide(session, op, one, why, over=True)
        awaited = over is not None or await supervisions.exists_as(session, token, sid, at=op.clock.now())
    if not awaited:
        await op.carrier.hang_up(sid)  # left before the call was heard of
    await tell(op, one)
    return True


async def _is_nobody_s(op: Operation, sid: str, *, over: str | None) -> bool:
    """A line that was asked for anew, because the answer to the first create was lost, and rings after all."""
    if over is None:
        await op.carrier.hang_up(sid)
    return False


async def in_conference(op: Operation, sid: str, *, left: bool) -> bool:
    """Somebody joined or left an agent's conference; whether it was a supervisor: then nothing else follows."""
    async with op.database.read() as session:
        one = await supervisions.by_sid(session, sid) if sid else None
    if one is None:
        return False
    async with op.database.write() as session:
        if left:
            await ending.decide(session, op, one, "hung_up", over=True)
        else:
            seen = update(Supervision).where(Supervision.id == one.id).values(heard_at=op.clock.now())
            await session.execute(seen.execution_options(synchronize_session=False))
    await tell(op, one)
    return True


async def talk_moved(op: Operation, room: str) -> None:
    """Something has happened in an agent's conference: who listens to a talk that is over leaves at once."""
    async with op.database.read() as session:
        present = await supervisions.in_room(session, room)
        over = [(one, why) for one in present if one.status in WANTED and (why := await ending.why_not(session, one))]
    for one, why in over:
        await ending.end(op, one, why)
