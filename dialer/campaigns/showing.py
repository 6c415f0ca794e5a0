"""Acts on the numbers that we show: few and stable, each with a cap by day; resting for new people, or retired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.rules.showing import OwnNumber, today_at
from dialer.store import caller_ids, campaigns, contacts, interactions
from dialer.store.models import Attempt, CallerId

WAITING_FOR_ONE = ("CALLER_ID_CAP", "NO_CALLER_ID")


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """A number of ours, and how many people have seen it; `configured`: it stands in TOQUE_CALLER_IDS."""

    number: str
    status: str
    daily_cap: int | None
    used_today: int
    people: int
    label: str
    configured: bool


async def shown_numbers(op: Operation) -> list[ShownNumber]:
    """All numbers that calls may show or have shown, those of TOQUE_CALLER_IDS first."""
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        today = today_at(op.settings.time_zone, op.clock.now())
        own = await caller_ids.own_numbers(
            session, tenant.id, chosen=(), configured=op.settings.caller_ids, today=today
        )
        rows = {row.e164: row for row in await caller_ids.known(session, tenant.id)}
        seen = await session.execute(
            select(Attempt.from_number, func.count(Attempt.person_id.distinct()))
            .where(Attempt.tenant_id == tenant.id, Attempt.direction == "out")
            .group_by(Attempt.from_number)
        )
        people = {number: count for number, count in seen.all()}
    configured = op.settings.caller_ids
    return [_shown(one, rows.get(one.e164), people.get(one.e164, 0), one.e164 in configured) for one in own]


async def add(
    op: Operation, number: str, *, daily_cap: int | None = None, label: str | None = None, resting: bool = False
) -> None:
    """Show this number from now on, or change how it is shown. A cap of None leaves the number without one.

    Whoever waits for a number or its next day is looked at again at once.
    """
    e164 = _e164(number)
    if daily_cap is not None and daily_cap < 1:
        raise BadInput("The most calls a day must be 1 or more; to show a number no longer: toque caller-id remove")
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        row = next((one for one in await caller_ids.known(session, tenant.id) if one.e164 == e164), None)
        if row is None:
            row = await _put_on_record(session, op, tenant.id, e164)
        row.status = "resting" if resting else "active"
        row.daily_cap = daily_cap
        row.label = row.label if label is None else label
        await session.flush()
        await contacts.unblock(session, tenant.id, WAITING_FOR_ONE, at=op.clock.now())
        await _note(session, op, tenant.id, "caller_id_added", e164)


async def remove(op: Operation, number: str) -> None:
    """Never show this number again, whoever knows it (NotFound when it is neither on record nor configured)."""
    e164 = _e164(number)
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        if e164 in op.settings.caller_ids:
            rows: Sequence[CallerId] = await caller_ids.known(session, tenant.id)
            if all(row.e164 != e164 for row in rows):
                await _put_on_record(session, op, tenant.id, e164)
        row = await caller_ids.named(session, tenant.id, e164)
        await caller_ids.change(session, row, status="retired")
        await _note(session, op, tenant.id, "caller_id_removed", e164)


async def _put_on_record(session: AsyncSession, op: Operation, tenant_id: int, e164: str) -> CallerId:
    place = op.settings.time_zone
    return await caller_ids.put_on_record(session, tenant_id, e164, now=op.clock.now(), place=place)


def _e164(number: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise BadInput(f"{number} is not a number that can be shown: write it as +country code and number")
    return number


def _shown(one: OwnNumber, row: CallerId | None, people: int, configured: bool) -> ShownNumber:
    label = row.label if row else ""
    return ShownNumber(one.e164, one.status, one.daily_cap, one.used_today, people, label or "", configured)


async def _note(session: AsyncSession, op: Operation, tenant_id: int, kind: str, e164: str) -> None:
    await interactions.add(
        session, tenant_id=tenant_id, at=op.clock.now(), kind=kind, actor="manager", detail={"number": e164}
    )
