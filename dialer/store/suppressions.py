"""Bars on contacting people and numbers: put on record once, ended but never deleted, and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.facts import Channel, SuppressionKind
from dialer.store.models import Creditor, Number, Person, Suppression


@dataclass(frozen=True, slots=True)
class Bar:
    """What is barred: a kind of contact, on one number or all (None), one channel or all, for a time or for good.

    `creditor_id` None: whatever it is about; else only what is about that creditor's debts.
    """

    kind: SuppressionKind
    number: str | None = None
    channel: Channel | None = None
    automated_only: bool = False
    until: datetime | None = None
    creditor_id: int | None = None


async def add_once(
    session: AsyncSession,
    tenant_id: int,
    person_id: int | None,
    bar: Bar,
    *,
    since: datetime,
    attempt_id: int | None = None,
    source: str,
) -> bool:
    """Put a bar on record unless the very same one stands; whether it is new. No person: everybody at the number."""
    columns = {
        "kind": bar.kind, "number": bar.number, "channel": bar.channel, "automated_only": bar.automated_only,
        "until": bar.until, "creditor_id": bar.creditor_id, "person_id": person_id, "tenant_id": tenant_id,
    }  # fmt: skip
    columns["list_name"] = None  # an entry of a register ends with the register: it is no substitute for this one
    same = [getattr(Suppression, name).is_not_distinct_from(value) for name, value in columns.items()]
    if await session.scalar(select(Suppression.id).where(*same).limit(1)) is not None:
        return False
    session.add(Suppression(**columns, since=since, attempt_id=attempt_id, source=source[:50]))
    await session.flush()
    return True


async def end(session: AsyncSession, tenant_id: int, *which: ColumnElement[bool], at: datetime) -> int:
    """End standing bars of a tenant that fit all conditions; how many. They stay on record with their end."""
    ended = await session.execute(
        update(Suppression)
        .where(
            Suppression.tenant_id == tenant_id,
            or_(Suppression.until.is_(None), Suppression.until > at),
            *which,
        )
        .values(until=at)
        .returning(Suppression.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


async def standing(
    session: AsyncSession, tenant_id: int, *which: ColumnElement[bool], at: datetime, at_most: int
) -> list[tuple[Suppression, str | None, str | None]]:
    """Bars that fit all conditions and hold now, newest first, each with the keys of its person and creditor."""
    rows = await session.execute(
        select(Suppression, Person.key, Creditor.key)
        .outerjoin(Person, Person.id == Suppression.person_id)
        .outerjoin(Creditor, Creditor.id == Suppression.creditor_id)
        .where(
            Suppression.tenant_id == tenant_id,
            or_(Suppression.until.is_(None), Suppression.until > at),
            *which,
        )
        .order_by(Suppression.id.desc())
        .limit(at_most)
    )
    return [(bar, person, creditor) for bar, person, creditor in rows]


async def holders(session: AsyncSession, tenant_id: int, e164: str, *, usable: bool = True) -> Sequence[Person]:
    """The people on record at a number, oldest first; those that only ever called or wrote to us are not among them.

    `usable`: only where the number is not known to reach somebody else or nobody.
    """
    query = (
        select(Person)
        .join(Number, Number.person_id == Person.id)
        .where(Number.tenant_id == tenant_id, Number.e164 == e164, Person.kind != "caller")
        .order_by(Person.id)
        .execution_options(populate_existing=True)
    )
    if usable:
        query = query.where(Number.status == "usable")
    return (await session.scalars(query)).all()


async def asked_at(session: AsyncSession, tenant_id: int, e164: str, *, at: datetime) -> bool:
    """Whether somebody at a number has asked themselves to be left alone, and it holds."""
    asked = select(Suppression.id).where(
        Suppression.tenant_id == tenant_id,
        Suppression.number == e164,
        Suppression.kind == "opt_out",
        or_(Suppression.until.is_(None), Suppression.until > at),
    )
    return await session.scalar(asked.limit(1)) is not None
