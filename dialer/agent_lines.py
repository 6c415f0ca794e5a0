"""Acts for an agent's own line: rung once, known to stand or to be over, hung up when it is given up.

As with every call the intent is committed before the carrier is asked: who finds it unanswered looks for the
line among the carrier's calls before the agent's telephone rings again.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, exists, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import redirecting, staff_lines, suppressing, transferring
from dialer.carrier.client import Accepted, CallRequest, Gone, NoAnswer, Rejected
from dialer.clock import real_ms
from dialer.intending import BY_HAND
from dialer.operation import Operation
from dialer.rules.clearance import StaffLine
from dialer.rules.lifecycle import FINAL_OF
from dialer.staff_lines import AT_ONCE, LINE_SECONDS, RING_SECONDS, SILENT_AFTER, all_of
from dialer.store import agents, attempts, lines
from dialer.store.models import Agent, Attempt, Reservation

log = structlog.get_logger("toque.lines")

NO_LINE: dict[str, Any] = {
    "leg_sid": None,
    "leg_claim_until": 0,
    "leg_heard_at": None,
    "leg_joined_at": None,
    "guest_sid": None,
}


def new_token() -> str:
    """A token for a line that is about to be asked for: news of an older one then speaks of nobody."""
    return secrets.token_urlsafe(12)


def due(op: Operation) -> ColumnElement[bool]:
    """Whether a line is to be rung, looked for or looked after."""
    quiet = lines.unheard(op.clock.now() - SILENT_AFTER)
    return or_(exists().where(Agent.status == "connecting"), exists().where(quiet))


async def connect(op: Operation) -> None:
    """Call the line of every agent who wants calls and has none yet."""
    if not op.settings.can_dial or not op.settings.caller_ids:
        return
    async with op.database.read() as session:
        waiting = await agents.in_status(session, "connecting")
    now, real = op.clock.now(), real_ms()
    unknown = [agent for agent in waiting if agent.leg_sid is None]
    unasked = [agent for agent in unknown if agent.leg_claim_until == 0]
    unanswered = [agent for agent in unknown if 0 < agent.leg_claim_until <= real]
    await all_of(_ring(op, agent) for agent in unasked[:AT_ONCE])
    await all_of(_look_for(op, agent) for agent in unanswered[:AT_ONCE])
    for agent in waiting:
        if agent.leg_sid is not None and now - agent.since > timedelta(seconds=LINE_SECONDS):
            await give_up(op, agent.leg_token, "the line did not come up")


async def look_after(op: Operation) -> None:
    """Ask the carrier for lines of which nothing was heard for a while: a line that died unheard takes no calls."""
    now = op.clock.now()
    async with op.database.read() as session:
        quiet = await lines.silent(session, before=now - SILENT_AFTER, limit=AT_ONCE)
    if not quiet:
        return
    async with op.database.write() as session:
        ours = [agent for agent in quiet if await lines.looked_after(session, agent, at=now)]
    await all_of(gave_up_if_over(op, agent) for agent in ours)


async def gave_up_if_over(op: Operation, agent: Agent) -> bool:
    """Ask the carrier for an agent's line, and take the agent off when it is over; whether it is."""
    if agent.leg_sid is None:
        return False
    seen = await op.carrier.fetch_call(agent.leg_sid)
    if seen is None or not (isinstance(seen, Gone) or seen.status in FINAL_OF):
        return False
    await give_up(op, agent.leg_token, "the line ended", ended=agent.leg_sid)
    return True


