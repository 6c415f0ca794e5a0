"""What is on record of the people of one chunk of a list, read in a few statements.

Raw values all the way (days as ISO text, JSON as text), because a list has hundreds of thousands of rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.lists.record import (
    DEBT_FIELDS,
    PERSON_FIELDS,
    ConsentOnRecord,
    DebtOnRecord,
    NumberOnRecord,
    OnRecord,
    PersonOnRecord,
)
from dialer.store.bulk import among
from dialer.store.models import Attempt, Consent, Debt, Number, Person, PersonKey
from dialer.store.sealing import Keyring

_EMPTY = "[]"
_AS_TEXT = ("due_on", "items", "ways_to_pay", "notice_on")

People = dict[int, PersonOnRecord]


@dataclass(frozen=True, slots=True)
class Whose:
    """The tenant and the creditor (id and key) whose record it is."""

    tenant_id: int
    creditor_id: int
    creditor: str


async def look(
    session: AsyncSession, whose: Whose, keys: Sequence[str], indexes: Sequence[str], *, held: bool = False
) -> OnRecord:
    """Everybody who goes by one of these keys or document indexes. `held`: kept from others until the end (PG)."""
    record = OnRecord()
    further = await _further_keys(session, whose.tenant_id, keys)
    ids = await _ids(session, whose.tenant_id, keys, indexes) | set(further.values())
    if not ids:
        return record
    people = await _people(session, sorted(ids), held=held)
    await _add_numbers(session, people)
    await _add_debts(session, whose, people)
    await _add_consents(session, whose, people)
    if indexes:
        await _tell_busy(session, people)
    record.by_key = {key: people[person_id] for key, person_id in further.items()}
    record.by_key |= {person.key: person for person in people.values()}
    record.by_document = {person.document_index: person for person in people.values() if person.document_index}
    return record


async def _ids(session: AsyncSession, tenant_id: int, keys: Sequence[str], indexes: Sequence[str]) -> set[int]:
    people = select(Person.id).where(Person.tenant_id == tenant_id)
    found = set(await session.scalars(people.where(among(session, Person.key, keys))))
    if indexes:
        found |= set(await session.scalars(people.where(among(session, Person.document_index, indexes))))
    return found


async def _further_keys(session: AsyncSession, tenant_id: int, keys: Sequence[str]) -> dict[str, int]:
    rows = await session.execute(
        select(PersonKey.key, PersonKey.person_id).where(
            PersonKey.tenant_id == tenant_id, among(session, PersonKey.key, keys)
        )
    )
    return {row[0]: row[1] for row in rows.all()}


async def _people(session: AsyncSession, ids: Sequence[int], *, held: bool) -> People:
    fields = (getattr(Person, name) for name in PERSON_FIELDS)
    query = select(Person.id, Person.version, Person.key, Person.document_index, *fields)
    query = query.where(among(session, Person.id, ids))
    if held:
        query = query.order_by(Person.id).with_for_update(key_share=True)
    keyring: Keyring = session.info["keyring"]
    return {
        row[0]: PersonOnRecord(row[2], opened(keyring, row[4:]), document_index=row[3], id=row[0], version=row[1])
        for row in (await session.execute(query)).all()
    }


def opened(keyring: Keyring, values: Sequence[Any]) -> tuple[Any, ...]:
    """Values by PERSON_FIELDS as the merger knows them: those that are sealed are in clear."""
    return tuple(keyring.unseal(one) if isinstance(one, bytes) else one for one in values)


async def _add_numbers(session: AsyncSession, people: People) -> None:
    fields = (Number.e164, Number.country, Number.rank, Number.line_type, Number.extension, Number.status, Number.id)
    query = select(Number.person_id, *fields).where(among(session, Number.person_id, list(people)))
    for row in (await session.execute(query)).all():
        people[row[0]].numbers[row[1]] = NumberOnRecord(row[1], row[2], row[3], row[4], row[5], row[6], row[7])


async def _add_debts(session: AsyncSession, whose: Whose, people: People) -> None:
    fields = (Debt.contract, Debt.instalment, Debt.status, Debt.paid_minor, Debt.id)
    query = select(Debt.person_id, *fields, *(_raw(name) for name in DEBT_FIELDS)).where(
        Debt.creditor_id == whose.creditor_id, among(session, Debt.person_id, list(people))
    )
    for row in (await session.execute(query)).all():
        values = (*row[6:11], _canonical(row[11]), _canonical(row[12]), row[13], row[14])
        people[row[0]].debts[row[1], row[2]] = DebtOnRecord(
            row[1], row[2], values, status=row[3], paid_minor=row[4], id=row[5]
        )


def _raw(name: str) -> Any:
    column = getattr(Debt, name)
    return type_coerce(column, String) if name in _AS_TEXT else column


def _canonical(stored: Any) -> str:
    """JSON as this product writes it, whoever wrote it; PostgreSQL's driver has parsed it already."""
    if not isinstance(stored, str):
        return json.dumps(stored) if stored else _EMPTY
    return stored if stored == _EMPTY else json.dumps(json.loads(stored))


async def _add_consents(session: AsyncSession, whose: Whose, people: People) -> None:
    given_on = type_coerce(Consent.given_on, String)
    fields = (Consent.kind, given_on, Consent.how, Consent.id, Consent.revoked_at.is_not(None))
    query = select(Consent.person_id, *fields).where(
        Consent.given_to == whose.creditor, among(session, Consent.person_id, list(people))
    )
    for row in (await session.execute(query)).all():
        people[row[0]].consents[row[1]] = ConsentOnRecord(row[1], row[2], row[3], row[4], bool(row[5]))


async def _tell_busy(session: AsyncSession, people: People) -> None:
    """Only who has no document can turn out to be somebody else."""
    ids = [person_id for person_id, person in people.items() if person.document_index is None]
    if ids:
        under_way = select(Attempt.person_id).where(Attempt.closed_at.is_(None))
        for person_id in await session.scalars(under_way.where(among(session, Attempt.person_id, ids))):
            people[person_id].busy = True
