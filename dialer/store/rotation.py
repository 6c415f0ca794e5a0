"""Queries for the change of keys: what older keys have sealed or indexed, and how it is written anew.

Every step is a swap on what was read: a row that moved on meanwhile is found again, or needs it no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, bindparam, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from dialer.store.models import Attempt, CallTurn, Draft, Message, Note, Number, Packet, Person, Recording, User
from dialer.store.sealing import NAME_LENGTH, Keyring

SEALED: dict[str, InstrumentedAttribute[Any]] = {
    "documents": Person.document,
    "e-mails": Person.email,
    "addresses": Person.address,
    "messages": Message.body,
    "words of calls": CallTurn.answer,
    "states of calls": Attempt.state,
    "screens": Packet.body,
    "notes": Note.body,
    "drafts": Draft.body,
    "secrets of apps": User.totp,
}


async def outdated(session: AsyncSession, column: InstrumentedAttribute[Any], keyring: Keyring) -> int:
    """How many values of a column an older key has sealed."""
    model = column.class_
    return await session.scalar(select(func.count(model.id)).where(_old(column, keyring))) or 0


async def seal_some(session: AsyncSession, column: InstrumentedAttribute[Any], keyring: Keyring, limit: int) -> int:
    """Seal some values of a column with the newest key; how many were found. Raises NotConfigured (no key fits)."""
    model = column.class_
    found = (
        await session.execute(select(model.id, column).where(_old(column, keyring)).order_by(model.id).limit(limit))
    ).all()
    table = model.__table__
    if found:
        anew = [{"row": one[0], "was": one[1], "now": keyring.seal(keyring.unseal(one[1]))} for one in found]
        values: dict[str, Any] = {column.key: bindparam("now")}
        await (await session.connection()).execute(
            update(table)
            .where(table.c.id == bindparam("row"), table.c[column.key] == bindparam("was"))
            .values(values),
            anew,
        )
    return len(found)


async def people_behind(session: AsyncSession, after: int, limit: int) -> Sequence[Person]:
    """People with a document, or whom we know by their number only, by id beyond `after`."""
    which = Person.document.is_not(None) | (Person.kind == "caller")
    rows = await session.scalars(select(Person).where(Person.id > after, which).order_by(Person.id).limit(limit))
    return rows.all()


async def index_anew(session: AsyncSession, keyring: Keyring, person: Person) -> bool:
    """Give a person the newest key's hashes instead of an older one's; whether there was an older one."""
    values: dict[str, Any] = {}
    if person.document is not None and person.document_index is not None:
        known = keyring.indexes("document", keyring.unseal(person.document))
        if person.document_index in known[1:]:  # a key of ours may be made of it
            values = {
                "document_index": known[0],
                "key": person.key.replace(person.document_index, known[0]),
            }
    if person.kind == "caller":
        e164 = await session.scalar(select(Number.e164).where(Number.person_id == person.id).limit(1))
        known = keyring.indexes("number", e164 or "")
        if person.key in [f"caller:{index}" for index in known[1:]]:
            values["key"] = f"caller:{known[0]}"
    if values:
        await session.execute(
            update(Person)
            .where(Person.id == person.id, Person.key == person.key)
            .values(version=Person.version + 1, **values)
            .execution_options(synchronize_session=False)
        )
    return bool(values)


async def stored(session: AsyncSession, after: int, limit: int) -> Sequence[Recording]:
    """Recordings with a sealed file, by id beyond `after`."""
    rows = await session.scalars(
        select(Recording)
        .where(Recording.id > after, Recording.status == "stored", Recording.path.is_not(None))
        .order_by(Recording.id)
        .limit(limit)
    )
    return rows.all()


def _old(column: InstrumentedAttribute[Any], keyring: Keyring) -> ColumnElement[bool]:
    name = func.substr(column, 1, NAME_LENGTH, type_=LargeBinary())
    return column.is_not(None) & (name != literal(keyring.newest, LargeBinary()))
