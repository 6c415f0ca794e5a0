"""What a supervisor does: begins to listen to a talk, changes how they are heard, leaves.

The wish is committed and on record before anybody's telephone rings; the worker rings it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.enrolling import way_of
from dialer.errors import BadInput, NotConfigured, NotFound, Refused
from dialer.operation import Operation
from dialer.store import agents, campaigns, sight, supervisions, users
from dialer.store.models import Agent, Attempt, Supervision, User
from dialer.store.supervisions import LISTENERS, WANTED
from dialer.supervising import ending, seating
from dialer.supervising.seating import Mode, mode_of
from dialer.supervising.telling import tell, write_down


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to hear which agent's talk, and how. `via`: their line for this once; empty: the one they keep."""

    user_id: int
    agent_id: int
    mode: str
    via: str = ""


async def begin(op: Operation, wish: Wish) -> Supervision:
    """Have the supervisor's line rung and put into the talk of this agent, or change the mode if it is there already.

    Refused says why not; NotFound when there is no such agent in the company; BadInput names a line that is none.
    """
    mode = mode_of(wish.mode)
    if not op.settings.can_dial or not op.settings.caller_ids:
        raise NotConfigured("No call can be made: set the carrier's account and TOQUE_CALLER_IDS, then try again")
    try:
        async with op.database.write() as session:
            user = await _listener(session, wish.user_id)
            present = await supervisions.of_user(session, user.id)
            one = present or await _intend(session, op, user, wish, mode=mode)
    except IntegrityError:  # the same user in two windows, or the same line for two: the indexes are the last word
        raise Refused("This line, or you yourself, is in another talk already. Leave that one first") from None
    if present is not None:
        return await _already(op, present, wish.agent_id, mode)
    await tell(op, one)
    return one


async def change(op: Operation, user_id: int, mode: str) -> Supervision:
    """From now on the supervisor is heard so; nobody's telephone rings. Refused when they are in no talk."""
    wanted = mode_of(mode)
    async with op.database.write() as session:
        await _listener(session, user_id)
        one = await supervisions.of_user(session, user_id)
        while one is not None and one.status in WANTED and one.wanted != wanted:
            if await supervisions.swap(session, one, wanted=wanted):
                await write_down(session, op, one, "changed", mode=wanted)
            await session.refresh(one)
        if one is None or one.status not in WANTED:
            raise Refused("You are in no talk (any more). Choose an agent who is in a call")
        joined = one.status == "joined" and one.mode != one.wanted
    if joined:
        await seating.apply(op, one)
    await tell(op, one)
    return one


async def leave(op: Operation, user_id: int) -> None:
    """The supervisor's line is hung up; the agent and the caller talk on. Nothing to do when they are in no talk."""
    async with op.database.read() as session:
        one = await supervisions.of_user(session, user_id)
    if one is not None:
        await ending.end(op, one, "left")


async def keep_line(op: Operation, user_id: int, via: str) -> None:
    """Keep where a user is called to listen; empty: nowhere. BadInput or Refused say what is wrong with it."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        user = await users.named(session, tenant.id, user_id)
        user.line = await own_line(session, op, tenant.id, via) if via.strip() else None


async def own_line(session: AsyncSession, op: Operation, tenant_id: int, via: str) -> str:
    """A line as the carrier will be given it; never one at which somebody else would answer."""
    way = way_of(via.strip())
    number = way.removeprefix("tel:")
    if number in op.settings.caller_ids:
        raise Refused("This is a number that we call from. Give the line at which you are reached yourself")
    if await supervisions.is_somebody_s(session, tenant_id, number):
        raise Refused("This number is on record of a person whom we call. Give a line that is yours alone")
    return way


async def _listener(session: AsyncSession, user_id: int) -> User:
    user = await users.named(session, (await campaigns.tenant(session)).id, user_id)
    if user.role not in LISTENERS or user.disabled_at is not None:
        raise Refused("Only supervisors, managers and administrators listen to talks")
    return user


async def _intend(session: AsyncSession, op: Operation, user: User, wish: Wish, *, mode: Mode) -> Supervision:
    agent = await session.get(Agent, wish.agent_id, populate_existing=True)
    if agent is None or agent.tenant_id != user.tenant_id:
        raise NotFound("There is no such agent. See those that are: Agents")
    attempt = await _talk(session, user, agent)
    if not (wish.via.strip() or user.line):
        raise BadInput("Say where you are called: tel:+5511…, sip:user@host, or client:name. My account keeps it")
    via = await own_line(session, op, user.tenant_id, wish.via if wish.via.strip() else str(user.line))
    if await supervisions.is_an_agents(session, via):
        raise Refused("An agent who is here is reached by this line. Give one that is yours alone")
    now = op.clock.now()
    one = Supervision(
        tenant_id=user.tenant_id, user_id=user.id, agent_id=agent.id, attempt_id=attempt.id, room=agent.leg_token,
        coached=str(agent.leg_sid), via=via, mode="", wanted=mode, status="asked", token=secrets.token_urlsafe(12),
        asked_at=now, heard_at=now,
    )  # fmt: skip
    session.add(one)
    await session.flush()
    await write_down(session, op, one, "begun", mode=mode)
    return one


async def _talk(session: AsyncSession, user: User, agent: Agent) -> Attempt:
    """The call that the agent is in; Refused when there is none, or it is none of the user's creditors'."""
    reservation = await agents.busy_reservation(session, agent.id)
    if reservation is None or reservation.status != "connected" or agent.leg_sid is None:
        raise Refused(f'"{agent.name}" is in no call right now. Wait until they talk with somebody')
    attempt = await session.get_one(Attempt, reservation.attempt_id)
    if not await sight.sees(session, attempt, user.creditors):
        raise Refused("The caller belongs to a creditor whose people you may not see")
    return attempt


async def _already(op: Operation, present: Supervision, agent_id: int, mode: Mode) -> Supervision:
    """The user has a line open: in the same talk it is a change of mode, elsewhere it must be left first."""
    if present.status not in WANTED:
        raise Refused("Your line of before is still being hung up. Try again in a moment")
    if present.agent_id != agent_id:
        raise Refused("You are in the talk of another agent. Leave it first")
    return await change(op, present.user_id, mode)
