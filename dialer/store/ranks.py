"""The queue's contents: who is in a campaign, and the rank of each, both in one statement for the whole campaign.

Lower ranks are called sooner. The signs of an ordering are places among the campaign's own people, so that no scale
of amounts or days has to be chosen; ties keep the order of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    Subquery,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.ranking import Weights
from dialer.store.models import Attempt, Campaign, Contact, Debt, ListMember, Promise
from dialer.store.people import OPEN_DEBT

HOUR_MS = 3_600_000
SCALE = 1_000_000  # of the weighted sum
Rank = dict[str, int]  # of a contact: its "id" and its "rank"
STEP = 1_000_000_000  # room for the list's order below one unit of the sum


async def fill(session: AsyncSession, campaign: Campaign, *, at: datetime, only: str = "all") -> int:
    """One contact for each person of the list (or only for those who broke a promise) who has none; how many."""
    members = select(
        literal(campaign.tenant_id),
        literal(campaign.id),
        ListMember.person_id,
        literal("waiting"),
        literal(at, type_=Contact.due_at.type),
        ListMember.id,
        literal(0),
    ).where(
        ListMember.list_id == campaign.list_id,
        ListMember.person_id.not_in(select(Contact.person_id).where(Contact.campaign_id == campaign.id)),
    )
    if only == "broken_promise":
        members = members.where(ListMember.person_id.in_(_broken()))
    columns = ["tenant_id", "campaign_id", "person_id", "status", "due_at", "rank", "tries"]
    await session.execute(insert(Contact).from_select(columns, members.order_by(ListMember.id)))
    found = await session.scalar(select(func.count()).where(Contact.campaign_id == campaign.id))
    return int(found or 0)


async def rank(session: AsyncSession, campaign: Campaign, weights: Weights, *, at: datetime) -> int:
    """Rank the contacts that wait of a campaign that nobody dials now, as of this hour; how many changed."""
    ranked = _ranked(campaign, weights, at).subquery()
    changed = await session.execute(
        update(Contact)
        .where(Contact.id == ranked.c.contact_id, Contact.rank != ranked.c.rank)
        .values(rank=ranked.c.rank)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(changed, "rowcount", 0))


async def changes(session: AsyncSession, campaign: Campaign, weights: Weights, *, at: datetime) -> list[Rank]:
    """The contacts that wait and whose rank is another at this hour, to be put down in steps."""
    ranked = _ranked(campaign, weights, at).subquery()
    found = await session.execute(
        select(Contact.id, ranked.c.rank)
        .join(ranked, ranked.c.contact_id == Contact.id)
        .where(Contact.rank != ranked.c.rank)
        .order_by(Contact.id)
    )
    return [{"id": contact, "rank": to} for contact, to in found.all()]


async def put_down(session: AsyncSession, step: Sequence[Rank]) -> None:
    """New ranks of some contacts. Those that somebody else writes at this moment keep theirs: nobody waits for it."""
    ids = [one["id"] for one in step]
    at_rest = set(
        await session.scalars(
            select(Contact.id)
            .where(Contact.id.in_(ids), Contact.status == "waiting")
            .with_for_update(skip_locked=True)
        )
    )
    if now := [one for one in step if one["id"] in at_rest]:
        await session.execute(update(Contact), now)


def _ranked(campaign: Campaign, weights: Weights, at: datetime) -> Select[int, int]:
    """The contacts that wait, and their ranks by these weights as of this hour."""
    signs = _signs(campaign, at)
    points = (
        weights.age * signs.c.age
        + weights.amount * signs.c.amount
        + weights.broken_promise * signs.c.broken
        + weights.best_hour * signs.c.answered
    )
    # rounded first: the last bits of a sum of shares differ between databases
    wanted = (cast(func.round((100 - points) * SCALE), BigInteger) * STEP + signs.c.place).label("rank")
    return select(signs.c.contact_id, wanted)


def _signs(campaign: Campaign, at: datetime) -> Subquery:
    """One row for each waiting contact: the signs from 0 to 1, and the place on the list."""
    owed = _owed(campaign)
    answered = _answered(campaign, at)
    nothing = literal(0.0, Float)
    return (
        select(
            Contact.id.label("contact_id"),
            func.coalesce(ListMember.id, Contact.id).label("place"),
            _place(owed.c.oldest.desc()).label("age"),
            _place(owed.c.total, owed.c.currency).label("amount"),
            _one_if(Contact.person_id.in_(_broken())).label("broken"),
            func.coalesce(answered.c.share, nothing).label("answered"),
        )
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .outerjoin(ListMember, (ListMember.list_id == Campaign.list_id) & (ListMember.person_id == Contact.person_id))
        .outerjoin(owed, owed.c.person_id == Contact.person_id)
        .outerjoin(answered, answered.c.person_id == Contact.person_id)
        .where(Contact.campaign_id == campaign.id, Contact.status == "waiting")
        .subquery()
    )


def _place(order: ColumnElement[Any], partition: ColumnElement[Any] | None = None) -> ColumnElement[float]:
    """0 for the first of the campaign in this order, 1 for the last; equals share a place."""
    return cast(func.percent_rank().over(order_by=order.nulls_last(), partition_by=partition), Float)


def _owed(campaign: Campaign) -> Subquery:
    """The oldest due date and the sum owed of each person; several currencies are not added: the first one counts."""
    mine = select(Contact.person_id).where(Contact.campaign_id == campaign.id)
    return (
        select(
            Debt.person_id,
            func.min(Debt.due_on).label("oldest"),
            func.sum(Debt.amount_minor).label("total"),
            func.min(Debt.currency).label("currency"),
        )
        .where(Debt.person_id.in_(mine), Debt.status.in_(OPEN_DEBT))
        .group_by(Debt.person_id)
        .subquery()
    )


def _answered(campaign: Campaign, at: datetime) -> Subquery:
    """Of each person's calls at this hour of the day, over all campaigns, the share that a human answered."""
    mine = select(Contact.person_id).where(Contact.campaign_id == campaign.id)
    hour = cast(Attempt.intent_at, BigInteger) // HOUR_MS % 24
    human = (Attempt.answered_by == "human") | Attempt.key_pressed
    return (
        select(Attempt.person_id, func.avg(_one_if(human)).label("share"))
        .where(Attempt.person_id.in_(mine), Attempt.status == "ended", hour == at.hour)
        .group_by(Attempt.person_id)
        .subquery()
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[float]:
    return case((condition, literal(1.0, Float)), else_=literal(0.0, Float))


def _broken() -> Select[int]:
    return select(Promise.person_id).where(Promise.status == "broken")
