"""The queue: claiming due contacts, giving them back, and what is left of a campaign."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Update,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.disposition import FOR_GOOD
from dialer.store import bulk
from dialer.store.columns import milliseconds
from dialer.store.models import Campaign, Contact, Debt, Person

OPEN = ("waiting", "claimed", "calling")
_TABLE = Contact.metadata.tables["contact"]


async def claim(
    session: AsyncSession, campaign_id: int, *, limit: int, owner: str, now: datetime, until_real: int
) -> Sequence[int]:
    """Take up to `limit` due contacts for `owner`; two claimers never get the same one. Ids, most urgent first.

    Those whom we promised to call at a time come first. PostgreSQL skips rows that another worker holds; SQLite's
    writers queue (it ignores FOR UPDATE).
    """
    values = {
        "campaign": campaign_id, "now": milliseconds(now), "most": limit, "owner": owner, "until_real": until_real,
    }  # fmt: skip
    connection = await session.connection()
    taken = (await connection.execute(_claiming(bulk.is_sqlite(session)), values)).all()
    return [row.id for row in sorted(taken, key=lambda row: (row.wished_at is None, row.due_at, row.rank))]


@cache
def _claiming(on_sqlite: bool) -> Update:
    """The statement, put together once. Instants stay milliseconds.

    First those who were promised a time, then, in the places that are left, the others. As an array PostgreSQL
    chooses first and then looks those rows up, whatever it believes their number to be; and only a status that is
    part of the text lets it keep a plan with the index of those who wait.
    """
    most = bindparam("most", type_=BigInteger)
    due = (
        select(Contact.id)
        .where(
            Contact.campaign_id == bindparam("campaign"),
            Contact.status == literal_column("'waiting'"),
            type_coerce(Contact.due_at, BigInteger) <= bindparam("now"),
        )
        .order_by(Contact.due_at, Contact.rank)
        .with_for_update(skip_locked=True)
    )
    wished = due.where(Contact.wished_at.is_not(None)).limit(most).cte("wished")
    left = most - select(func.count()).select_from(wished).scalar_subquery()
    others = due.where(Contact.wished_at.is_(None)).limit(left).cte("others")
    chosen = union_all(select(wished.c.id), select(others.c.id))
    one = _TABLE.c
    return (
        update(_TABLE)
        .where(one.id.in_(chosen) if on_sqlite else one.id == any_(func.array(chosen.scalar_subquery())))
        .values(status="claimed", claim_owner=bindparam("owner"), claim_until=bindparam("until_real"))
        .returning(
            one.id, one.rank, *(type_coerce(at, BigInteger).label(at.name) for at in (one.wished_at, one.due_at))
        )
    )


def abandoned(now_real: int) -> ColumnElement[bool]:
    """Claimed by a worker that is gone."""
    return and_(Contact.status == "claimed", Contact.claim_until < now_real)


async def recover(session: AsyncSession, *, now_real: int) -> int:
    """Give back the claims of workers that are gone; how many."""
    freed = await session.execute(
        update(Contact)
        .where(abandoned(now_real))
        .values(status="waiting", claim_owner=None)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    )
    return len(freed.all())


async def release(session: AsyncSession, ids: Sequence[int], *, owner: str) -> None:
    """Give back claims of `owner` that were not used."""
    if ids:
        await session.execute(
            update(Contact)
            .where(Contact.id.in_(ids), Contact.status == "claimed", Contact.claim_owner == owner)
            .values(status="waiting", claim_owner=None)
            .execution_options(synchronize_session=False)
        )


async def change(session: AsyncSession, contact_id: int, **values: Any) -> None:
    """Set columns of one contact."""
    given = {f"to_{name}": value for name, value in values.items()}
    await session.execute(_change(tuple(values)), given | {"contact": contact_id})


@cache
def _change(names: tuple[str, ...]) -> Update:
    given: dict[str, Any] = {name: bindparam(f"to_{name}") for name in names}
    changed = update(Contact).where(Contact.id == bindparam("contact")).values(given)
    return changed.execution_options(synchronize_session=False)


async def put_back(session: AsyncSession, contact_id: int, *, owner: str, **values: Any) -> None:
    """Set columns of a contact that `owner` still holds; one that was ended or recovered meanwhile stays as it is."""
    await session.execute(
        update(Contact)
        .where(Contact.id == contact_id, Contact.status == "claimed", Contact.claim_owner == owner)
        .values(claim_owner=None, **values)
        .execution_options(synchronize_session=False)
    )


async def reopen(session: AsyncSession, contact_id: int, *, due_at: datetime) -> None:
    """Let a contact wait again, unless a stronger word ended it: the person opted out or has died."""
    await session.execute(
        update(Contact)
        .where(Contact.id == contact_id, or_(Contact.outcome.is_(None), Contact.outcome.not_in(FOR_GOOD)))
        .values(status="waiting", due_at=due_at)
        .execution_options(synchronize_session=False)
    )


async def end_for_person(session: AsyncSession, person_id: int, outcome: str) -> None:
    """The person's waiting contacts, in every campaign, are done with this outcome."""
    await session.execute(
        update(Contact)
        .where(Contact.person_id == person_id, Contact.status.in_(("waiting", "claimed")))
        .values(status="done", outcome=outcome)
        .execution_options(synchronize_session=False)
    )


