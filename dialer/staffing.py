"""Acts for agents: their own line into their conference, wrap-up and missed calls, and who gets whom.

An agent's readiness follows what the conference reports, not what was hoped for.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update

from dialer import reconciling, transferring
from dialer.addresses import conference_name
from dialer.carrier import Accepted, CallRequest, NoAnswer, Rejected
from dialer.errors import Refused
from dialer.limits import grant
from dialer.operation import Operation
from dialer.rules.pacing import PacingState
from dialer.rules.plan import Plan
from dialer.store import agents, attempts
from dialer.store.campaigns import tenant
from dialer.store.models import Agent, Attempt, Campaign, Reservation

log = structlog.get_logger("toque.staffing")

LEG_SECONDS = 60  # from asking for an agent's line to its standing in the conference
AGENT_RING_SECONDS = 30


async def ready(op: Operation, name: str) -> Agent:
    """The agent wants calls: their line is connected, or they are idle again at once if it stands already."""
    now = op.clock.now()
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await tenant(session)).id, name)
        match agent.status:
            case "offline":
                token = secrets.token_urlsafe(12)
                await agents.swap(
                    session, agent, status="connecting", since=now, leg_token=token, leg_sid=None, pause_reason=None
                )
            case "paused" | "wrapup":
                standing = agent.leg_sid is not None
                status = "ready" if standing else "connecting"
                await agents.swap(session, agent, status=status, since=now, until=None, pause_reason=None)
            case _:
                pass
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


async def pause(op: Operation, name: str, reason: str = "asked for") -> Agent:
    """The agent takes no more calls for now; a call under way goes on."""
    now = op.clock.now()
    async with op.database.write() as session:
        agent = await agents.by_name(session, (await tenant(session)).id, name)
        if agent.status in ("ready", "wrapup", "connecting", "offline"):
            await agents.swap(session, agent, status="paused", since=now, until=None, pause_reason=reason)
        return await session.get_one(Agent, agent.id, populate_existing=True)


async def connect_agents(op: Operation) -> None:
    """Call the line of every agent who wants calls and has none yet."""
    if not op.settings.can_dial:
        return
    async with op.database.read() as session:
        waiting = await agents.in_status(session, "connecting")
    now = op.clock.now()
    for agent in waiting:
        if agent.leg_sid is None:
            await _connect(op, agent)
        elif now - agent.since > timedelta(seconds=LEG_SECONDS):
            await _offline(op, agent, "the line did not come up")


async def leg_joined(op: Operation, token: str, sid: str) -> None:
    """Somebody joined an agent's conference: the agent, or the caller who was sent there."""
    freed = False
    async with op.database.write() as session:
        agent = await agents.by_leg(session, token)
        if agent is None:
            return
        if agent.leg_sid in (None, sid) and agent.status == "connecting":
            await agents.swap(session, agent, status="ready", since=op.clock.now(), leg_sid=sid)
            freed = True
        elif agent.leg_sid != sid:
            await transferring.connected(session, op, agent, sid)
    await op.fanout.publish(f"desk:{conference_name(token)}", {"joined": sid == agent.leg_sid})
    if freed:
        await assign_waiting(op)


async def caller_left(op: Operation, token: str, sid: str) -> None:
    """A caller left an agent's conference: the talk is over. Who leaves was there, even if nobody told us."""
    async with op.database.write() as session:
        agent = await agents.by_leg(session, token)
        if agent is None or agent.leg_sid == sid:
            return
        attempt_id = await session.scalar(select(Attempt.id).where(Attempt.sid == sid))
        if attempt_id is not None:
            await transferring.connected(session, op, agent, sid)
            await transferring.end(session, op, attempt_id, "left")
    await op.fanout.publish(f"desk:{conference_name(token)}", {"left": True})


async def leg_ended(op: Operation, token: str) -> None:
    """The agent's own line is gone: nobody can be sent there."""
    async with op.database.read() as session:
        agent = await agents.by_leg(session, token)
    if agent is not None:
        await _offline(op, agent, "the line ended")


async def settle(op: Operation) -> None:
    """Ends wrap-ups, takes back missed reservations, and gives waiting callers to free agents."""
    now = op.clock.now()
    async with op.database.write() as session:
        await session.execute(
            update(Agent)
            .where(Agent.status == "wrapup", Agent.until <= now)
            .values(status="ready", since=now, until=None, version=Agent.version + 1)
            .execution_options(synchronize_session=False)
        )
        overdue = await transferring.overdue(session, now)
    for reservation in overdue:
        await _overdue(op, reservation)
    await assign_waiting(op)


async def _overdue(op: Operation, reservation: Reservation) -> None:
    """Nobody was connected in time. The carrier is asked first: it is no fault of the agent if the caller is gone."""
    async with op.database.read() as session:
        attempt = await attempts.fresh(session, reservation.attempt_id)
    if attempt.sid is not None and attempt.status != "ended":
        attempt = await reconciling.ask_carrier(op, attempt)
    if attempt.status == "ended":
        return
    async with op.database.write() as session:
        missed = await transferring.miss(session, op, reservation)
    if missed:
        await _redirect(op, reservation.attempt_id, "requeue")


