"""Acts for agents: who wants calls, who stands in a conference with whom, missed calls, and who gets whom.

An agent's readiness follows what the conference reports, not what was hoped for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import agent_lines, closing, reconciling, redirecting, transferring
from dialer.addresses import conference_name
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.resting import going
from dialer.rules.breaks import NEXT_CALL, is_taken_by
from dialer.rules.pacing import PacingState
from dialer.rules.plan import Plan
from dialer.store import agents, attempts, breaks, lines
from dialer.store.campaigns import tenant
from dialer.store.models import LIVE_STATUSES, Agent, Attempt, Campaign, Reservation

AWAY = ("offline", "paused", "wrapup")  # who may say that they want calls
PAUSABLE = ("ready", "wrapup", "connecting", "offline")


async def ready(op: Operation, name: str) -> Agent:
    """The agent wants calls: their line is connected, or they are idle again at once if it stands already.

    Whose booked break has come goes on it first, and says once more that they are ready when it is over.
    """
    now = op.clock.now()
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await tenant(session)).id, name)
        if agent.status in AWAY and going.has_come(agent, now):
            (agent,) = await breaks.held(session, [agent.id])
            if await going.decide(session, agent, now, comes_back=True):
                return await session.get_one(Agent, agent.id, populate_existing=True)
        while agent.status in AWAY and not await agents.swap(
            session, agent, since=now, until=None, pause_reason=None, **_line_of(agent)
        ):
            await session.refresh(agent)  # news of their line came at the same moment
        await breaks.end(session, agent.id, now)
        agent = await session.get_one(Agent, agent.id, populate_existing=True)
    if agent.status == "ready":
        await assign_waiting(op)  # who waits need not wait for the worker's next beat
    return agent


async def done(op: Operation, name: str) -> Agent:
    """Wrap-up is over: the next caller may come. Refused outside wrap-up."""
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await tenant(session)).id, name)
    if agent.status != "wrapup":
        raise Refused(f'"{name}" is {agent.status.replace("_", " ")}, not in wrap-up. Use ready or pause')
    return await ready(op, name)


async def pause(op: Operation, name: str, reason: str = "asked for", *, minutes: int = 0) -> Agent:
    """The agent takes no more calls for now; a call under way goes on. `minutes`: as long as it is meant to last.

    Nobody is made ready by the end of a break: only the agent knows whether they are back. Pausing for the reason of
    a break that is booked for about now is taking it, and it is as long as it was booked.
    """
    now = op.clock.now()
    until = now + timedelta(minutes=minutes) if minutes else None
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await tenant(session)).id, name)
        if agent.break_reason == reason:
            (agent,) = await breaks.held(session, [agent.id])
            seen = going.situation(agent)
            if seen and agent.status in PAUSABLE and is_taken_by(reason, seen, now):
                await going.begin(session, agent, now)
                return await session.get_one(Agent, agent.id, populate_existing=True)
        while agent.status in PAUSABLE and not await agents.swap(
            session, agent, status="paused", since=now, until=until, pause_reason=reason
        ):
            await session.refresh(agent)  # news of their line came at the same moment
        return await session.get_one(Agent, agent.id, populate_existing=True)


async def connect_agents(op: Operation) -> None:
    """Every agent who wants calls has a line, and every line that takes calls still stands."""
    await agent_lines.connect(op)
    await agent_lines.look_after(op)


async def leg_joined(op: Operation, token: str, sid: str) -> None:
    """Somebody joined an agent's conference: the agent, or the caller who was sent there."""
    async with op.database.write() as session:
        freed = await lines.stands(session, token, sid, at=op.clock.now())
        agent = await agents.by_leg(session, token)
        if agent is None:
            return
        if agent.leg_sid != sid:
            await transferring.connected(session, op, agent, sid)
    await op.fanout.publish(f"desk:{conference_name(token)}", {"joined": sid == agent.leg_sid})
    if freed:
        await assign_waiting(op)


