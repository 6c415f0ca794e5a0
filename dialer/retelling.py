"""Tells what happened with a person as a conversation: calls with their words, texts, promises, decisions, notes.

Reads only. What concerns a creditor whom the reader does not serve is left out; keys of an identity check are dots.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.explaining import links_of
from dialer.operation import Operation
from dialer.record.gathering import opened
from dialer.rules import masking
from dialer.speaking import load_answer
from dialer.store import lookup
from dialer.store.lookup import Creditors
from dialer.store.models import (
    Agent,
    Attempt,
    CallTurn,
    Campaign,
    Interaction,
    Message,
    Payment,
    Person,
    Promise,
    Recording,
    Reservation,
    Task,
)

MOST_LINES = 400  # rows of the record that are read, the latest
# Told with the call, the text or the promise that they are about.
TOLD_ELSEWHERE = frozenset(
    {
        "call_allowed",
        "call_ended",
        "message_allowed",
        "promised",
        "agent_reserved",
        "text_received",
        "recording_stored",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One turn of a call: when, what was heard (an event's type and what came with it), and what was answered."""

    at: datetime
    heard: Mapping[str, Any]
    words: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call with all that was said. `number` is masked; `tape` is None when nothing was recorded.

    `allowed` is the gate's word with which it was made.
    """

    at: datetime
    row: Attempt
    campaign: str
    number: str
    agent: str | None
    turns: tuple[Said, ...]
    tape: Recording | None
    allowed: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Text:
    """A text message with its words; `number` is masked."""

    at: datetime
    row: Message
    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the record. Of a decision its rule, reason, citation and where that can be read."""

    at: datetime
    kind: str
    actor: str
    detail: Mapping[str, Any]
    link: str | None


@dataclass(frozen=True, slots=True)
class Deed:
    """A promise, a payment or a task. The row says the rest."""

    at: datetime
    row: Promise | Payment | Task


Moment = Call | Text | Line | Deed


@dataclass(frozen=True, slots=True)
class _Shown:
    """What may be told to this reader: by ids of calls and debts, and names of campaigns."""

    creditors: Creditors
    whole: bool
    calls: Mapping[int, Attempt]
    debts: Collection[int]
    campaigns: Mapping[int, Campaign]
    names: Collection[str] = field(default_factory=frozenset)

    def call(self, attempt_id: int | None) -> bool:
        return attempt_id is None or attempt_id in self.calls

    def message(self, row: Message) -> bool:
        if row.campaign_id is None and row.attempt_id is None:
            return self.whole
        return self.call(row.attempt_id) and (row.campaign_id is None or row.campaign_id in self.campaigns)

    def promise(self, row: Promise) -> bool:
        return row.attempt_id in self.calls and (self.creditors is None or set(row.debts) <= set(self.debts))

    def task(self, row: Task) -> bool:
        if row.attempt_id is None and row.debt_id is None:
            return self.whole
        return self.call(row.attempt_id) and (row.debt_id is None or row.debt_id in self.debts)

    def line(self, row: Interaction) -> bool:
        if self.creditors is None:
            return True
        whose = {row.detail.get("creditor"), row.detail.get("given_to")} - {None}
        campaign = row.detail.get("campaign")
        return self.call(row.attempt_id) and whose <= set(self.creditors) and campaign in (None, *self.names)


async def story(session: AsyncSession, op: Operation, person: Person, creditors: Creditors) -> list[Moment]:
    """Everything that happened with a person and may be told, the latest first."""
    shown = await _shown(session, person, creditors)
    lines = await _lines(session, person, shown)
    allowed = {row.attempt_id: row.detail for row in lines if row.kind == "call_allowed" and row.attempt_id}
    links = links_of(op.packs)
    moments: list[Moment] = [
        *await _calls(session, op, shown, allowed),
        *await _texts(session, op, person, shown),
        *await _deeds(session, person, shown),
        *(_line(row, links) for row in lines if row.kind not in TOLD_ELSEWHERE),
    ]
    return sorted(moments, key=lambda one: one.at, reverse=True)