async def end_where_nothing_due(session: AsyncSession, person_ids: Collection[int]) -> None:
    """Contacts of those among these people who owe nothing any more (nor hold anything back) are done, unasked."""
    await session.execute(
        update(Contact)
        .where(
            Contact.person_id.in_(person_ids),
            Contact.status.in_(("waiting", "claimed")),
            ~exists().where(Debt.person_id == Contact.person_id, Debt.status.not_in(("paid", "withdrawn"))),
        )
        .values(status="done", outcome="nothing_due", claim_owner=None)
        .execution_options(synchronize_session=False)
    )


async def wake(
    session: AsyncSession, person_ids: Collection[int], *, outcomes: Sequence[str], because: str, at: datetime
) -> int:
    """Contacts that were done for a reason which is gone are due again, in campaigns that are not over; how many."""
    going = select(Campaign.id).where(Campaign.status.in_(("draft", "checked", "running", "paused")))
    woken = await session.execute(
        update(Contact)
        .where(
            Contact.person_id.in_(person_ids),
            Contact.status == "done",
            Contact.outcome.in_(outcomes),
            Contact.campaign_id.in_(going),
        )
        .values(status="waiting", outcome=because, due_at=at, blocked_rule=None, blocked_reason=None)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    )
    return len(woken.all())


async def counts(session: AsyncSession, campaign_id: int) -> dict[str, int]:
    """How many contacts stand at each status."""
    rows = await session.execute(
        select(Contact.status, func.count()).where(Contact.campaign_id == campaign_id).group_by(Contact.status)
    )
    return {status: int(count) for status, count in rows.all()}


async def next_due(session: AsyncSession, campaign_id: int) -> datetime | None:
    """When the next waiting contact is due."""
    return await session.scalar(
        select(func.min(Contact.due_at)).where(Contact.campaign_id == campaign_id, Contact.status == "waiting")
    )


async def claimed_and_due(session: AsyncSession, campaign_id: int, *, now: datetime, at_most: int) -> tuple[int, int]:
    """How many contacts are claimed and not called yet, and how many are due now, counted up to `at_most`."""
    mine = Contact.campaign_id == campaign_id
    held = select(func.count()).where(mine, Contact.status == "claimed").scalar_subquery()
    some = select(Contact.id).where(mine, Contact.status == "waiting", Contact.due_at <= now).limit(at_most)
    due = select(func.count()).select_from(some.subquery()).scalar_subquery()
    row = (await session.execute(select(held.label("claimed"), due.label("due")))).one()
    return int(row.claimed), int(row.due)


async def unblock(session: AsyncSession, tenant_id: int, rules: Sequence[str], *, at: datetime) -> int:
    """Contacts that one of these rules held back are looked at again at once; how many."""
    woken = await session.execute(
        update(Contact)
        .where(Contact.tenant_id == tenant_id, Contact.status == "waiting", Contact.blocked_rule.in_(rules))
        .values(due_at=at)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(woken, "rowcount", 0))


