"""The numbers that we may show: their caps, what of the day is used, and the intents that count against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.showing import OwnNumber, last_midnight, today_at
from dialer.store.models import Attempt, CallerId


async def known(session: AsyncSession, tenant_id: int) -> Sequence[CallerId]:
    """All that were put on record, oldest first."""
    rows = await session.scalars(
        select(CallerId)
        .where(CallerId.tenant_id == tenant_id)
        .order_by(CallerId.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def named(session: AsyncSession, tenant_id: int, e164: str) -> CallerId:
    """One of them; raises NotFound."""
    found = await session.scalar(select(CallerId).where(CallerId.tenant_id == tenant_id, CallerId.e164 == e164))
    if found is None:
        raise NotFound(f"{e164} is not on record as a caller ID. See those that are: toque caller-id list")
    return found


async def own_numbers(
    session: AsyncSession, tenant_id: int, *, chosen: Sequence[str], configured: Sequence[str], today: date
) -> tuple[OwnNumber, ...]:
    """The numbers that a call may show: those `chosen` for the campaign, else all on record and all `configured`.

    A number without a row has no cap of its own and is active.
    """
    rows = {row.e164: row for row in await known(session, tenant_id)}
    wanted = chosen or tuple(dict.fromkeys((*configured, *rows)))
    return tuple(_own(e164, rows.get(e164), today) for e164 in wanted)


async def use(session: AsyncSession, tenant_id: int, e164: str, today: date) -> bool:
    """Count one intent of today that shows the number; False when its day is full.

    One statement decides and counts, so that any number of workers stay within the cap. A number without a row has
    none.
    """
    here = (CallerId.tenant_id == tenant_id) & (CallerId.e164 == e164)
    new_day = or_(CallerId.used_on.is_(None), CallerId.used_on != today)
    room = or_(CallerId.daily_cap.is_(None), case((new_day, 0), else_=CallerId.used) < CallerId.daily_cap)
    counted = await session.execute(
        update(CallerId)
        .where(here, room)
        .values(used=case((new_day, 1), else_=CallerId.used + 1), used_on=today)
        .returning(CallerId.id)
        .execution_options(synchronize_session=False)
    )
    if counted.first() is not None:
        return True
    return await session.scalar(select(CallerId.id).where(here)) is None


async def put_on_record(session: AsyncSession, tenant_id: int, e164: str, *, now: datetime, place: str) -> CallerId:
    """A new row for a number, perhaps one that was shown before it had any: the calls of the day count already.

    `place` is the zone of our own days.
    """
    used = await session.scalar(
        select(func.count())
        .select_from(Attempt)
        .where(
            Attempt.tenant_id == tenant_id,
            Attempt.direction == "out",
            Attempt.status != "denied",
            Attempt.from_number == e164,
            Attempt.intent_at >= last_midnight(place, now),
        )
    )
    row = CallerId(tenant_id=tenant_id, e164=e164, created_at=now, used=used or 0, used_on=today_at(place, now))
    session.add(row)
    await session.flush()
    return row


async def change(session: AsyncSession, row: CallerId, **values: Any) -> None:
    """Set columns of one row."""
    await session.execute(
        update(CallerId).where(CallerId.id == row.id).values(**values).execution_options(synchronize_session=False)
    )


def _own(e164: str, row: CallerId | None, today: date) -> OwnNumber:
    parsed = read(e164, "US")
    country = parsed.country if isinstance(parsed, PhoneNumber) else None
    if row is None:
        return OwnNumber(e164, country)
    used = row.used if row.used_on == today else 0
    return OwnNumber(e164, country, row.status, row.daily_cap, used)  # type: ignore[arg-type]  # kept by our own acts
