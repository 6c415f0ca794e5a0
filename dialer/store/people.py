"""People, their numbers and debts, and the record that the gate is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.rules.disposition import Disposition, contact_outcome
from dialer.rules.facts import Channel, Consented, Contacted, Facts, Suppressed, SuppressionKind, Zone
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.places import zones_of_region
from dialer.store.models import LIVE_STATUSES, Attempt, Debt, Message, Number, Person, Suppression

OPEN_DEBT = ("open", "promised")


async def by_key(session: AsyncSession, tenant_id: int, key: str) -> Person:
    """The person whom the creditor's list knows by this key; raises NotFound."""
    found = await session.scalar(select(Person).where(Person.tenant_id == tenant_id, Person.key == key))
    if found is None:
        raise NotFound(f'There is no person "{key}". Look for them: toque person find TEXT')
    return found


async def numbers(session: AsyncSession, person_id: int) -> Sequence[Number]:
    """The person's usable numbers, best rank first."""
    rows = await session.scalars(
        select(Number)
        .where(Number.person_id == person_id, Number.status == "usable")
        .order_by(Number.rank, Number.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def debts(session: AsyncSession, person_id: int) -> Sequence[Debt]:
    """The person's debts that are still to be collected, oldest first."""
    rows = await session.scalars(
        select(Debt)
        .where(Debt.person_id == person_id, Debt.status.in_(OPEN_DEBT))
        .order_by(Debt.due_on, Debt.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def touch(session: AsyncSession, person_id: int, version: int) -> bool:
    """Move the person's version on from what was read; False when somebody else wrote about the person meanwhile.

    This is what makes an intent and an opt-out exclude each other (I3, I5).
    """
    moved = await session.execute(
        update(Person)
        .where(Person.id == person_id, Person.version == version)
        .values(version=version + 1)
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


async def bump(session: AsyncSession, person_id: int) -> None:
    """Move the person's version on, whatever it is: no intent that was decided before commits after this."""
    await session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def facts(session: AsyncSession, person: Person, known: Sequence[Number], *, debts_due: bool) -> Facts:
    """The whole record of a person as the gate wants it: every call, message and bar, and where they may be."""
    calls = await calls_of(session, [person.id])
    return facts_from(
        person,
        known,
        calls=calls.get(person.id, []),
        texts=(await texts_of(session, [person.id])).get(person.id, ()),
        bars=(await bars_of(session, person.tenant_id, {person.id: known}))[person.id],
        debts_due=debts_due,
    )


def facts_from(
    person: Person,
    known: Sequence[Number],
    *,
    calls: Sequence[Row[Any]],
    texts: tuple[Contacted, ...],
    bars: tuple[Suppressed, ...],
    debts_due: bool,
) -> Facts:
    """The record of one person out of the rows that were read for them (of many at once, perhaps)."""
    places = [parsed for number in known if isinstance(parsed := read(number.e164, number.country), PhoneNumber)]
    address = (f"{person.country}-{person.region}",) if person.region else ()
    return Facts(
        history=tuple(filter(None, map(_contacted, calls))) + texts,
        suppressions=bars,
        zones=tuple(dict.fromkeys(zone for place in places for zone in place.zones)) + _address_zones(person),
        regions=tuple(dict.fromkeys(address + tuple(region for place in places for region in place.regions))),
        live_attempt=any(row.status in LIVE_STATUSES for row in calls),
        debts_due=debts_due,
        consents=tuple(
            Consented(at=row.intent_at, debts=tuple(row.debts))
            for row in calls
            if row.callback_at is not None and row.level != "none"
        ),
    )


async def calls_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The attempts of these people, oldest first, by person."""
    rows = await session.execute(
        select(
            Attempt.id,
            Attempt.person_id,
            Attempt.direction,
            Attempt.status,
            Attempt.intent_at,
            Attempt.to_number,
            Attempt.from_number,
            Attempt.disposition,
            Attempt.debts,
            Attempt.campaign_id,
            Attempt.carrier_status,
            Attempt.callback_at,
            Attempt.level,
        )
        .where(Attempt.person_id.in_(person_ids), Attempt.status != "denied")
        .order_by(Attempt.id)
    )
    return _by_person(rows.all())


async def bars_of(
    session: AsyncSession, tenant_id: int, numbers_by_person: Mapping[int, Sequence[Number]]
) -> dict[int, tuple[Suppressed, ...]]:
    """Every bar on these people, or on one of their numbers whoever answers it; all of one tenant."""
    dialled = {number.e164 for known in numbers_by_person.values() for number in known}
    rows = await session.scalars(
        select(Suppression).where(
            Suppression.tenant_id == tenant_id,
            or_(
                Suppression.person_id.in_(numbers_by_person),
                Suppression.person_id.is_(None) & Suppression.number.in_(dialled),
            ),
        )
    )
    found = list(rows)
    return {
        person_id: tuple(
            _suppressed(row)
            for row in found
            if row.person_id == person_id
            or (row.person_id is None and row.number in {number.e164 for number in known})
        )
        for person_id, known in numbers_by_person.items()
    }


def _suppressed(row: Suppression) -> Suppressed:
    return Suppressed(
        kind=cast(SuppressionKind, row.kind),
        number=row.number,
        channel=cast("Channel | None", row.channel),
        automated_only=row.automated_only,
        since=row.since,
        until=row.until,
    )


def _contacted(row: Row[Any]) -> Contacted | None:
    """A finished or pending attempt as history. One that the carrier refused reached nobody and does not count."""
    outcome = contact_outcome(Disposition(row.disposition)) if row.disposition else "no_answer"
    if outcome is None or row.carrier_status == "refused":
        return None
    return Contacted(
        at=row.intent_at,
        channel="phone",
        direction=row.direction,
        outcome=outcome,
        number=row.to_number,
        debts=tuple(row.debts),
        campaign=str(row.campaign_id),
    )


async def texts_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, tuple[Contacted, ...]]:
    """The messages that went to these people, and those that came from them, by person."""
    rows = await session.execute(
        select(Message.person_id, Message.created_at, Message.to_number, Message.direction).where(
            Message.person_id.in_(person_ids),
            Message.status.in_(("sending", "sent", "delivered", "unknown", "received")),
        )
    )
    return {
        person_id: tuple(
            Contacted(
                at=row.created_at,
                channel="sms",
                direction=row.direction,
                outcome="message" if row.direction == "in" else "sent",
                number=row.to_number,
            )
            for row in mine
        )
        for person_id, mine in _by_person(rows.all()).items()
    }


def _by_person(rows: Iterable[Any]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def _address_zones(person: Person) -> tuple[Zone, ...]:
    """Zones of the address; one more candidate beside those of the numbers, never a replacement."""
    return zones_of_region(person.country, person.region) if person.region else ()