async def look_again(
    session: AsyncSession, person_id: int, *, at: datetime, outcomes: Sequence[str] = ("denied",)
) -> int:
    """Whom a rule held back may be called for all that is known now: their contacts are due; how many.

    In campaigns that are not over; what ended otherwise than with one of these outcomes stays ended.
    """
    waiting = await session.execute(
        update(Contact)
        .where(Contact.person_id == person_id, Contact.status == "waiting", Contact.blocked_rule.is_not(None))
        .values(due_at=at)
        .execution_options(synchronize_session=False)
    )
    woken = await wake(session, [person_id], outcomes=outcomes, because="unbarred", at=at)
    return woken + int(getattr(waiting, "rowcount", 0))


async def of_caller(
    session: AsyncSession, campaign: Campaign, person_id: int, number_id: int, *, at: datetime
) -> Contact:
    """The contact of somebody who calls us, made at their first call. It is never due: nobody dials it."""
    mine = select(Contact).where(Contact.campaign_id == campaign.id, Contact.person_id == person_id)
    found = await session.scalar(mine)
    if found is None:
        found = Contact(
            tenant_id=campaign.tenant_id, campaign_id=campaign.id, person_id=person_id, number_id=number_id,
            status="done", due_at=at,
        )  # fmt: skip
        session.add(found)
        await session.flush()
    return found


async def of_person(session: AsyncSession, campaign_id: int, person_id: int) -> Contact | None:
    """The person's contact in this campaign, as committed now."""
    return await session.scalar(
        select(Contact)
        .where(Contact.campaign_id == campaign_id, Contact.person_id == person_id)
        .execution_options(populate_existing=True)
    )


async def first_due(session: AsyncSession, campaign_id: int, *, now: datetime) -> int | None:
    """The id of the person whose contact is due first, those whom we promised a time before all others."""
    return await session.scalar(
        select(Contact.person_id)
        .where(Contact.campaign_id == campaign_id, Contact.status == "waiting", Contact.due_at <= now)
        .order_by(Contact.wished_at.is_(None), Contact.due_at, Contact.rank)
        .limit(1)
    )


async def show_next(
    session: AsyncSession,
    campaign_id: int,
    *,
    owner: str,
    languages: Sequence[str],
    now: datetime,
    now_real: int,
    until_real: int,
) -> int | None:
    """The person whose case `owner` looks at next, held for them until then; None when nobody is due.

    Whom they hold already comes first, then those whom we promised a time. `languages`: only people of these, if any.
    """  # fmt: skip
    free = or_(Contact.claim_owner.is_(None), Contact.claim_until <= now_real)
    wanted = (
        select(Contact.id)
        .where(Contact.campaign_id == campaign_id, Contact.status == "waiting", Contact.due_at <= now)
        .where(or_(free, Contact.claim_owner == owner))
        .order_by(Contact.claim_owner.is_distinct_from(owner), Contact.wished_at.is_(None))
        .order_by(Contact.due_at, Contact.rank)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if languages:
        wanted = wanted.where(Contact.person_id.in_(select(Person.id).where(Person.language.in_(languages))))
    taken = await session.execute(
        update(Contact)
        .where(Contact.id.in_(wanted))
        .values(claim_owner=owner, claim_until=until_real)
        .returning(Contact.person_id)
        .execution_options(synchronize_session=False)
    )
    return taken.scalar_one_or_none()


async def keep(session: AsyncSession, contact_id: int, **values: Any) -> bool:
    """Set columns of a contact that still waits; False when a worker has claimed it, or it is done."""
    kept = await session.execute(
        update(Contact)
        .where(Contact.id == contact_id, Contact.status == "waiting")
        .values(**values)
        .returning(Contact.id)
        .execution_options(synchronize_session=False)
    )
    return kept.first() is not None


async def open_in(session: AsyncSession, campaign_ids: Collection[int]) -> set[int]:
    """Those among these campaigns of which somebody still waits or is being called."""
    still = exists().where(Contact.campaign_id == Campaign.id, Contact.status.in_(OPEN))
    return set(await session.scalars(select(Campaign.id).where(Campaign.id.in_(campaign_ids), still)))
