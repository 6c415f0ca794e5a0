"""Keeps the keypad check from being guessed: its keys are few, and whoever calls us may show any number.

Wrong entries are counted over all calls of a person. After too many no call asks for the check: an agent does.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store import turns
from dialer.store.models import Attempt, Person
from ivr_flows.turn import Value

# House rules: wrong entries of one person within a time; two whole calls' on a day.
MOST = ((timedelta(days=1), 6), (timedelta(days=30), 15))


async def too_many(session: AsyncSession, op: Operation, attempt: Attempt) -> bool:
    """Whether nothing more may be keyed in for the person of this call now."""
    now = op.clock.now()
    entries = await turns.wrong_entries(session, attempt.person_id, since=now - max(within for within, _ in MOST))
    return any(sum(at > now - within for at in entries) >= most for within, most in MOST)


async def refused(session: AsyncSession, op: Operation, attempt: Attempt) -> bool:
    """The same for what has just been keyed in: of several calls at once each waits for the other's entry."""
    await session.execute(select(Person.id).where(Person.id == attempt.person_id).with_for_update(key_share=True))
    return await too_many(session, op, attempt)


async def told(session: AsyncSession, op: Operation, attempt: Attempt) -> dict[str, Value]:
    """What the flow is told of the check: that there is none, after too many wrong entries."""
    return {"check_kind": None, "check_value": None} if await too_many(session, op, attempt) else {}
