"""The end of a supervisor's part in a talk: on record first, then the line is taken down, then it is over.

Until the line is known to be down its agent gets no other call: nobody may hear what they were not let into.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.carrier.client import Gone
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.lifecycle import FINAL_OF
from dialer.store import sight, supervisions
from dialer.store.models import Supervision
from dialer.store.supervisions import LISTENERS, WANTED
from dialer.supervising.requesting import living
from dialer.supervising.telling import tell, write_down

_BY = {"left": "user", "hung_up": "user"}  # else nobody has ended it but the state of things


async def why_not(session: AsyncSession, one: Supervision) -> str:
    """Why it may not go on (any more): call_over, not_allowed; empty when it may."""
    talk = await supervisions.talk_of(session, one)
    if not talk.connected:
        return "call_over"
    allowed = talk.user.role in LISTENERS and talk.user.disabled_at is None
    if not allowed or not await sight.sees(session, talk.attempt, talk.user.creditors):
        return "not_allowed"
    return ""


async def end(op: Operation, one: Supervision, why: str) -> None:
    """It shall end: written down once, and the line is taken down. What was over already stays as it ended."""
    async with op.database.write() as session:
        decided = await decide(session, op, one, why)
    if decided:
        await take_down(op, one.id)


async def decide(session: AsyncSession, op: Operation, one: Supervision, why: str, *, over: bool = False) -> bool:
    """The same within a transaction: only the first who decides does. `over`: the line is known to be down."""
    now = op.clock.now()
    fresh = await session.get_one(Supervision, one.id, populate_existing=True)
    while fresh.status in WANTED:
        status = {"status": "ended", "ended_at": now} if over else {"status": "leaving"}
        if await supervisions.swap(session, fresh, why=why, heard_at=now, **status):
            seconds = int((now - fresh.joined_at).total_seconds()) if fresh.joined_at else 0
            await write_down(session, op, fresh, "ended", why=why, seconds=seconds, by=_BY.get(why, "system"))
            return True
        await session.refresh(fresh)
    if over and fresh.status == "leaving":
        await supervisions.swap(session, fresh, status="ended", ended_at=now)
    return False


async def take_down(op: Operation, supervision_id: int) -> None:
    """Hang up the line of one that is leaving; it is over when the carrier has said so, else this is done again."""
    async with op.database.read() as session:
        one = await session.get_one(Supervision, supervision_id)
    if one.status == "leaving" and await _is_down(op, one):
        async with op.database.write() as session:
            fresh = await session.get_one(Supervision, supervision_id, populate_existing=True)
            if fresh.status == "leaving":
                await supervisions.swap(session, fresh, status="ended", ended_at=op.clock.now())
    await tell(op, one)


async def _is_down(op: Operation, one: Supervision) -> bool:
    if one.sid is not None:
        if await op.carrier.hang_up(one.sid):
            return True
        seen = await op.carrier.fetch_call(one.sid)
        return isinstance(seen, Gone) or (seen is not None and seen.status in FINAL_OF)
    if one.claim_until == 0:
        return True  # nothing was asked for
    if one.claim_until > real_ms():
        return False  # the answer to the create is due
    found = await living(op, one)
    if found:
        async with op.database.write() as session:
            await supervisions.lost(session, one.token, found)
        return await op.carrier.hang_up(found)
    return found == ""
