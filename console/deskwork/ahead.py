"""The whole card of somebody who is not on the line: who they are, what is owed, promised, noted, what calls came to.

Reads; keeps nothing. Nothing of creditors outside the scope is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork.matter import SHOWN_CALLS, SHOWN_NOTES, Owed, Past, Promised, Written
from dialer.attending import drafting
from dialer.operation import Operation
from dialer.store.debts import UNSETTLED
from dialer.store.models import Agent, Attempt, Creditor, Debt, Person, Promise, Reservation

Scope = tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A person before a call; histories newest first."""

    person: Person
    debts: tuple[Owed, ...]
    promises: tuple[Promised, ...]
    calls: tuple[Past, ...]
    notes: tuple[Written, ...]


async def ahead(session: AsyncSession, op: Operation, person: Person, scope: Scope) -> Ahead:
    """All that the desk shows of a person, for who may see these creditors (None: all)."""
    notes = await drafting.notes_of(session, op, person.id, SHOWN_NOTES)
    return Ahead(
        person=person,
        debts=await _debts(session, person.id, scope),
        promises=await _promises(session, person.id),
        calls=await _calls(session, person.id),
        notes=tuple(Written(row.created_at, row.author, text) for row, text in notes),
    )


async def _debts(session: AsyncSession, person_id: int, scope: Scope) -> tuple[Owed, ...]:
    wanted = select(Debt, Creditor).join(Creditor, Creditor.id == Debt.creditor_id)
    wanted = wanted.where(Debt.person_id == person_id, Debt.status.in_(UNSETTLED)).order_by(Debt.due_on, Debt.id)
    if scope is not None:
        wanted = wanted.where(Creditor.key.in_(scope))
    return tuple(
        Owed(
            to.name, one.contract, one.amount_minor, one.currency, one.due_on.isoformat(), one.status, one.kind or ""
        )
        for one, to in (await session.execute(wanted)).all()
    )


async def _promises(session: AsyncSession, person_id: int) -> tuple[Promised, ...]:
    rows = await session.scalars(
        select(Promise).where(Promise.person_id == person_id).order_by(Promise.id.desc()).limit(SHOWN_CALLS)
    )
    return tuple(
        Promised(one.amount_minor, one.currency, one.due_on.isoformat(), one.status, len(one.schedule))
        for one in rows
    )


async def _calls(session: AsyncSession, person_id: int) -> tuple[Past, ...]:
    rows = await session.execute(
        select(Attempt.intent_at, Attempt.disposition, Attempt.direction, func.max(Agent.name).label("agent"))
        .outerjoin(Reservation, (Reservation.attempt_id == Attempt.id) & Reservation.connected_at.is_not(None))
        .outerjoin(Agent, Agent.id == Reservation.agent_id)
        .where(Attempt.person_id == person_id, Attempt.disposition.is_not(None))
        .group_by(Attempt.id, Attempt.intent_at, Attempt.disposition, Attempt.direction)
        .order_by(Attempt.id.desc())
        .limit(SHOWN_CALLS)
    )
    return tuple(Past(row.intent_at, row.disposition, row.direction, row.agent or "") for row in rows)
