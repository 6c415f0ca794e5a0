"""Bars on contacting people and numbers: put on record once, ended but never deleted, and listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.facts import Channel, SuppressionKind
from dialer.store.models import LIVE_STATUSES, Attempt, Number, Person, Suppression


@dataclass(frozen=True, slots=True)
class Bar:
    """What is barred: a kind of contact, on one number or all (None), one channel or all, for a time or for good."""

    kind: SuppressionKind
    number: str | None = None
    channel: Channel | None = None
    automated_only: bool = False
    until: datetime | None = None


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
        "until": bar.until, "person_id": person_id, "tenant_id": tenant_id,
    }  # fmt: skip
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
    session: AsyncSession, tenant_id: int, *, at: datetime, kinds: Sequence[SuppressionKind]
) -> list[tuple[Suppression, str | None]]:
    """Bars of these kinds that hold now, newest first, each with the key of its person (if it is on one)."""
    rows = await session.execute(
        select(Suppression, Person.key)
        .outerjoin(Person, Person.id == Suppression.person_id)
        .where(
            Suppression.tenant_id == tenant_id,
            Suppression.kind.in_(kinds),
            or_(Suppression.until.is_(None), Suppression.until > at),
        )
        .order_by(Suppression.id.desc())
    )
    return [(bar, key) for bar, key in rows]


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


async def add_numbers(
    session: AsyncSession, tenant_id: int, numbers: Sequence[str], *, since: datetime, source: str
) -> int:
    """Put many numbers on the do-not-call list at once; how many were not on it."""
    on_it = select(Suppression.number).where(
        Suppression.tenant_id == tenant_id,
        Suppression.person_id.is_(None),
        Suppression.kind == "do_not_call",
        Suppression.channel.is_(None),
        Suppression.until.is_(None),
        Suppression.number.in_(numbers),
    )
    known = set(await session.scalars(on_it))
    new = [
        {"tenant_id": tenant_id, "number": one, "kind": "do_not_call", "automated_only": False, "since": since,
         "source": source}
        for one in numbers if one not in known
    ]  # fmt: skip
    if new:
        await session.execute(insert(Suppression), new)
    return len(new)


async def bump_holders(session: AsyncSession, tenant_id: int, numbers: Sequence[str]) -> None:
    """Move the versions of everybody on record at these numbers: no intent decided before commits after this."""
    reached = select(Number.person_id).where(Number.tenant_id == tenant_id, Number.e164.in_(numbers))
    await session.execute(
        update(Person)
        .where(Person.id.in_(reached))
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def called_now(session: AsyncSession, numbers: Sequence[str]) -> list[int]:
    """The people to whom a call of ours is under way at one of these numbers."""
    live = select(Attempt.person_id).where(
        Attempt.to_number.in_(numbers), Attempt.direction == "out", Attempt.status.in_(LIVE_STATUSES)
    )
    return list(await session.scalars(live))
