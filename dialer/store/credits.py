"""Money that came in after people were reached: which contact of ours was the last before a payment. Queries only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, Contact, Debt, Message, Payment

SLICE = 500
KNOWN_LEVELS = ("checked", "confirmed")


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment of a person, in minor units."""

    id: int
    person_id: int
    amount: int
    currency: str
    paid_on: date


@dataclass(frozen=True, slots=True)
class Touch:
    """A contact that reached the debtor: a call at a known level, or a delivered text (its script: the template)."""

    person_id: int
    at: datetime
    channel: str
    campaign_id: int | None
    script: str
    from_number: str | None


async def payments(session: AsyncSession, campaign_ids: Sequence[int]) -> AsyncIterator[list[Paid]]:
    """Payments of everybody who is a contact of these campaigns, in slices; every payment once."""
    ours = select(Contact.person_id).where(Contact.campaign_id.in_(campaign_ids))
    last = 0
    while True:
        rows = await session.execute(
            select(Payment.id, Debt.person_id, Payment.amount_minor, Payment.currency, Payment.paid_on)
            .join(Debt, Debt.id == Payment.debt_id)
            .where(Payment.id > last, Debt.person_id.in_(ours))
            .order_by(Payment.id)
            .limit(SLICE)
        )
        found = [Paid(*row) for row in rows.all()]
        if not found:
            return
        last = found[-1].id
        yield found


async def touches(session: AsyncSession, people: Sequence[int]) -> list[Touch]:
    """Everything that reached these people, of all campaigns; a text asked for in a call is part of the call."""
    calls = await session.execute(
        select(Attempt.person_id, Attempt.intent_at, Attempt.campaign_id, Attempt.flow, Attempt.from_number).where(
            Attempt.person_id.in_(people), Attempt.level.in_(KNOWN_LEVELS)
        )
    )
    columns = (Message.person_id, Message.created_at, Message.campaign_id, Message.template, Message.from_number)
    texts = await session.execute(
        select(*columns).where(
            Message.person_id.in_(people),
            Message.direction == "out",
            Message.status == "delivered",
            Message.attempt_id.is_(None),
        )
    )
    found = [Touch(person, at, "call", campaign, flow, caller) for person, at, campaign, flow, caller in calls.all()]
    found += [Touch(person, at, "sms", campaign, kind, caller) for person, at, campaign, kind, caller in texts.all()]
    return found
