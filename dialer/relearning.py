"""A law that has changed: whoever a changed rule held back is looked at again. It forbids nobody; the gate does that.

What was in force is on record, so that a change between two runs of the worker is noticed as well.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.rules.differences import codes_that_changed, digests
from dialer.rules.packs import Packs
from dialer.store import contacts, interactions
from dialer.store.models import Campaign, Contact, Interaction

log = structlog.get_logger("toque.law")

KIND = "law_in_force"
GOING = ("draft", "checked", "running", "paused")


async def relearn(op: Operation, packs: Packs, tenant_ids: Collection[int]) -> int:
    """Compare with what was last on record, and wake whom a changed rule held back; how many. Twice does nothing."""
    now_asked = digests(packs)
    woken = 0
    for tenant_id in tenant_ids:
        async with op.database.write() as session:
            before = await _last(session, tenant_id)
            if before == now_asked:
                continue
            changed = sorted(codes_that_changed(before, now_asked)) if before else []
            woken += await _wake(session, op, tenant_id, changed) if changed else 0
            detail: dict[str, Any] = {
                "packs": sorted(pack.id for pack in packs.by_country.values()),
                "broken": sorted(packs.broken),
                "changed": changed,
                "asked": now_asked,
            }
            await interactions.add(session, tenant_id=tenant_id, at=op.clock.now(), kind=KIND, detail=detail)
    if woken:
        log.info("law_changed", looked_at_again=woken)
    return woken


async def _last(session: AsyncSession, tenant_id: int) -> dict[str, str]:
    """What was asked under each code, as last noted; nothing when it never was."""
    row = await session.scalar(
        select(Interaction.detail)
        .where(Interaction.person_id.is_(None), Interaction.tenant_id == tenant_id, Interaction.kind == KIND)
        .order_by(Interaction.id.desc())
        .limit(1)
    )
    return dict(row["asked"]) if row else {}


async def _wake(session: AsyncSession, op: Operation, tenant_id: int, codes: list[str]) -> int:
    """Those who wait are due now; those who were given up for such a rule wait again, in campaigns not yet over."""
    now = op.clock.now()
    waiting = await contacts.unblock(session, tenant_id, codes, at=now)
    going = select(Campaign.id).where(Campaign.tenant_id == tenant_id, Campaign.status.in_(GOING))
    back = await session.execute(
        update(Contact)
        .where(
            Contact.campaign_id.in_(going),
            Contact.status == "done",
            Contact.outcome == "denied",
            Contact.blocked_rule.in_(codes),
        )
        .values(status="waiting", outcome=None, due_at=now)
        .execution_options(synchronize_session=False)
    )
    return waiting + int(getattr(back, "rowcount", 0))
