"""What the desk shows at one instant, read from the database. Never keeps anything; says nothing in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork import matter, memory
from console.deskwork.gathering import Heard
from console.deskwork.matter import Day, Matter
from console.deskwork.prompter import Prompter
from dialer.operation import Operation
from dialer.speaking import load_answer
from dialer.store import agents, desks, packets, sight, supervisions, turns
from dialer.store.desks import Mark
from dialer.store.models import Agent, CallTurn, Packet, Reservation
from dialer.store.packets import Present


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened in the call, `seconds` after its first turn, and what was said in answer."""

    seconds: int
    event: str
    keys: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """The present caller. `body` is the packet; level, matter and moments are those of now, which are never older.

    `stands`: reserved, connected, ended. `waited`: seconds until a voice was heard, None while still waiting. `lead`:
    seconds that the card stood on the screen before the voice; None while that is not known.
    """

    packet_id: int
    attempt_id: int
    shown: bool
    stands: str
    asked_at: datetime
    waited: int | None
    lead: float | None
    level: str
    body: dict[str, Any]
    moments: tuple[Moment, ...]
    matter: Matter
    prompter: Prompter | None


@dataclass(frozen=True, slots=True)
class Rest:
    """The next break that is booked; in the past: it is due, and comes after the call."""

    at: datetime
    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One agent's desk. `hidden`: somebody is on the line whom the viewer may not see.

    `watched`: a supervisor is in the talk, and how loud (listen, whisper, barge); empty when none is, or is told.
    """

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
    hidden: bool
    day: Day
    now: datetime
    mark: Mark
    scope: tuple[str, ...] | None = None
    watched: str = ""
    rest: Rest | None = None

    @property
    def ages(self) -> dict[str, float]:
        """Seconds that run while nothing else changes: in this state, in the queue; downward: of wrap-up left, and
        until the next break.
        """
        starts = {"state": self.since, "oldest": self.oldest}
        if self.card is not None and self.card.waited is None:
            starts["waited"] = self.card.asked_at
        ages = {name: _seconds(start, self.now) for name, start in starts.items() if start is not None}
        ends = {"left": self.until, "rest": self.rest.at if self.rest else None}
        return ages | {name: _seconds(self.now, end) for name, end in ends.items() if end is not None}


async def look(
    session: AsyncSession, op: Operation, tenant_id: int, name: str, scope: tuple[str, ...] | None = None
) -> Desk:
    """The desk of the agent of that name, for who may see the people of these creditors (None: all); NotFound."""
    mark = await desks.mark(session, tenant_id, name)  # first: what changes meanwhile is another mark
    agent = await agents.by_name(session, tenant_id, name)
    found = await packets.present(session, agent)
    seen = found is not None and await sight.sees(session, found.attempt, scope)
    return Desk(
        name=agent.name,
        status=agent.status,
        since=agent.since,
        until=agent.until if agent.status in ("wrapup", "paused") else None,
        pause_reason=agent.pause_reason,
        leg_token=agent.leg_token,
        version=agent.version,
        waiting=mark.waiting,
        oldest=mark.oldest,
        card=await _card(session, op, agent, found, mark, scope) if found and seen else None,
        hidden=found is not None and not seen,
        day=matter.NO_DAY if found else await matter.day(session, op, agent, scope),
        now=op.clock.now(),
        mark=mark,
        scope=scope,
        watched=await _watched(session, op, found) if found and any(mark.watched) else "",
        rest=Rest(agent.break_at, agent.break_minutes, agent.break_reason or "") if agent.break_at else None,
    )


async def _watched(session: AsyncSession, op: Operation, found: Present) -> str:
    mode = await supervisions.heard_by(session, found.packet.agent_id, found.attempt.id)
    return "" if mode == "listen" and not op.settings.tell_agents_of_listening else mode


async def look_again(
    session: AsyncSession, op: Operation, tenant_id: int, known: Desk, scope: tuple[str, ...] | None
) -> Desk | None:
    """The same desk a little later, found by one question; None when something has changed since, or may have.

    What was seen with another scope is nothing that this one may be shown.
    """
    if known.scope != scope:
        return None
    mark = await desks.mark(session, tenant_id, known.name)
    return replace(known, now=op.clock.now()) if mark == known.mark else None


async def _card(
    session: AsyncSession,
    op: Operation,
    agent: Agent,
    found: Present,
    mark: Mark,
    scope: tuple[str, ...] | None,
) -> Card:
    packet, reservation, attempt = found.packet, found.reservation, found.attempt
    heard_at = reservation.connected_at or reservation.ended_at
    body: dict[str, Any] = orjson.loads(op.database.keyring.unseal(packet.body))
    kept = await turns.of_attempt(session, attempt.id)
    stands, script = await memory.of_call(session, op, agent, Heard(attempt, body, kept, scope), mark)
    return Card(
        packet_id=packet.id,
        attempt_id=attempt.id,
        shown=packet.shown_at is not None,
        stands=reservation.status,
        asked_at=reservation.asked_at,
        waited=int(_seconds(reservation.asked_at, heard_at)) if heard_at else None,
        lead=lead_of(packet, reservation),
        level=attempt.level or "none",
        body=body,
        moments=_moments(op, kept),
        matter=stands,
        prompter=script,
    )


def lead_of(packet: Packet, reservation: Reservation) -> float | None:
    """How many seconds the screen was before the voice (negative: after it); None while one of them is missing."""
    if packet.shown_at is None or reservation.connected_at is None:
        return None
    return (reservation.connected_at - packet.shown_at).total_seconds()


def _moments(op: Operation, kept: Sequence[CallTurn]) -> tuple[Moment, ...]:
    """The call so far, the turns that came after the packet included."""
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
