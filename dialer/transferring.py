"""Acts of the hand-over: reserve an agent, write the packet, bridge, and what happens when nobody comes.

Agents stand in their own conference for the shift; a caller is put into it. A reservation is committed, with
its packet, before the caller hears that an agent is coming.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.addresses import conference_name
from dialer.intending import BY_HAND
from dialer.operation import Operation
from dialer.rules.phone_numbers import mask
from dialer.speaking import load_answer
from dialer.store import agents, interactions, people, turns
from dialer.store.agents import Idle
from dialer.store.models import Agent, Attempt, Campaign, Packet, Person, Promise, Reservation
from ivr_flows.turn import Transfer

RESERVATION_SECONDS = 25  # from the reservation to both in the conference; then the agent has missed it


@dataclass(frozen=True, slots=True)
class Reserved:
    """An agent is kept for this caller: the conference to go to."""

    room: str
    agent_id: int
    reservation_id: int


@dataclass(frozen=True, slots=True)
class Queued:
    """Nobody is free: the caller waits at this place (1 = next) since so many seconds."""

    position: int
    seconds: int


Outcome = Reserved | Queued | Literal["closed", "nobody_free"]


async def ask(session: AsyncSession, op: Operation, attempt: Attempt, wait: Transfer, *, language: str) -> Outcome:
    """Find an agent for a caller, or a place in the queue; called again at every turn of the wait."""
    now = op.clock.now()
    reservation = await agents.open_reservation(session, attempt.id)
    if reservation is None:
        new = _wish(attempt, wait, language=language, at=now)
        if agent := await _take_free(session, new, now):
            return await _reserved_at_once(session, new, agent, now)
        if not await agents.on_duty(session, attempt.tenant_id, wait.skill, language):
            return "closed"
        session.add(new)
        await session.flush()
        return await _place_in_queue(session, new, now)
    if reservation.status == "waiting":
        agent = await assign(session, op, reservation)
        if agent is None:
            return await _place_in_queue(session, reservation, now)
        return Reserved(conference_name(agent.leg_token), agent.id, reservation.id)
    held = await session.get(Agent, reservation.agent_id, populate_existing=True)
    assert held is not None, "agents are never deleted"
    return Reserved(conference_name(held.leg_token), held.id, reservation.id)


async def _reserved_at_once(session: AsyncSession, new: Reservation, agent: Idle, now: datetime) -> Reserved:
    new.status, new.agent_id, new.reserved_at = "reserved", agent.id, now
    session.add(new)
    await session.flush()
    return Reserved(conference_name(agent.leg_token), agent.id, new.id)


async def _take_free(session: AsyncSession, wish: Reservation, now: datetime) -> Idle | None:
    """The longest idle agent who fits, reserved from now on; None when nobody is free."""
    for agent in await agents.idle(session, wish.tenant_id, now):
        fits = agents.fits(agent.skills, wish.skill, wish.language)
        if fits and await agents.swap(session, agent, status="reserved", since=now):
            return agent
    return None


async def assign(session: AsyncSession, op: Operation, reservation: Reservation) -> Idle | None:
    """Reserve the longest idle agent who fits; None when nobody is free.

    `write_packet` follows, in the same transaction.
    """
    now = op.clock.now()
    agent = await _take_free(session, reservation, now)
    if agent is None:
        return None
    if not await agents.move(session, reservation, to="reserved", at=now, agent_id=agent.id, reserved_at=now):
        await session.execute(update(Agent).where(Agent.id == agent.id).values(status="ready", since=agent.since))
        return None
    return agent


async def connected(session: AsyncSession, op: Operation, agent: Agent, caller_sid: str) -> int | None:
    """The caller has joined the agent's conference; the reservation's id when that is news."""
    now = op.clock.now()
    reservation = await agents.busy_reservation(session, agent.id)
    if (
        reservation is None
        or reservation.status != "reserved"
        or not await _is_caller(session, reservation, caller_sid)
    ):
        return None
    if not await agents.move(session, reservation, to="connected", at=now, connected_at=now):
        return None
    await session.execute(update(Agent).where(Agent.id == agent.id).values(status="in_call", since=now))
    return reservation.id


async def end(session: AsyncSession, op: Operation, attempt_id: int, how: str) -> Agent | None:
    """The hand-over is over: `how` names the end of a wait (left, callback, nobody_free, failed). The agent freed."""
    now = op.clock.now()
    reservation = await agents.open_reservation(session, attempt_id)
    if reservation is None:
        return None
    talked = reservation.status == "connected"
    if not await agents.move(session, reservation, to="ended" if talked else how, at=now):
        return None
    if reservation.agent_id is None:
        return None
    agent = await session.get(Agent, reservation.agent_id, populate_existing=True)
    assert agent is not None, "agents are never deleted"
    if agent.status not in ("reserved", "in_call"):
        return agent  # their own line is gone, or they were paused meanwhile
    if talked:
        await _wrap_up(session, agent, reservation.campaign_id, now)
    else:
        await agents.swap(session, agent, status="ready", since=now, until=None)
    return agent


_MET = (
    select(Reservation.id)
    .where(Reservation.attempt_id == bindparam("attempt"), Reservation.connected_at.is_not(None))
    .limit(1)
)


async def talked(session: AsyncSession, attempt_id: int) -> bool:
    """Whether the person of this attempt was connected to an agent."""
    return await session.scalar(_MET, {"attempt": attempt_id}) is not None


async def talked_after_all(session: AsyncSession, attempt_id: int, agent_id: int) -> bool:
    """The person of an ended call leaves this agent's conference: the wish that ended as `left` was met; is it news?

    They met at the latest when the call ended. The agent gets the time after a talk, unless something else came.
    """
    query = select(Reservation).where(Reservation.attempt_id == attempt_id).order_by(Reservation.id.desc()).limit(1)
    reservation = await session.scalar(query.execution_options(populate_existing=True))
    if reservation is None or (reservation.status, reservation.agent_id) != ("left", agent_id):
        return False
    met = reservation.ended_at
    if met is None or not await agents.move(session, reservation, to="ended", at=met, connected_at=met):
        return False
    agent = await session.get_one(Agent, agent_id, populate_existing=True)
    if (agent.status, agent.since) == ("ready", met):
        await _wrap_up(session, agent, reservation.campaign_id, met)
    return True


async def _wrap_up(session: AsyncSession, agent: Agent, campaign_id: int, since: datetime) -> None:
    campaign = await session.get(Campaign, campaign_id)
    seconds = int((campaign.plan if campaign else {}).get("wrapup_seconds", 20))
    await agents.swap(session, agent, status="wrapup", since=since, until=since + timedelta(seconds=seconds))


async def holds(session: AsyncSession, agent: Agent, attempt_id: int) -> bool:
    """Whether this agent is kept for the person of this attempt."""
    reservation = await agents.busy_reservation(session, agent.id)
    return reservation is not None and reservation.attempt_id == attempt_id


async def miss(session: AsyncSession, op: Operation, reservation: Reservation, *, guest: str | None = None) -> bool:
    """The reserved agent did not come: pause them; the caller goes back to the head of the queue (I7).

    `guest` is the caller's call while it may be in the agent's conference: nobody else is sent there meanwhile.
    """
    now = op.clock.now()
    moved = await agents.move(
        session, reservation, to="waiting", at=now, agent_id=None, reserved_at=None, missed=reservation.missed + 1
    )
    if moved and reservation.agent_id is not None:
        await session.execute(
            update(Agent)
            .where(Agent.id == reservation.agent_id, Agent.status == "reserved")
            .values(
                status="paused", since=now, pause_reason="missed a call", guest_sid=guest, version=Agent.version + 1
            )
        )
    return moved


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """A reservation whose agent should be talking by now and is not. Not while an agent's own call rings."""
    latest = now - timedelta(seconds=RESERVATION_SECONDS)
    rings = and_(Attempt.answered_at.is_(None), Attempt.status.in_(("placing", "placed", "ringing", "unknown")))
    early = and_(Attempt.mode == BY_HAND, or_(rings, Attempt.answered_at >= latest))
    waits = exists().where(Attempt.id == Reservation.attempt_id, early)
    return and_(Reservation.status == "reserved", Reservation.reserved_at < latest, ~waits)


