"""What the matter and the script of a call are both made of, read once. Decides nothing; keeps nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.offers import Limits, limits
from dialer.store.debts import COLLECTABLE
from dialer.store.models import (
    Attempt,
    CallTurn,
    Campaign,
    Contact,
    Creditor,
    Debt,
    Number,
    Person,
    Promise,
    Tenant,
)
from dialer.store.places import place_of


@dataclass(frozen=True, slots=True)
class Heard:
    """A call, its packet (`body`) and its turns so far; `scope`: creditors whose debts may be seen (None: all)."""

    attempt: Attempt
    body: dict[str, Any]
    turns: Sequence[CallTurn]
    scope: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Call:
    """A call and its person. Debts (settled ones too) with their creditors, oldest first; newest promise first."""

    heard: Heard
    person: Person
    number: Number
    campaign: Campaign
    tenant: Tenant
    tries: int
    debts: tuple[tuple[Debt, Creditor], ...]
    promises: tuple[Promise, ...]


async def gather(session: AsyncSession, heard: Heard) -> Call:
    """The call as it stands now."""
    attempt = heard.attempt
    person, number, campaign, tenant, tries = (
        await session.execute(
            select(Person, Number, Campaign, Tenant, Contact.tries)
            .select_from(Person)
            .join(Number, Number.id == attempt.number_id)
            .join(Campaign, Campaign.id == attempt.campaign_id)
            .join(Tenant, Tenant.id == attempt.tenant_id)
            .outerjoin(Contact, Contact.id == attempt.contact_id)
            .where(Person.id == attempt.person_id)
        )
    ).one()
    owed = await session.execute(
        select(Debt, Creditor)
        .join(Creditor, Creditor.id == Debt.creditor_id)
        .where(Debt.person_id == attempt.person_id)
        .order_by(Debt.due_on, Debt.id)
    )
    promised = await session.scalars(
        select(Promise).where(Promise.person_id == attempt.person_id).order_by(Promise.id.desc())
    )
    return Call(
        heard=heard, person=person, number=number, campaign=campaign, tenant=tenant, tries=tries or 0,
        debts=tuple((debt, creditor) for debt, creditor in owed), promises=tuple(promised),
    )  # fmt: skip


def about(call: Call) -> tuple[Debt, ...]:
    """The debts that an agreement of this call is about: as `dialer.attending.agreeing.collectable` has them."""
    chosen = {str(one) for one in call.heard.attempt.debts}
    owed = [one for one, _ in call.debts if one.status in COLLECTABLE and (not chosen or str(one.id) in chosen)]
    return tuple(one for one in owed if (one.creditor_id, one.currency) == (owed[0].creditor_id, owed[0].currency))


def limits_of(op: Operation, call: Call) -> Limits | None:
    """What may be offered in this call; None when nothing of it is open."""
    if not (owed := about(call)):
        return None
    place = place_of(call.number.country, call.person.region, call.number.e164)
    today = place.today(op.clock.now())
    return limits(sum(one.amount_minor for one in owed), owed[0].currency, (today - owed[0].due_on).days, today)
