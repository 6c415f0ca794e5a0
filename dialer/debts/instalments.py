"""Act on a promise that is a plan: when its instalment has come, the next one is what is promised.

Runs in the transaction that credits the money. After its last instalment a plan is a promise kept
like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.follow_up import promise_lapses_at
from dialer.rules.settlement import SETTLED, DebtStatus
from dialer.store import interactions, promises
from dialer.store.models import Promise, Suppression
from dialer.store.places import place_of


async def moved_on(
    session: AsyncSession, promise: Promise, standing: Mapping[int, DebtStatus], *, at: datetime, actor: str
) -> bool:
    """Whether a further instalment is due now, for debts that still stand; calls rest until its day and grace."""
    later = [one for one in promise.schedule if int(one["minor"]) > promise.paid_minor]
    if not later or all(status in SETTLED for status in standing.values()):
        return False
    due_on, kept = date.fromisoformat(later[0]["due_on"]), promise.due_on
    moved = await session.execute(
        update(Promise)
        .where(Promise.id == promise.id, Promise.status == "open", Promise.due_on == promise.due_on)
        .values(due_on=due_on, amount_minor=int(later[0]["minor"]), schedule=later[1:], reminded_at=None)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    )
    if moved.first() is None:
        return True  # somebody else has moved it on
    (given,) = await promises.given(session, [promise.id])
    lapses_at = promise_lapses_at(due_on, place_of(given.country, given.region, given.number))
    await session.execute(
        update(Suppression)
        .where(Suppression.kind == "promise", Suppression.attempt_id == promise.attempt_id)
        .values(until=lapses_at)
        .execution_options(synchronize_session=False)
    )
    await interactions.add(
        session, tenant_id=promise.tenant_id, person_id=promise.person_id, attempt_id=promise.attempt_id, at=at,
        kind="instalment_kept", actor=actor,
        detail={"promise": promise.id, "due_on": kept.isoformat(), "next_on": due_on.isoformat()},
    )  # fmt: skip
    return True