async def overdue(session: AsyncSession, now: datetime) -> list[Reservation]:
    """Reservations whose agent should be talking by now and is not."""
    return list(await session.scalars(select(Reservation).where(is_overdue(now))))


async def _is_caller(session: AsyncSession, reservation: Reservation, sid: str) -> bool:
    return await session.scalar(select(Attempt.sid).where(Attempt.id == reservation.attempt_id)) == sid


def _wish(attempt: Attempt, wait: Transfer, *, language: str, at: datetime) -> Reservation:
    """A caller's wish for an agent, not on record yet."""
    return Reservation(
        tenant_id=attempt.tenant_id,
        campaign_id=attempt.campaign_id,
        attempt_id=attempt.id,
        skill=wait.skill,
        language=language,
        status="waiting",
        missed=0,
        asked_at=at,
        turn=attempt.turn,
        max_wait_seconds=wait.max_wait_seconds,
    )


async def _place_in_queue(session: AsyncSession, reservation: Reservation, now: datetime) -> Outcome:
    seconds = int((now - reservation.asked_at).total_seconds())
    if seconds >= reservation.max_wait_seconds:
        await agents.move(session, reservation, to="nobody_free", at=now)
        return "nobody_free"
    return Queued(await agents.position(session, reservation), seconds)


async def write_packet(session: AsyncSession, op: Operation, attempt_id: int) -> None:
    """Everything the agent needs before the first hello: written once for a reservation, when the turn is kept."""
    now = op.clock.now()
    written = and_(
        Packet.reservation_id == Reservation.id,
        Packet.agent_id == Reservation.agent_id,
        Packet.created_at >= Reservation.reserved_at,
    )
    row = (
        await session.execute(
            select(Reservation, Agent.name)
            .join(Agent, Agent.id == Reservation.agent_id)
            .where(Reservation.attempt_id == attempt_id, Reservation.status == "reserved", ~exists().where(written))
            .execution_options(populate_existing=True)
        )
    ).first()
    if row is None:
        return
    reservation, agent_name = row
    attempt = await session.get_one(Attempt, attempt_id)
    body = await packet_body(session, op, attempt)
    packet = {
        "tenant_id": reservation.tenant_id,
        "reservation_id": reservation.id,
        "attempt_id": attempt.id,
        "agent_id": reservation.agent_id,
        "body": op.database.keyring.seal(orjson.dumps(body).decode()),
        "created_at": now,
    }
    await session.execute(insert(Packet).values(packet))
    await interactions.add(
        session,
        tenant_id=reservation.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=now,
        kind="agent_reserved",
        detail={"agent": agent_name},
    )


