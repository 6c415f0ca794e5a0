"""Whether an agent's desk looks another way than before, in one question. Reads only."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.store.models import Agent, Attempt, Draft, Interaction, Model, Packet, Person, Reservation, Supervision
from dialer.store.supervisions import OPEN as OPEN_ONES


@dataclass(frozen=True, slots=True)
class Mark:
    """What is another as soon as anything of a desk but its own tasks and sums is; equal marks show equal desks.

    `call` alone is another as soon as what stands about the present call and its person is.
    """

    agent: tuple[Hashable, ...]
    watched: tuple[Hashable, ...]
    waiting: int
    oldest: datetime | None
    packet: tuple[Hashable, ...]
    call: tuple[Hashable, ...]
    drafts: int = 0


def _marks() -> Select[Any]:
    """The question. It is put together once: it is asked by every open desk every two seconds."""
    waiting = and_(Reservation.tenant_id == Agent.tenant_id, Reservation.status == "waiting")
    listening = and_(OPEN_ONES, Supervision.agent_id == Agent.id)
    mine = and_(Draft.attempt_id == Attempt.id, Draft.agent_id == Agent.id)
    latest = _of(func.max(Packet.id), Packet.agent_id == Agent.id, Agent)
    return (
        select(
            _of(func.count(Reservation.id), waiting, Agent), _of(func.min(Reservation.asked_at), waiting, Agent),
            Agent.id, Agent.version, Agent.status, Agent.since, Agent.pause_reason, Agent.leg_token,
            Agent.break_at,
            _of(func.sum(Supervision.id), listening, Agent), _of(func.sum(Supervision.version), listening, Agent),
            Packet.id, Packet.shown_at, Reservation.agent_id, Reservation.status, Reservation.connected_at,
            Attempt.id, Attempt.version, Attempt.turn, Attempt.level, Person.version,
            _of(func.max(Interaction.id), Interaction.person_id == Person.id, Person),
            _of(func.count(Draft.id), mine, Attempt, Agent), _of(func.max(Draft.saved_at), mine, Attempt, Agent),
            _of(func.max(Draft.id), mine, Attempt, Agent),
        )
        .select_from(Agent)
        .outerjoin(Packet, Packet.id == latest)
        .outerjoin(Reservation, Reservation.id == Packet.reservation_id)
        .outerjoin(Attempt, Attempt.id == Packet.attempt_id)
        .outerjoin(Person, Person.id == Attempt.person_id)
        .where(Agent.tenant_id == bindparam("tenant"), Agent.name == bindparam("agent"))
    )  # fmt: skip


def _of(what: Any, where: ColumnElement[bool], *around: type[Model]) -> Any:
    return select(what).where(where).correlate(*around).scalar_subquery()


_MARKS = _marks()


async def mark(session: AsyncSession, tenant_id: int, name: str) -> Mark:
    """The mark of the desk of the agent of that name, in one question; NotFound."""
    found = (await session.execute(_MARKS, {"tenant": tenant_id, "agent": name})).first()
    if found is None:
        raise NotFound(f'There is no agent "{name}". Add one: toque agent add "{name}" --via tel:+…')
    return Mark(
        waiting=int(found[0]),
        oldest=found[1],
        agent=tuple(found[2:9]),
        watched=tuple(found[9:11]),
        packet=tuple(found[11:16]),
        call=(found[2], *found[16:]),
        drafts=int(found[-3]),
    )
