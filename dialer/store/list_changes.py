"""What a chunk of a list adds and changes, written in a few statements.

Raw values all the way (days as ISO text, JSON as text), because a list has hundreds of thousands of rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Conflict
from dialer.lists.record import DEBT_FIELDS, PERSON_FIELDS, OnRecord, PersonOnRecord, Values
from dialer.store import duplicates, interactions
from dialer.store.bulk import among, insert_rows, reserve_ids
from dialer.store.columns import Instant
from dialer.store.list_records import Whose
from dialer.store.models import Consent, Debt, Model, Number, Person, PersonKey
from dialer.store.sealing import Keyring

SEALED = ("email", "address")  # of PERSON_FIELDS


async def write(session: AsyncSession, whose: Whose, record: OnRecord, *, at: datetime, keyring: Keyring) -> None:
    """Everything that was added or changed. Conflict when somebody moved one of the people meanwhile."""
    people = [person for person in record.people() if person.touched]
    known = [person for person in people if person.id is not None and person.is_moved()]
    await _move(session, known + [one for one, _ in record.absorbed])
    await _add_people(session, whose, record.added, at=at, keyring=keyring)
    for one, into in record.absorbed:
        assert one.id is not None, "who was absorbed was on record"
        assert into.id is not None, "whoever was missing has been added"
        await duplicates.unite(session, one.id, into.id, at=at, keyring=keyring)
        await interactions.add(
            session,
            tenant_id=whose.tenant_id,
            at=at,
            kind="people_united",
            person_id=into.id,
            detail={"person": one.id},
        )
    await _change_people(session, [person for person in known if person.changed], keyring)
    keys = ((whose.tenant_id, key, person.id) for person in people for key in person.new_keys)
    await insert_rows(session, _table(PersonKey), ("tenant_id", "key", "person_id"), keys)
    await _write_numbers(session, whose, people)
    await _write_debts(session, whose, people)
    await _write_consents(session, whose, people)


async def _move(session: AsyncSession, people: Sequence[PersonOnRecord]) -> None:
    """Whoever is changed moves on: no call is placed on what was true before (the intent compares the version)."""
    seen = {person.id: person.version for person in people if person.id is not None}
    if not seen:
        return
    rows = await session.execute(
        select(Person.id, Person.version)
        .where(among(session, Person.id, list(seen)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    if {row[0]: row[1] for row in rows.all()} != seen:
        raise Conflict("Somebody changed one of these people at the same moment: load the file again")
    await session.execute(
        update(Person)
        .where(among(session, Person.id, list(seen)))
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def _add_people(
    session: AsyncSession, whose: Whose, people: Sequence[PersonOnRecord], *, at: datetime, keyring: Keyring
) -> None:
    for person, person_id in zip(people, await reserve_ids(session, _table(Person), len(people)), strict=True):
        person.id = person_id
    created = Instant().process_bind_param(at, session.get_bind().dialect)
    rows = [
        (
            *(person.id, whose.tenant_id, person.key, *_closed(keyring, person.values)),
            keyring.seal(person.document) if person.document else None,
            *(person.document_index, 0, created),
        )
        for person in people
    ]
    columns = ("id", "tenant_id", "key", *PERSON_FIELDS, "document", "document_index", "version", "created_at")
    await insert_rows(session, _table(Person), columns, rows)


async def _change_people(session: AsyncSession, people: Sequence[PersonOnRecord], keyring: Keyring) -> None:
    columns = ("key", "document_index", *PERSON_FIELDS)
    rows = [(one.id, one.key, one.document_index, *_closed(keyring, one.values)) for one in people]
    await _update(session, Person, columns, rows)
    sealed = [(person.id, keyring.seal(person.document)) for person in people if person.document]
    await _update(session, Person, ("document",), sealed)


def _closed(keyring: Keyring, values: Sequence[Any]) -> list[Any]:
    """Values by PERSON_FIELDS as they are kept: e-mail and address sealed."""
    named = zip(PERSON_FIELDS, values, strict=True)
    return [keyring.seal(one) if name in SEALED and one else one for name, one in named]


async def _write_numbers(session: AsyncSession, whose: Whose, people: Iterable[PersonOnRecord]) -> None:
    new, known = [], []
    for person in people:
        for one in person.numbers.values():
            values = (one.rank, one.line_type, one.extension, one.status)
            if one.id is None:
                new.append((whose.tenant_id, person.id, one.e164, one.country, *values))
            elif one.changed:
                known.append((one.id, *values))
    columns = ("rank", "line_type", "extension", "status")
    await insert_rows(session, _table(Number), ("tenant_id", "person_id", "e164", "country", *columns), new)
    await _update(session, Number, columns, known)


async def _write_debts(session: AsyncSession, whose: Whose, people: Iterable[PersonOnRecord]) -> None:
    debts = [(person.id, one) for person in people for one in person.debts.values()]
    known = [(one.id, *_as_objects(one.values)) for _, one in debts if one.id is not None and one.changed]
    new = [(owner, one) for owner, one in debts if one.id is None]
    for (_, one), debt_id in zip(new, await reserve_ids(session, _table(Debt), len(new)), strict=True):
        one.id = debt_id
    whole = (whose.tenant_id, whose.creditor_id)
    rows = [
        (one.id, *whole, owner, one.contract, one.instalment, one.status, 0, 0, *one.values) for owner, one in new
    ]
    columns = (
        "id",
        "tenant_id",
        "creditor_id",
        "person_id",
        "contract",
        "instalment",
        "status",
        "step",
        "paid_minor",
    )
    await insert_rows(session, _table(Debt), (*columns, *DEBT_FIELDS), rows)
    await _update(session, Debt, DEBT_FIELDS, known)


def _as_objects(values: Values) -> Values:
    """Debt values as the model takes them."""
    *first, due_on, invoice, items, ways, notice_on, kind = values
    parts = (json.loads(items), json.loads(ways))
    return (*first, date.fromisoformat(due_on), invoice, *parts, _day(notice_on), kind)


async def _write_consents(session: AsyncSession, whose: Whose, people: Iterable[PersonOnRecord]) -> None:
    new, known = [], []
    for person in people:
        for one in person.consents.values():
            if one.id is None:
                new.append((whose.tenant_id, person.id, one.kind, one.given_on, one.how, whose.creditor))
            elif one.changed:
                known.append((one.id, _day(one.given_on), one.how))
    columns = ("tenant_id", "person_id", "kind", "given_on", "how", "given_to")
    await insert_rows(session, _table(Consent), columns, new)
    await _update(session, Consent, ("given_on", "how"), known)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _update(
    session: AsyncSession, model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Set `columns` of many rows, in the order of their ids; each tuple is the id and then the values."""
    if not rows:
        return
    table = _table(model)
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id", type_=BigInteger))
        .values({name: bindparam(f"to_{name}", type_=table.c[name].type) for name in columns})
    )
    names = ("row_id", *(f"to_{name}" for name in columns))
    connection = await session.connection()
    in_order = sorted(rows, key=lambda row: int(row[0]))
    await connection.execute(statement, [dict(zip(names, row, strict=True)) for row in in_order])


def _table(model: type[Model]) -> Any:
    return model.__table__