async def caller_left(op: Operation, token: str, sid: str) -> None:
    """Somebody left an agent's conference: a caller, whose talk is over, or the agent.

    Who leaves was there, even if nobody told us.
    """
    async with op.database.write() as session:
        agent = await agents.by_leg(session, token)
        if agent is None:
            return
        attempt_id = await session.scalar(select(Attempt.id).where(Attempt.sid == sid))
        if attempt_id is not None:
            await lines.guest_gone(session, sid)
            held = await transferring.holds(session, agent, attempt_id)
            if held:
                await transferring.connected(session, op, agent, sid)
                await transferring.end(session, op, attempt_id, "left")
    if attempt_id is None:
        await leg_ended(op, token, sid)
    elif not held:
        await op.database.committed(partial(_had_talked, op, agent.id, attempt_id))
    await op.fanout.publish(f"desk:{conference_name(token)}", {"left": True})


async def _had_talked(op: Operation, agent_id: int, attempt_id: int, session: AsyncSession) -> None:
    """The end of the call was heard before the end of the talk: what was taken for a wait that was left is mended."""
    attempt = await attempts.held(session, attempt_id)
    if attempt.closed_at is not None and await transferring.talked_after_all(session, attempt_id, agent_id):
        await closing.close(session, op, attempt)


async def leg_heard(op: Operation, token: str, sid: str) -> None:
    """A call rings or stands that was made for an agent: its id is known even if the create had no answer."""
    async with op.database.write() as session:
        await lines.exists(session, token, sid)


async def leg_ended(op: Operation, token: str, sid: str) -> None:
    """A call to an agent is over: if it was their present line, nobody can be sent there."""
    await agent_lines.give_up(op, token, "the line ended", ended=sid)


async def expected(op: Operation, token: str) -> bool:
    """Whether an agent waits for the line with this token; else its call has come too late and should end."""
    async with op.database.read() as session:
        agent = await agents.by_leg(session, token)
    return agent is not None and agent.status != "offline"


def due(op: Operation) -> ColumnElement[bool]:
    """Whether a wrap-up has ended, a reservation was missed, a caller waits or stands in a former conference, or a
    break has come.
    """
    now = op.clock.now()
    return or_(
        going.due(op),
        exists().where(_rested(now)),
        exists().where(transferring.is_overdue(now)),
        exists().where(Reservation.status == "waiting"),
        exists().where(Agent.guest_sid.is_not(None)),
    )


def _rested(now: datetime) -> ColumnElement[bool]:
    return and_(Agent.status == "wrapup", Agent.until <= now)


async def settle(op: Operation) -> None:
    """Begins breaks, ends wrap-ups, takes back missed reservations, and gives waiting callers to free agents."""
    now = op.clock.now()
    await going.settle(op)
    async with op.database.write() as session:
        await session.execute(
            update(Agent)
            .where(_rested(now), agents.no_break_due(now))
            .values(status="ready", since=now, until=None, version=Agent.version + 1)
            .execution_options(synchronize_session=False)
        )
        overdue = await transferring.overdue(session, now)
    for reservation in overdue:
        await _overdue(op, reservation)
    await redirecting.call_back_guests(op)
    await assign_waiting(op)


async def _overdue(op: Operation, reservation: Reservation) -> None:
    """Nobody is known to be connected in time. The carrier is asked first, because news gets lost.

    The caller may be gone, the agent's line may be dead, or the two may be talking; only else was the call missed.
    """
    async with op.database.read() as session:
        attempt = await attempts.fresh(session, reservation.attempt_id)
        agent = await session.get_one(Agent, reservation.agent_id)
    if attempt.sid is not None and attempt.status != "ended":
        attempt = await reconciling.ask_carrier(op, attempt)
    if attempt.status == "ended" or await agent_lines.gave_up_if_over(op, agent):
        return
    present = await op.carrier.conference_calls(conference_name(agent.leg_token))
    if present is None:
        return  # no answer: the next beat asks again
    async with op.database.write() as session:
        if attempt.sid in present:
            await transferring.connected(session, op, agent, str(attempt.sid))
            return
        missed = await transferring.miss(session, op, reservation, guest=attempt.sid)
    if missed:
        await redirecting.send(op, reservation.attempt_id, "requeue")


