"""Acts of collection that a call brings about: promises, holds, wrong numbers, call-backs, messages.

They run in the transaction of the turn, so that nothing is confirmed to the person that was not committed.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, assert_never

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, messaging, suppressing
from dialer.operation import Operation
from dialer.recognising import ANONYMOUS
from dialer.store import interactions, tasks
from dialer.store.models import Attempt, Debt, Number, Person, Promise
from ivr_flows.turn import (
    CallbackAsked,
    Disposed,
    Effect,
    HoldAsked,
    LevelReached,
    MessageAsked,
    NotThisPerson,
    OptedOut,
    Promised,
    Recorded,
    VoicemailLeft,
)

PROMISE_GRACE = timedelta(days=1)  # a transfer made on the last evening arrives the next day
SOON = timedelta(minutes=2)  # "as soon as an agent is free"


async def commit_effects(
    session: AsyncSession, op: Operation, attempt: Attempt, effects: tuple[Effect, ...]
) -> dict[str, Any]:
    """Do what the flow asks for; returns the columns of the attempt that follow from it."""
    columns: dict[str, Any] = {}
    person = await session.get_one(Person, attempt.person_id, populate_existing=True) if effects else None
    for effect in effects:
        assert person is not None
        columns |= await _commit(session, op, attempt, person, effect)
    return columns


async def _commit(
    session: AsyncSession, op: Operation, attempt: Attempt, person: Person, effect: Effect
) -> dict[str, Any]:
    now = op.clock.now()
    match effect:
        case LevelReached(level=level):
            return {"level": level}
        case Disposed(disposition=disposition):
            return {"flow_disposition": disposition}
        case Promised():
            await _promise(session, attempt, person, effect, now)
        case OptedOut():
            await barring.opted_out_in_call(session, attempt, person, effect, at=now)
        case NotThisPerson(kind="wrong_number"):
            number = await session.get_one(Number, attempt.number_id)
            await suppressing.break_link(session, person, number, at=now, attempt_id=attempt.id)
        case NotThisPerson():
            await suppressing.deceased(session, person, at=now, attempt_id=attempt.id)
        case CallbackAsked(minutes=minutes):
            at = now + (SOON if minutes is None else timedelta(minutes=minutes))
            await _call_back(session, attempt, at, now)
            return {"callback_at": at}
        case HoldAsked():
            await _hold(session, attempt, person, effect, now)
        case MessageAsked():
            await messaging.plan(session, op, attempt, effect, at=now)
        case Recorded(reference=reference, seconds=seconds):
            await _note(session, attempt, now, "message_recorded", {"reference": reference, "seconds": seconds})
        case VoicemailLeft():
            await _note(session, attempt, now, "voicemail_left", {})
        case _:
            assert_never(effect)
    return {}


async def _call_back(session: AsyncSession, attempt: Attempt, at: datetime, now: datetime) -> None:
    """No campaign dials who has called us: a person of the team calls them back, if they show a number."""
    if attempt.direction == "in" and attempt.to_number != ANONYMOUS:
        await tasks.add(
            session, tenant_id=attempt.tenant_id, person_id=attempt.person_id, kind="call_back", due_at=at, now=now,
            attempt_id=attempt.id,
        )  # fmt: skip


async def _promise(session: AsyncSession, attempt: Attempt, person: Person, made: Promised, now: datetime) -> None:
    """Keep the promise (the last one said in a call stands) and let the calls rest until it is due."""
    values = {"amount_minor": made.amount.minor, "currency": made.amount.currency, "due_on": made.on}
    known = await session.scalar(select(Promise.id).where(Promise.attempt_id == attempt.id))
    if known is None:
        session.add(
            Promise(
                tenant_id=person.tenant_id,
                person_id=person.id,
                attempt_id=attempt.id,
                status="open",
                created_at=now,
                **values,
            )
        )
    else:
        await session.execute(update(Promise).where(Promise.id == known).values(**values))
    await _set_debts(session, person, "promised")
    until = datetime.combine(made.on, time(23, 59), tzinfo=UTC) + PROMISE_GRACE
    await suppressing.suppress(session, person, "promise", at=now, until=until, attempt_id=attempt.id)
    await _note(session, attempt, now, "promised", {**values, "due_on": made.on.isoformat()})


async def _hold(session: AsyncSession, attempt: Attempt, person: Person, asked: HoldAsked, now: datetime) -> None:
    """Collection rests until people have looked."""
    await _set_debts(session, person, "held")
    await suppressing.suppress(session, person, asked.kind, at=now, attempt_id=attempt.id)
    paid_on = asked.on.isoformat() if asked.on else None
    await _note(session, attempt, now, asked.kind, {"reason": asked.reason, "on": paid_on})


async def _set_debts(session: AsyncSession, person: Person, status: str) -> None:
    await session.execute(
        update(Debt)
        .where(Debt.person_id == person.id, Debt.status.in_(("open", "promised")))
        .values(status=status)
        .execution_options(synchronize_session=False)
    )


async def _note(session: AsyncSession, attempt: Attempt, at: datetime, kind: str, detail: dict[str, Any]) -> None:
    await interactions.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=attempt.person_id,
        attempt_id=attempt.id,
        at=at,
        kind=kind,
        actor="debtor",
        detail=detail,
    )