async def _shown(session: AsyncSession, person: Person, creditors: Creditors) -> _Shown:
    campaigns = await lookup.campaigns(session, person.tenant_id, creditors)
    return _Shown(
        creditors=creditors,
        whole=await lookup.whole(session, person, creditors),
        calls={one.id: one for one in await lookup.calls(session, person, creditors)},
        debts={debt.id for debt, _ in await lookup.debts(session, person, creditors)},
        campaigns=campaigns,
        names=frozenset(one.name for one in campaigns.values()),
    )


async def _lines(session: AsyncSession, person: Person, shown: _Shown) -> list[Interaction]:
    rows = await session.scalars(
        select(Interaction)
        .where(Interaction.person_id == person.id)
        .order_by(Interaction.id.desc())
        .limit(MOST_LINES)
    )
    return [row for row in rows if shown.line(row)]


def _line(row: Interaction, links: Mapping[tuple[str, str], str]) -> Line:
    link = links.get((str(row.detail.get("rule")), str(row.detail.get("citation"))))
    return Line(row.at, row.kind, row.actor, masking.last_resort(row.detail), link)


async def _calls(
    session: AsyncSession, op: Operation, shown: _Shown, allowed: Mapping[int, Mapping[str, Any]]
) -> list[Call]:
    ids = list(shown.calls)
    turns = await _turns(session, op, ids)
    tapes = {
        one.attempt_id: one for one in await session.scalars(select(Recording).where(Recording.attempt_id.in_(ids)))
    }
    met = await session.execute(
        select(Reservation.attempt_id, Agent.name)
        .join(Agent, Agent.id == Reservation.agent_id)
        .where(Reservation.attempt_id.in_(ids), Reservation.connected_at.is_not(None))
        .order_by(Reservation.id)
    )
    agents = {attempt: name for attempt, name in met}
    return [
        Call(
            at=one.intent_at,
            row=one,
            campaign=shown.campaigns[one.campaign_id].name,
            number=masking.number(one.to_number),
            agent=agents.get(one.id),
            turns=tuple(turns.get(one.id, ())),
            tape=tapes.get(one.id),
            allowed=allowed.get(one.id),
        )
        for one in shown.calls.values()
    ]


async def _turns(session: AsyncSession, op: Operation, ids: Sequence[int]) -> dict[int, list[Said]]:
    rows = await session.scalars(
        select(CallTurn).where(CallTurn.attempt_id.in_(ids)).order_by(CallTurn.attempt_id, CallTurn.n)
    )
    found: dict[int, list[Said]] = {}
    for row in rows:
        words = load_answer(op.database.keyring.unseal(row.answer)).words
        found.setdefault(row.attempt_id, []).append(Said(row.at, row.event, words, tuple(map(str, row.path))))
    return found


async def _texts(session: AsyncSession, op: Operation, person: Person, shown: _Shown) -> Iterable[Text]:
    rows = await session.scalars(select(Message).where(Message.person_id == person.id).order_by(Message.id))
    keyring = op.database.keyring
    return [
        Text(row.created_at, row, masking.number(row.to_number), opened(keyring, row.body) or "")
        for row in rows
        if shown.message(row)
    ]


async def _deeds(session: AsyncSession, person: Person, shown: _Shown) -> Iterable[Deed]:
    promises = (await session.scalars(select(Promise).where(Promise.person_id == person.id))).all()
    tasks = (await session.scalars(select(Task).where(Task.person_id == person.id))).all()
    paid = await lookup.payments(session, person, shown.creditors)

    def told() -> Iterator[Deed]:
        yield from (Deed(row.created_at, row) for row in promises if shown.promise(row))
        yield from (Deed(row.created_at, row) for row in tasks if shown.task(row))
        yield from (Deed(row.created_at, row) for row in paid)

    return list(told())