async def packet_body(session: AsyncSession, op: Operation, attempt: Attempt) -> dict[str, Any]:
    """The packet: who, which debts, the path of this call, identity level, promises, and the script that fits."""
    person = await session.get_one(Person, attempt.person_id)
    owed = await people.debts_and_creditors(session, person.id)
    kept = await turns.of_attempt(session, attempt.id)
    promises = await session.scalars(
        select(Promise).where(Promise.person_id == person.id).order_by(Promise.id.desc())
    )
    return {
        "person": {"name": person.name, "language": person.language, "city": person.city, "region": person.region},
        "direction": attempt.direction,
        "number": mask(attempt.to_number),
        "level": attempt.level,
        "flow": attempt.flow,
        "debts": [
            {
                "creditor": creditor,
                "contract": debt.contract,
                "amount_minor": debt.amount_minor,
                "currency": debt.currency,
                "due_on": debt.due_on.isoformat(),
                "status": debt.status,
            }
            for debt, creditor in owed
        ],
        "heard": [
            {
                "turn": turn.n,
                "at": turn.at.isoformat(),
                "event": turn.event,
                "nodes": turn.path,
                "words": load_answer(op.database.keyring.unseal(turn.answer)).words,
            }
            for turn in kept
        ],
        "promises": [
            {
                "amount_minor": one.amount_minor,
                "currency": one.currency,
                "due_on": one.due_on.isoformat(),
                "status": one.status,
            }
            for one in promises
        ],
        "called_at": attempt.intent_at.isoformat(),
    }
