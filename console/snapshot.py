"""What the desk shows at one instant, read from the database. Never keeps anything; says nothing in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.speaking import load_answer
from dialer.store import agents, packets, turns
from dialer.store.models import Agent, Attempt


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened in the call, `seconds` after its first turn, and what was said in answer."""

    seconds: int
    event: str
    keys: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """The present caller. `body` is the packet; level and moments are those of now, which are never older.

    `stands`: reserved, connected, ended. `waited`: seconds until a voice was heard, None while still waiting.
    """

    packet_id: int
    shown: bool
    stands: str
    asked_at: datetime
    waited: int | None
    level: str
    body: dict[str, Any]
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """One agent's desk."""

    name: str
    status: str
    since: datetime
    until: datetime | None
    pause_reason: str | None
    leg_token: str
    version: int
    waiting: int
    oldest: datetime | None
    card: Card | None
    now: datetime

    @property
    def ages(self) -> dict[str, float]:
        """Seconds that run while nothing else changes: in this state, in the queue; downward: of wrap-up left."""
        starts = {"state": self.since, "oldest": self.oldest}
        if self.card is not None and self.card.waited is None:
            starts["waited"] = self.card.asked_at
        ages = {name: _seconds(start, self.now) for name, start in starts.items() if start is not None}
        return ages | ({"left": _seconds(self.now, self.until)} if self.until is not None else {})


async def look(session: AsyncSession, op: Operation, tenant_id: int, name: str) -> Desk:
    """The desk of the agent of that name; raises NotFound."""
    agent = await agents.by_name(session, tenant_id, name)
    queue = await agents.waiting(session, tenant_id)
    return Desk(
        name=agent.name,
        status=agent.status,
        since=agent.since,
        until=agent.until if agent.status == "wrapup" else None,
        pause_reason=agent.pause_reason,
        leg_token=agent.leg_token,
        version=agent.version,
        waiting=len(queue),
        oldest=queue[0].asked_at if queue else None,
        card=await _card(session, op, agent),
        now=op.clock.now(),
    )


async def _card(session: AsyncSession, op: Operation, agent: Agent) -> Card | None:
    found = await packets.present(session, agent)
    if found is None:
        return None
    packet, reservation = found
    level = await session.scalar(select(Attempt.level).where(Attempt.id == packet.attempt_id))
    heard_at = reservation.connected_at or reservation.ended_at
    return Card(
        packet_id=packet.id,
        shown=packet.shown_at is not None,
        stands=reservation.status,
        asked_at=reservation.asked_at,
        waited=int(_seconds(reservation.asked_at, heard_at)) if heard_at else None,
        level=level or "none",
        body=orjson.loads(op.database.keyring.unseal(packet.body)),
        moments=await _moments(session, op, packet.attempt_id),
    )


async def _moments(session: AsyncSession, op: Operation, attempt_id: int) -> tuple[Moment, ...]:
    """The call so far, the turns that came after the packet included."""
    kept = await turns.of_attempt(session, attempt_id)
    moments = [
        Moment(
            seconds=int(_seconds(kept[0].at, turn.at)),
            event=str(turn.event.get("type", "")),
            keys=str(turn.event.get("digits", "")),
            words=load_answer(op.database.keyring.unseal(turn.answer)).words,
        )
        for turn in kept
    ]
    return tuple(one for one in moments if one.words or one.event != "StillWaiting")


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())
