"""Whether an agent's desk looks another way than before, in one question. Reads only."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.models import Agent, Attempt, Draft, Interaction, Packet, Person, Reservation


@dataclass(frozen=True, slots=True)
class Mark:
    """What is another as soon as anything of a desk but its own tasks and sums is; equal marks show equal desks.

    `call` alone is another as soon as what stands about the present call and its person is.
    """

    agent: tuple[Hashable, ...]
    waiting: int
    oldest: datetime | None
    packet: tuple[Hashable, ...]
    call: tuple[Hashable, ...]


_LATEST = select(func.max(Packet.id)).where(Packet.agent_id == Agent.id).correlate(Agent).scalar_subquery()
_LAST_LINE = (
    select(func.max(Interaction.id)).where(Interaction.person_id == Person.id).correlate(Person).scalar_subquery()
)


async def mark(session: AsyncSession, tenant_id: int, name: str) -> Mark:
    """The mark of the desk of the agent of that name, in one question; NotFound."""
    waiting = and_(Reservation.tenant_id == tenant_id, Reservation.status == "waiting")
    mine = and_(Draft.attempt_id == Attempt.id, Draft.agent_id == Agent.id)
    drafts = [
        select(column).where(mine).correlate(Attempt, Agent).scalar_subquery()
        for column in (func.count(), func.max(Draft.saved_at), func.max(Draft.id))
    ]
    found = (
        await session.execute(
            select(
                select(func.count()).where(waiting).scalar_subquery().label("waiting"),
                select(func.min(Reservation.asked_at)).where(waiting).scalar_subquery().label("oldest"),
                Agent.id, Agent.version, Agent.status, Agent.since, Agent.pause_reason, Agent.leg_token,
                Packet.id, Packet.shown_at, Reservation.agent_id, Reservation.status, Reservation.connected_at,
                Attempt.id, Attempt.version, Attempt.turn, Attempt.level, Person.version, _LAST_LINE, *drafts,
            )
            .select_from(Agent)
            .outerjoin(Packet, Packet.id == _LATEST)
            .outerjoin(Reservation, Reservation.id == Packet.reservation_id)
            .outerjoin(Attempt, Attempt.id == Packet.attempt_id)
            .outerjoin(Person, Person.id == Attempt.person_id)
            .where(Agent.tenant_id == tenant_id, Agent.name == name)
        )
    ).first()  # fmt: skip
    if found is None:
        raise NotFound(f'There is no agent "{name}". Add one: toque agent add "{name}" --via tel:+…')
    return Mark(
        agent=tuple(found[2:8]),
        waiting=int(found[0]),
        oldest=found[1],
        packet=tuple(found[8:13]),
        call=(found[2], *found[13:]),
    )
