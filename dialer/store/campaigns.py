"""Campaigns, lists and creditors by name; leases of the worker that leads a company's campaigns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.clock import real_ms
from dialer.errors import NotFound
from dialer.store import who
from dialer.store.models import LIVE_STATUSES, Attempt, Campaign, ContactList, Creditor, Tenant

DEFAULT_TENANT = "default"
BY_HAND = "by_hand"  # status of the campaign of calls that agents begin


async def tenant(session: AsyncSession) -> Tenant:
    """The company on whose behalf this is done; without one the first of this installation, made at first use."""
    if (meant := who.tenant_id()) is not None:
        return await session.get_one(Tenant, meant)
    found = await session.scalar(select(Tenant).where(Tenant.key == DEFAULT_TENANT))
    if found is None:
        session.add(found := Tenant(key=DEFAULT_TENANT, name="Toque"))
        await session.flush()
    return found


async def tenant_ids(session: AsyncSession) -> list[int]:
    """The companies that this concerns: the one on whose behalf it is done; without one, all of the installation."""
    if (meant := who.tenant_id()) is not None:
        return [meant]
    return list(await session.scalars(select(Tenant.id).order_by(Tenant.id)))


async def known_tenant_id(session: AsyncSession) -> int | None:
    """The same company's id, for whoever only looks: None while there is none."""
    meant = who.tenant_id()
    return meant or await session.scalar(select(Tenant.id).where(Tenant.key == DEFAULT_TENANT))


async def creditor(session: AsyncSession, tenant_id: int, key: str, *, name: str | None = None) -> Creditor:
    """The creditor of that key, made at first use. `name` is what people hear; without one, the key as words."""
    found = await session.scalar(select(Creditor).where(Creditor.tenant_id == tenant_id, Creditor.key == key))
    if found is None:
        session.add(found := Creditor(tenant_id=tenant_id, key=key, name=name or _as_words(key)))
        await session.flush()
    elif name and found.name != name:
        found.name = name
        await session.flush()
    return found


async def known_creditor(session: AsyncSession, tenant_id: int, key: str) -> Creditor:
    """The creditor of that key; raises NotFound when nothing of theirs was ever loaded."""
    found = await session.scalar(select(Creditor).where(Creditor.tenant_id == tenant_id, Creditor.key == key))
    if found is None:
        raise NotFound(f'There is no creditor "{key}": load a list of theirs first (toque import)')
    return found


def _as_words(key: str) -> str:
    return " ".join(word.capitalize() for word in re.split(r"[-_.]+", key) if word)


async def list_by_name(session: AsyncSession, tenant_id: int, name: str) -> ContactList:
    """The list of that name; raises NotFound."""
    found = await session.scalar(
        select(ContactList).where(ContactList.tenant_id == tenant_id, ContactList.name == name)
    )
    if found is None:
        raise NotFound(f'There is no list "{name}". Load one: toque import FILE --creditor KEY --list "{name}"')
    return found


