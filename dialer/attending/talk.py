"""The call that an agent has on the screen, held for an act; and lines of the record that name the agent.

Nothing is written for a screen that shows somebody else by now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Refused
from dialer.operation import Operation
from dialer.rules.follow_up import Place
from dialer.store import agents, attempts, interactions
from dialer.store.models import Agent, Attempt, Number, Packet, Person, Reservation
from dialer.store.places import place_of

SHIFT = timedelta(hours=12)  # for so long a talk's own agent may still write down what came of it


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose desk, and which call stood on its screen when something was typed there."""

    tenant_id: int
    agent: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Talk:
    """An agent and the call; the attempt is held until the transaction ends."""

    agent: Agent
    attempt: Attempt
    person: Person
    number: Number

    @property
    def actor(self) -> str:
        """Who stands on record."""
        return f"agent:{self.agent.name}"[:50]

    @property
    def place(self) -> Place:
        """Where the person's days are counted."""
        return place_of(self.number.country, self.person.region, self.number.e164)


async def present(session: AsyncSession, seat: Seat, *, since: datetime | None = None) -> Talk:
    """The agent's call, held, until the next one comes; also after wrap-up. Raises NotFound (agent) and Refused.

    With `since`, a talk of theirs that ended after then, too, whoever is on the screen by now: what is typed into a
    form is said of the call that the form was opened for.
    """
    agent = await _theirs(session, seat, since)
    return await _talk(session, agent, await attempts.held(session, seat.attempt))


async def looked_at(session: AsyncSession, seat: Seat, *, since: datetime) -> Talk:
    """The same, without holding it."""
    agent = await _theirs(session, seat, since)
    return await _talk(session, agent, await session.get_one(Attempt, seat.attempt))


async def _theirs(session: AsyncSession, seat: Seat, since: datetime | None) -> Agent:
    agent = await agents.by_name(session, seat.tenant_id, seat.agent)
    if not await _on_the_screen(session, agent, seat) and not await _was_theirs(session, agent, seat, since):
        raise Refused("That caller is not at this desk any more: nothing was changed. Load the page again")
    return agent


async def _on_the_screen(session: AsyncSession, agent: Agent, seat: Seat) -> bool:
    latest = await session.execute(
        select(Packet.attempt_id, Reservation.agent_id)
        .join(Reservation, Reservation.id == Packet.reservation_id)
        .where(Packet.agent_id == agent.id)
        .order_by(Packet.id.desc())
        .limit(1)
    )
    row = latest.first()
    return row is not None and (row.attempt_id, row.agent_id) == (seat.attempt, agent.id)


async def _was_theirs(session: AsyncSession, agent: Agent, seat: Seat, since: datetime | None) -> bool:
    """Whether the last talk of that call was this agent's, and ended after `since`."""
    if since is None:
        return False
    latest = await session.execute(
        select(Reservation.agent_id, Reservation.ended_at)
        .where(Reservation.attempt_id == seat.attempt, Reservation.connected_at.is_not(None))
        .order_by(Reservation.id.desc())
        .limit(1)
    )
    row = latest.first()
    return row is not None and row.agent_id == agent.id and row.ended_at is not None and row.ended_at > since


async def _talk(session: AsyncSession, agent: Agent, attempt: Attempt) -> Talk:
    person = await session.get_one(Person, attempt.person_id, populate_existing=True)
    return Talk(agent, attempt, person, await session.get_one(Number, attempt.number_id, populate_existing=True))


async def write_down(session: AsyncSession, op: Operation, talk: Talk, kind: str, detail: dict[str, Any]) -> None:
    """One line of the record about the call, by the agent. `detail` holds codes, days and sums; no names."""
    await interactions.add(
        session,
        tenant_id=talk.attempt.tenant_id,
        person_id=talk.person.id,
        attempt_id=talk.attempt.id,
        at=op.clock.now(),
        kind=kind,
        actor=talk.actor,
        detail=detail,
    )
