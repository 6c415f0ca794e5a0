"""People, their numbers and debts, and the record that the gate is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Row, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import NotFound
from dialer.rules.facts import Channel, Contacted, Facts, Suppressed, SuppressionKind
from dialer.store import consents, designations
from dialer.store.gate_facts import Known, facts_of
from dialer.store.models import Attempt, Creditor, Debt, Message, Number, Person, Suppression

OPEN_DEBT = ("open", "promised")


async def by_key(session: AsyncSession, tenant_id: int, key: str) -> Person:
    """The person whom the creditor's list knows by this key; raises NotFound."""
    found = await session.scalar(select(Person).where(Person.tenant_id == tenant_id, Person.key == key))
    if found is None:
        raise NotFound(f'There is no person "{key}". Look for them: toque person find TEXT')
    return found


_NUMBERS = (
    select(Number)
    .where(Number.person_id == bindparam("person"), Number.status == "usable")
    .order_by(Number.rank, Number.id)
    .execution_options(populate_existing=True)
)


async def numbers(session: AsyncSession, person_id: int) -> Sequence[Number]:
    """The person's usable numbers, best rank first."""
    return (await session.scalars(_NUMBERS, {"person": person_id})).all()


async def debts(session: AsyncSession, person_id: int) -> Sequence[Debt]:
    """The person's debts that are still to be collected, oldest first."""
    rows = await session.scalars(
        select(Debt)
        .where(Debt.person_id == person_id, Debt.status.in_(OPEN_DEBT))
        .order_by(Debt.due_on, Debt.id)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def debts_and_creditors(session: AsyncSession, person_id: int) -> Sequence[tuple[Debt, str]]:
    """The same debts, each with the name of its creditor."""
    rows = await session.execute(
        select(Debt, Creditor.name)
        .join(Creditor, Creditor.id == Debt.creditor_id)
        .where(Debt.person_id == person_id, Debt.status.in_(OPEN_DEBT))
        .order_by(Debt.due_on, Debt.id)
        .execution_options(populate_existing=True)
    )
    return [(debt, name) for debt, name in rows]


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
    owed = {person.id: await debts(session, person.id)}
    found = await known_of(session, person.tenant_id, {person.id: known}, owed)
    return facts_of(person, found[person.id], debts_due=debts_due)


async def known_of(
    session: AsyncSession,
    tenant_id: int,
    numbers_by_person: Mapping[int, Sequence[Number]],
    debts_by_person: Mapping[int, Sequence[Debt]],
) -> dict[int, Known]:
    """All that the gate's facts are made of, of these people (all of one tenant), by person."""
    ids = list(numbers_by_person)
    calls, texts = await calls_of(session, ids), await texts_of(session, ids)
    bars = await bars_of(session, tenant_id, numbers_by_person)
    agreed, named = await consents.of_people(session, ids), await designations.of_people(session, ids)
    return {
        one: Known(
            numbers=numbers_by_person[one],
            debts=debts_by_person.get(one, ()),
            calls=calls.get(one, ()),
            texts=texts.get(one, ()),
            bars=bars[one],
            consents=agreed.get(one, ()),
            designations=named.get(one, ()),
        )
        for one in ids
    }


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
            Attempt.counted_debts,
            Attempt.mode,
            Attempt.campaign_id,
            Attempt.carrier_status,
            Attempt.callback_at,
            Attempt.level,
            Attempt.version,
        )
        .where(Attempt.person_id.in_(person_ids), Attempt.status != "denied")
        .order_by(Attempt.id)
    )
    return _by_person(rows.all())


_BARS = select(Suppression).where(
    Suppression.tenant_id == bindparam("tenant"),
    or_(
        Suppression.person_id.in_(bindparam("people", expanding=True)),
        Suppression.number.in_(bindparam("numbers", expanding=True)),
        Suppression.number_index.in_(bindparam("indexes", expanding=True)),
    ),
)


async def bars_of(
    session: AsyncSession, tenant_id: int, numbers_by_person: Mapping[int, Sequence[Number]]
) -> dict[int, tuple[Suppressed, ...]]:
    """Every bar on these people, or on one of their numbers whoever answers it; all of one tenant."""
    hashed = _hashes(session, numbers_by_person)
    theirs = {"people": list(numbers_by_person), "numbers": list(set(hashed.values())), "indexes": list(hashed)}
    found = list(await session.scalars(_BARS, theirs | {"tenant": tenant_id}))
    scoped = {row.creditor_id for row in found if row.creditor_id is not None}
    about = await _debts_by_creditor(session, scoped, numbers_by_person) if scoped else {}
    by_number: dict[str | None, list[Suppression]] = {}
    by_person: dict[int, list[Suppression]] = {}
    for row in found:
        if row.person_id is None:
            by_number.setdefault(row.number or hashed.get(row.number_index or ""), []).append(row)
        else:
            by_person.setdefault(row.person_id, []).append(row)
    return {
        person_id: tuple(
            _suppressed(row, number, about.get((person_id, row.creditor_id), ()))
            for row, number in _bars(person_id, known, by_person, by_number)
            if row.creditor_id is None or (person_id, row.creditor_id) in about
        )
        for person_id, known in numbers_by_person.items()
    }


def _bars(
    person_id: int,
    known: Sequence[Number],
    by_person: Mapping[int, Sequence[Suppression]],
    by_number: Mapping[str | None, Sequence[Suppression]],
) -> Iterator[tuple[Suppression, str | None]]:
    """The bars of a person, each with the number that it is on (None: all): their own, then their numbers'."""
    for row in by_person.get(person_id, ()):
        yield row, row.number
    for e164 in dict.fromkeys(number.e164 for number in known):
        for row in by_number.get(e164, ()):
            yield row, e164


def _hashes(session: AsyncSession, numbers_by_person: Mapping[int, Sequence[Number]]) -> dict[str, str]:
    """The numbers of these people by their keyed hash: all that is kept of one whose person was erased."""
    indexes = session.info["keyring"].indexes
    dialled = {number.e164 for known in numbers_by_person.values() for number in known}
    return {index: e164 for e164 in dialled for index in indexes("number", e164)}


async def _debts_by_creditor(
    session: AsyncSession, creditor_ids: Collection[int], person_ids: Collection[int]
) -> dict[tuple[int, int | None], tuple[str, ...]]:
    """(person, creditor) -> ids of that person's debts to that creditor, whatever their status."""
    rows = await session.execute(
        select(Debt.id, Debt.person_id, Debt.creditor_id)
        .where(Debt.person_id.in_(person_ids), Debt.creditor_id.in_(creditor_ids))
        .order_by(Debt.id)
    )
    found: dict[tuple[int, int | None], tuple[str, ...]] = {}
    for row in rows.all():
        place = (row.person_id, row.creditor_id)
        found[place] = (*found.get(place, ()), str(row.id))
    return found


def _suppressed(row: Suppression, number: str | None, debts_of_creditor: tuple[str, ...]) -> Suppressed:
    return Suppressed(
        kind=cast(SuppressionKind, row.kind),
        number=number,
        channel=cast("Channel | None", row.channel),
        automated_only=row.automated_only,
        since=row.since,
        until=row.until,
        list_name=row.list_name,
        debts=debts_of_creditor,
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