async def assign_waiting(op: Operation) -> int:
    """Give callers who wait to agents who are free, longest waiting first; how many."""
    async with op.database.read() as session:
        if not await agents.waiting(session):
            return 0
    assigned: list[tuple[int, int, int, str]] = []
    async with op.database.write() as session:
        for reservation in await agents.waiting(session):
            agent = await transferring.assign(session, op, reservation)
            if agent is not None:
                await transferring.write_packet(session, op, reservation.attempt_id)
                turn = (await attempts.fresh(session, reservation.attempt_id)).turn
                room = conference_name(agent.leg_token)
                assigned.append((reservation.attempt_id, reservation.id, turn, room))
    for attempt_id, reservation_id, turn, room in assigned:
        await op.fanout.publish(f"desk:{room}", {"card": attempt_id})
        await redirecting.send(op, attempt_id, "connect", reservation_id, turn=turn)
    return len(assigned)


async def pacing_state(session: AsyncSession, op: Operation, campaign: Campaign) -> PacingState:
    """The campaign as its pacer sees it. Lines in use are those of the whole account.

    While all agents of the campaign are away it has no lines: only where there are no agents at all are calls
    made without any. Who is about to go on a break is away already: a call dialled now would find nobody.
    """
    now = op.clock.now()
    staff = (await session.scalars(select(Agent).where(Agent.tenant_id == campaign.tenant_id))).all()
    live = (
        await session.execute(
            select(Attempt.campaign_id, Attempt.status, Attempt.intent_at, Attempt.answered_at, Attempt.waits).where(
                Attempt.status.in_(LIVE_STATUSES)
            )
        )
    ).all()
    talking = (
        await session.execute(
            select(Reservation.status, Reservation.asked_at, Reservation.connected_at).where(
                Reservation.campaign_id == campaign.id,
                Reservation.status.in_(agents.OPEN),
            )
        )
    ).all()
    dialed, answered = (
        await session.execute(
            select(func.count(), func.count(Attempt.answered_at)).where(Attempt.campaign_id == campaign.id)
        )
    ).one()
    mine = [agent for agent in staff if agents.fits(agent.skills, campaign.skill, None)]
    ours = [row for row in live if row.campaign_id == campaign.id]
    others = len(live) - len(ours)
    plan = Plan.model_validate(campaign.plan)
    stays = [agent for agent in mine if not going.has_come(agent, now + NEXT_CALL)]
    count = {status: sum(agent.status == status for agent in stays) for status in agents.SIGNED_IN}
    away = bool(mine) and not any(count.values())
    return PacingState(
        agents_idle=count["ready"],
        agents_busy=count["in_call"],
        agents_wrapup=count["wrapup"],
        agents_reserved=count["reserved"],
        talk_ages=tuple(_age(now, row.connected_at) for row in talking if row.status == "connected"),
        wrapup_ages=tuple(_age(now, agent.since) for agent in stays if agent.status == "wrapup"),
        ringing_ages=tuple(_age(now, row.intent_at) for row in ours if row.status != "live"),
        ivr_ages=tuple(
            _age(now, row.answered_at) for row in ours if row.status == "live" and row.waits != "transfer"
        ),
        waiting_ages=tuple(_age(now, row.asked_at) for row in talking if row.status != "connected"),
        dialed=dialed,
        answered=answered,
        requested_agent=len(talking),
        connected=sum(row.status == "connected" for row in talking),
        abandoned=0,
        talk_mean=None,
        wrapup_mean=float(plan.wrapup_seconds),
        ring_mean=None,
        ivr_mean=None,
        mode="ivr" if plan.pacing == "press1" else "direct",
        cps_cap=op.settings.calls_per_second,
        lines_cap=0 if away else max(0, op.settings.lines - others),
        patience=30.0,
    )


def _line_of(agent: Agent) -> dict[str, Any]:
    """What an agent becomes who wants calls: ready on a line that stands, else connecting, also on one that rings."""
    if agent.leg_joined_at is not None:
        return {"status": "ready"}
    if agent.leg_sid is not None or agent.leg_claim_until > 0:
        return {"status": "connecting"}
    return {"status": "connecting", "leg_token": agent_lines.new_token(), **agent_lines.NO_LINE}


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