async def assign_waiting(op: Operation) -> int:
    """Give callers who wait to agents who are free, longest waiting first; how many."""
    async with op.database.read() as session:
        if not await agents.waiting(session):
            return 0
    assigned: list[tuple[int, int, str]] = []
    async with op.database.write() as session:
        for reservation in await agents.waiting(session):
            agent = await transferring.assign(session, op, reservation)
            if agent is not None:
                await transferring.write_packet(session, op, reservation.attempt_id)
                assigned.append((reservation.attempt_id, reservation.id, conference_name(agent.leg_token)))
    for attempt_id, reservation_id, room in assigned:
        await op.fanout.publish(f"desk:{room}", {"card": attempt_id})
        await _redirect(op, attempt_id, "connect", reservation_id)
    return len(assigned)


async def pacing_state(op: Operation, campaign: Campaign) -> PacingState:
    """The campaign as its pacer sees it. Lines in use are those of the whole account."""
    now = op.clock.now()
    async with op.database.read() as session:
        staff = (
            await session.scalars(
                select(Agent).where(Agent.tenant_id == campaign.tenant_id, Agent.status.in_(agents.ON_DUTY))
            )
        ).all()
        live = (
            await session.execute(
                select(
                    Attempt.campaign_id, Attempt.status, Attempt.intent_at, Attempt.answered_at, Attempt.waits
                ).where(Attempt.status.in_(("placing", "placed", "ringing", "live", "unknown")))
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
    count = {status: sum(agent.status == status for agent in mine) for status in agents.ON_DUTY}
    return PacingState(
        agents_idle=count["ready"] + count["connecting"],
        agents_busy=count["in_call"],
        agents_wrapup=count["wrapup"],
        agents_reserved=count["reserved"],
        talk_ages=tuple(_age(now, row.connected_at) for row in talking if row.status == "connected"),
        wrapup_ages=tuple(_age(now, agent.since) for agent in mine if agent.status == "wrapup"),
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
        lines_cap=max(0, op.settings.lines - others),
        patience=30.0,
    )


async def _connect(op: Operation, agent: Agent) -> None:
    to = agent.via.removeprefix("tel:") if agent.via.startswith("tel:") else agent.via
    caller_ids = op.settings.caller_ids
    if not caller_ids:
        return
    await grant(op.window)
    answer = await op.carrier.create_call(
        CallRequest(
            to=to,
            from_=caller_ids[0],
            url=op.addresses.agent(agent.leg_token),
            status_url=op.addresses.agent_status(agent.leg_token),
            ring_seconds=AGENT_RING_SECONDS,
        )
    )
    match answer:
        case Accepted(sid=sid):
            async with op.database.write() as session:
                await session.execute(
                    update(Agent)
                    .where(Agent.leg_token == agent.leg_token, Agent.leg_sid.is_(None))
                    .values(leg_sid=sid, version=Agent.version + 1)
                )
        case Rejected(busy=True):
            pass  # the next beat tries again
        case Rejected(code=code, message=message):
            await _offline(op, agent, f"the carrier refuses the line ({code}): {message}")
        case NoAnswer():
            await _offline(op, agent, "the carrier did not answer; go ready again")


async def _offline(op: Operation, agent: Agent, why: str) -> None:
    """No line: a reserved caller goes back to the queue; the agent must come back by themselves."""
    now = op.clock.now()
    requeued: int | None = None
    async with op.database.write() as session:
        fresh = await session.get_one(Agent, agent.id, populate_existing=True)
        if fresh.leg_token != agent.leg_token or fresh.status == "offline":
            return
        reservation = await agents.busy_reservation(session, fresh.id)
        if reservation is not None and reservation.status == "reserved":
            await transferring.miss(session, op, reservation)
            requeued = reservation.attempt_id
        elif reservation is not None:
            await agents.move(session, reservation, to="ended", at=now)
        await session.execute(
            update(Agent)
            .where(Agent.id == fresh.id)
            .values(status="offline", since=now, leg_sid=None, pause_reason=why[:100], version=Agent.version + 1)
        )
    log.info("agent_offline", agent=agent.id, why=why)
    if requeued is not None:
        await _redirect(op, requeued, "requeue")


async def _redirect(op: Operation, attempt_id: int, where: str, reservation_id: int = 0) -> None:
    async with op.database.read() as session:
        row = (await session.execute(select(Attempt.sid, Attempt.token).where(Attempt.id == attempt_id))).one()
    address = (
        op.addresses.requeue(row.token) if where == "requeue" else op.addresses.connect(row.token, reservation_id)
    )
    if row.sid is not None:
        await op.carrier.redirect(row.sid, address)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
