"""After the change of keys nothing needs the old ones, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select, update

from dialer.errors import NotConfigured
from dialer.operation import Operation
from dialer.record import dossiers, rotating
from dialer.record.dossiers import Asked
from dialer.store import rotation, vault
from dialer.store.database import Database
from dialer.store.models import Message, Model, Person, User
from dialer.store.sealing import Keyring
from tests.dialer.record.cases import DOCUMENT, SAID, known_person

OLD_SECRET, OLD_HASH = "test secret key", "test hash key"
APP_SECRET = "JBSWY3DPEHPK3PXP"


async def rekeyed(database: Database) -> tuple[Operation, int]:
    op, rows = await known_person(database)

    async def sound() -> Any:
        yield b"sound" * 50_000

    await vault.write(op.settings.home / "recordings/1.sealed", sound(), database.keyring)
    async with database.write() as session:
        key = f"loja:{database.keyring.index('document', DOCUMENT)}"
        await session.execute(update(Person).where(Person.id == rows.people[0]).values(key=key))
        session.add(
            User(
                tenant_id=rows.tenant, email="ana@toque.example", name="Ana", role="manager", password="",
                totp=database.keyring.seal(APP_SECRET), created_at=datetime.now(UTC),
            )
        )  # fmt: skip
    database.keyring = Keyring(f"new secret,{OLD_SECRET}", f"new hash,{OLD_HASH}")
    return replace(op, database=database), rows.people[0]


async def test_everything_is_sealed_anew_and_reads_without_the_old_key(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "BATCH", 1)
    op, person = await rekeyed(database)
    expected = {
        "documents": 1,
        "e-mails": 1,
        "addresses": 1,
        "messages": 1,
        "words of calls": 2,
        "states of calls": 0,
        "screens": 1,
        "notes": 1,
        "drafts": 1,
        "secrets of apps": 1,
    }
    assert (await rotating.waiting(op)).counts == expected | {"recordings": 1}
    assert (await rotating.rotate(op)).counts == expected | {"recordings": 1, "hashes": 1}
    assert (await rotating.rotate(op)).total == 0
    database.keyring = Keyring("new secret", "new hash")
    async with database.read() as session:
        one = await session.get_one(Person, person)
        user = (await session.scalars(select(User))).one()
    assert user.totp
    assert database.keyring.unseal(user.totp) == APP_SECRET
    assert one.document_index == database.keyring.index("document", DOCUMENT)
    assert one.key == f"loja:{one.document_index}"
    made = await dossiers.export(op, one.key, Asked("ana", "a check"))
    assert (made["person"]["document"], made["calls"][0]["turns"][0]["said"]) == (DOCUMENT, SAID)
    sound = b"".join(vault.read(op.settings.home / "recordings/1.sealed", database.keyring))
    assert sound == b"sound" * 50_000


async def test_it_goes_on_where_it_was_cut_off(database: Database) -> None:
    op, _ = await rekeyed(database)
    async with database.write() as session:
        assert await rotation.seal_some(session, rotation.SEALED["words of calls"], database.keyring, 1) == 1
    assert (await rotating.waiting(op)).counts["words of calls"] == 1
    assert (await rotating.rotate(op)).counts["words of calls"] == 1


async def test_what_no_key_opens_is_left_as_it_is(database: Database) -> None:
    op, _ = await rekeyed(database)
    async with database.write() as session:
        await session.execute(update(Message).values(body=Keyring("lost", "x").seal("text")))
    with pytest.raises(NotConfigured, match="TOQUE_SECRET_KEY"):
        await rotating.rotate(op)
    async with database.read() as session:
        assert Keyring("lost", "x").unseal((await session.scalars(select(Message.body))).one()) == "text"


def test_a_sealed_value_names_its_key_and_the_name_tells_nothing_of_it() -> None:
    ring, other = Keyring("a,b", "h"), Keyring("b", "h")
    assert ring.seal("x").startswith(ring.newest)
    assert ring.newest != other.newest
    assert ring.unseal(other.seal("x")) == "x"
    with pytest.raises(NotConfigured):
        other.unseal(ring.seal("x"))
    with pytest.raises(NotConfigured):
        ring.unseal(ring.newest + b"garbage")


def test_no_sealed_column_is_left_behind() -> None:
    """What holds bytes is sealed; a column that rotation does not know could not be read without the old key."""
    holding = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert holding == {f"{one.class_.__tablename__}.{one.key}" for one in rotation.SEALED.values()}
