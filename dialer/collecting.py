"""Acts of collection that a call brings about: promises, holds, wrong numbers, call-backs, messages.

They run in the transaction of the turn, so that nothing is confirmed to the person that was not committed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import barring, suppressing
from dialer.callers import zone_of
from dialer.debts import charging, holding, promising
from dialer.heeding import designating
from dialer.intending import BY_HAND
from dialer.operation import Operation
from dialer.recognising import ANONYMOUS
from dialer.rules.follow_up import task_due_at
from dialer.store import debts, interactions, tasks
from dialer.store.designations import Inconvenient
from dialer.store.models import Attempt, Number, Person
from dialer.store.places import place_of
from dialer.texts import messaging
from ivr_flows.turn import (
    CallbackAsked,
    Designated,
    Disposed,
    Effect,
    HoldAsked,
    LevelReached,
    MessageAsked,
    NotThisPerson,
    OptedOut,
    PaidByCard,
    Promised,
    Recorded,
    VoicemailLeft,
)

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
            said = attempt.flow_disposition and await _said_by_agent(session, attempt)  # who has heard it
            return {} if said else {"flow_disposition": disposition}
        case Promised():
            await promising.keep(session, op, attempt, person, effect)
        case OptedOut():
            await barring.opted_out_in_call(session, op, attempt, person, effect, at=now)
        case Designated():
            named = Inconvenient(effect.days, effect.from_minute, effect.to_minute)
            await designating.put_down(
                session, person, named, origin="keypad", actor="debtor", at=now, attempt_id=attempt.id
            )
        case NotThisPerson(kind="wrong_number"):
            number = await session.get_one(Number, attempt.number_id)
            await suppressing.break_link(session, person, number, at=now, attempt_id=attempt.id)
        case NotThisPerson():
            await suppressing.end(session, person, "deceased", at=now, attempt_id=attempt.id)
            await _hand_over(session, attempt, person, now)
        case CallbackAsked():
            at = await _when(session, attempt, effect, now)
            await _call_back(session, attempt, effect, at, now)
            return {"callback_at": at}
        case HoldAsked():
            await holding.hold(session, op, attempt, person, effect)
        case MessageAsked():
            await messaging.plan(session, op, attempt, effect, at=now)
        case Recorded(reference=reference, seconds=seconds):
            await _note(session, attempt, now, "message_recorded", {"reference": reference, "seconds": seconds})
        case PaidByCard():
            await charging.keep(session, op, attempt, effect)
        case VoicemailLeft():
            await _note(session, attempt, now, "voicemail_left", {})
        case _:
            assert_never(effect)
    return {}


async def _said_by_agent(session: AsyncSession, attempt: Attempt) -> bool:
    return attempt.mode == BY_HAND or await interactions.happened(session, attempt.id, "agent_outcome")


async def _when(session: AsyncSession, attempt: Attempt, asked: CallbackAsked, now: datetime) -> datetime:
    """The instant of a call-back. A time of day is meant to the minute, however long the call has taken by now."""
    due = now + (SOON if asked.minutes is None else timedelta(minutes=asked.minutes))
    if asked.at is None:
        return due
    number = await session.get_one(Number, attempt.number_id)
    there = due.astimezone(zone_of(number))
    return there.replace(hour=asked.at.hour, minute=asked.at.minute, second=0, microsecond=0).astimezone(UTC)


async def _call_back(
    session: AsyncSession, attempt: Attempt, asked: CallbackAsked, at: datetime, now: datetime
) -> None:
    """Who was promised a person is called by one, not by us; so is who has called us, if they show a number."""
    if (asked.by_agent or attempt.direction == "in") and attempt.to_number != ANONYMOUS:
        await tasks.add(
            session, tenant_id=attempt.tenant_id, person_id=attempt.person_id, kind="call_back", due_at=at, now=now,
            attempt_id=attempt.id,
        )  # fmt: skip


async def _hand_over(session: AsyncSession, attempt: Attempt, person: Person, now: datetime) -> None:
    """We have said that a person of the team takes care of it from here."""
    number = await session.get_one(Number, attempt.number_id)
    await tasks.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=person.id,
        kind="attend_deceased",
        due_at=task_due_at("attend_deceased", now, place_of(number.country, person.region, number.e164)),
        now=now,
        debts=await debts.meant_in_call(session, attempt, ()),
        attempt_id=attempt.id,
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