async def give_up(op: Operation, token: str, why: str, *, ended: str | None = None) -> None:
    """No line: a reserved caller goes back to the queue; the agent must come back by themselves.

    `ended` is the id of the call that is over, and then only if it is the agent's present line; without it the
    line is hung up, so that no telephone rings for nothing.
    """
    now = op.clock.now()
    requeued: int | None = None
    called: int | None = None
    async with op.database.write() as session:
        agent = await agents.held_by_leg(session, token)  # else the line that is made meanwhile would ring on
        if agent is None or agent.status == "offline" or not _concerns(agent, ended):
            return
        line = agent.leg_sid
        reservation = await agents.busy_reservation(session, agent.id)
        if reservation is not None and await _called_by_hand(session, reservation):
            called = reservation.attempt_id
            await transferring.end(session, op, called, "failed")
            await attempts.ask_to_cancel(session, [called], "stopped")
        elif reservation is not None and reservation.status == "reserved":
            await transferring.miss(session, op, reservation)
            requeued = reservation.attempt_id
        elif reservation is not None:
            await agents.move(session, reservation, to="ended", at=now)
        await session.execute(
            update(Agent)
            .where(Agent.id == agent.id)
            .values(status="offline", since=now, until=None, pause_reason=why[:100], **NO_LINE)
            .values(version=Agent.version + 1)
            .execution_options(synchronize_session=False)
        )
    log.info("agent_offline", agent=agent.id, why=why)
    if ended is None and line is not None:
        await op.carrier.hang_up(line)
    if requeued is not None:
        await redirecting.send(op, requeued, "requeue")
    if called is not None:
        async with op.database.read() as session:
            attempt = await attempts.fresh(session, called)
        await suppressing.take_back(op, attempt)


async def _called_by_hand(session: AsyncSession, reservation: Reservation) -> bool:
    """Whether this is the agent's own call that nobody has answered yet: without the agent nobody wants it."""
    attempt = await session.get_one(Attempt, reservation.attempt_id)
    return reservation.status == "reserved" and attempt.mode == BY_HAND and attempt.answered_at is None


def _concerns(agent: Agent, ended: str | None) -> bool:
    """Whether the end of this call is the end of the agent's line: of the known one, or of the one just asked for."""
    if ended is None or agent.leg_sid is not None:
        return ended in (None, agent.leg_sid)
    return agent.leg_claim_until > 0


async def _ring(op: Operation, agent: Agent) -> None:
    if not await staff_lines.granted(op):
        return
    until = staff_lines.answer_due(op)
    async with op.database.write() as session:
        if not await agents.swap(session, agent, leg_claim_until=until, leg_heard_at=op.clock.now()):
            return  # another worker rings, or the agent has changed their mind
    answer = await op.carrier.create_call(_request(op, agent))
    match answer:
        case Accepted(sid=sid):
            await _made(op, agent.leg_token, sid)
        case Rejected(busy=True):
            await _claim_until(op, agent.leg_token, 0)  # the next beat tries again
        case Rejected(code=code, message=message):
            await give_up(op, agent.leg_token, f"the carrier refuses the line ({code}): {message}")
        case NoAnswer():
            await _claim_until(op, agent.leg_token, staff_lines.looked_for_from(op))


async def _look_for(op: Operation, agent: Agent) -> None:
    """The create had no answer: the line is among the carrier's calls, or it may be asked for again."""
    found = await staff_lines.living(op, _request(op, agent), since=agent.leg_heard_at or agent.since)
    if found is None:
        return  # no answer: look again at the next beat
    if found:
        await _made(op, agent.leg_token, found)
        return
    async with op.database.write() as session:  # should it be made after all, it finds no conference
        await agents.swap(session, agent, leg_token=new_token(), leg_claim_until=0)


async def _made(op: Operation, token: str, sid: str) -> None:
    """The carrier has the line; one that nobody waits for any more is taken down."""
    async with op.database.write() as session:
        ours = await lines.exists(session, token, sid)
    if not ours:
        await op.carrier.hang_up(sid)


async def _claim_until(op: Operation, token: str, until: int) -> None:
    async with op.database.write() as session:
        await lines.claimed(session, token, until)


def _request(op: Operation, agent: Agent) -> CallRequest:
    return CallRequest(
        to=agent.via.removeprefix("tel:"),
        from_=op.settings.caller_ids[0],
        url=op.addresses.agent(agent.leg_token),
        status_url=op.addresses.agent_status(agent.leg_token),
        leave=StaffLine(agent.id),
        ring_seconds=RING_SECONDS,
    )