async def by_name(session: AsyncSession, tenant_id: int, name: str) -> Campaign:
    """The campaign of that name; raises NotFound."""
    found = await session.scalar(
        select(Campaign)
        .where(Campaign.tenant_id == tenant_id, Campaign.name == name)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(f'There is no campaign "{name}". See the list: toque campaign status')
    return found


async def standing_in(session: AsyncSession, tenant_id: int, name: str, *, flow: str, at: datetime) -> Campaign:
    """The campaign that calls to us belong to, made at first use; it never dials.

    It takes another name where somebody has given its own to a campaign that does.
    """
    query = select(Campaign).where(Campaign.tenant_id == tenant_id, Campaign.direction == "in").order_by(Campaign.id)
    found = await session.scalar(query.limit(1))
    if found is None:
        taken = set(await session.scalars(select(Campaign.name).where(Campaign.tenant_id == tenant_id)))
        free = next(one for n in count(1) if (one := name if n == 1 else f"{name}-{n}") not in taken)
        found = Campaign(
            tenant_id=tenant_id, name=free, direction="in", flow=flow, status="answering", plan={}, skill="",
            created_at=at, started_at=at,
        )  # fmt: skip
        session.add(found)
        await session.flush()
    return found


async def by_hand(session: AsyncSession, tenant_id: int, *, flow: str, at: datetime) -> Campaign:
    """The campaign that calls by hand belong to which are of no other, made at first use; nothing dials it."""
    mine = Campaign.tenant_id == tenant_id
    found = await session.scalar(select(Campaign).where(mine, Campaign.status == BY_HAND).order_by(Campaign.id))
    if found is None:
        taken = set(await session.scalars(select(Campaign.name).where(mine)))
        free = next(one for n in count(1) if (one := "by-hand" if n == 1 else f"by-hand-{n}") not in taken)
        found = Campaign(
            tenant_id=tenant_id, name=free, flow=flow, status=BY_HAND, plan={"attempts_total": 1000}, skill="",
            created_at=at, started_at=at,
        )  # fmt: skip
        session.add(found)
        await session.flush()
    return found


async def running(session: AsyncSession) -> Sequence[Campaign]:
    """All campaigns that dial, of all tenants, oldest first."""
    rows = await session.scalars(
        select(Campaign)
        .where(Campaign.status == "running")
        .order_by(Campaign.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def now(session: AsyncSession, campaign_id: int) -> Campaign:
    """The campaign as committed now."""
    return await session.get_one(Campaign, campaign_id, populate_existing=True)


async def locked(session: AsyncSession, campaign_id: int) -> Campaign:
    """The campaign, held against a change of status until this transaction ends (a shared lock on PostgreSQL).

    An intent and a pause thus have an order: no intent commits after `pause` has changed the status.
    """
    found = await session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    assert found is not None, "campaigns are never deleted"
    return found


async def change(session: AsyncSession, campaign_id: int, *, unless: str | None = None, **values: Any) -> bool:
    """Set columns of a campaign (not when its status is `unless`); whether it was changed."""
    statement = update(Campaign).where(Campaign.id == campaign_id)
    if unless:
        statement = statement.where(Campaign.status != unless)
    done = await session.execute(
        statement.values(**values).returning(Campaign.id).execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def held(session: AsyncSession, campaign_id: int) -> None:
    """Nobody joins, leads or changes the campaign until this transaction ends."""
    await session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update())


async def finish(session: AsyncSession, campaign_id: int, *, at: datetime) -> bool:
    """End a campaign that still runs; False when somebody paused or stopped it meanwhile."""
    done = await session.execute(
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.status == "running")
        .values(status="finished", ended_at=at)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    return done.first() is not None


async def with_calls_beside(session: AsyncSession, led: Sequence[Campaign]) -> Sequence[Campaign]:
    """Campaigns of the same company that have calls under way, and are not among these."""
    ids = [campaign.id for campaign in led]
    live = select(Attempt.campaign_id).where(Attempt.status.in_(LIVE_STATUSES), Attempt.campaign_id.not_in(ids))
    rows = await session.scalars(
        select(Campaign).where(Campaign.tenant_id == led[0].tenant_id, Campaign.id.in_(live)).order_by(Campaign.id)
    )
    return rows.all()


async def lead(session: AsyncSession, tenant_id: int, owner: str, *, seconds: float) -> Sequence[Campaign]:
    """Take or renew the leases (wall-clock time) of a company's running campaigns: all of them, or none.

    None while another worker holds any: campaigns share agents and lines, so one worker leads them together.
    """
    now = real_ms()
    rows = await session.scalars(
        select(Campaign)
        .where(Campaign.tenant_id == tenant_id, Campaign.status == "running")
        .order_by(Campaign.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    running = rows.all()
    if any(one.lease_owner not in (None, owner) and one.lease_until >= now for one in running):
        return []
    await session.execute(
        update(Campaign)
        .where(Campaign.id.in_([one.id for one in running]))
        .values(lease_owner=owner, lease_until=now + int(seconds * 1000))
        .execution_options(synchronize_session=False)
    )
    return running


async def release_leases(session: AsyncSession, owner: str) -> None:
    """Give back all leases of a worker that stops."""
    await session.execute(
        update(Campaign)
        .where(Campaign.lease_owner == owner)
        .values(lease_until=0)
        .execution_options(synchronize_session=False)
    )
