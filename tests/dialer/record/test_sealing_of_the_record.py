"""The record is sealed in order, and nothing of it can be changed without being found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.record import attesting, verifying
from dialer.store import duplicates, interactions, seals
from dialer.store.database import Database
from dialer.store.models import Interaction, Person, Seal, Tenant
from dialer.store.sealing import Keyring

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


async def people_with(database: Database, rows: Sequence[int]) -> list[int]:
    """A company with people, each with so many lines on record, written in turns; their ids."""
    async with database.write() as session:
        session.add(tenant := Tenant(key="own", name="Own"))
        await session.flush()
        made = [
            Person(tenant_id=tenant.id, key=f"p{at}", name="Ana", language="pt-BR", country="BR", created_at=NOW)
            for at in range(len(rows))
        ]
        session.add_all(made)
        await session.flush()
        await interactions.add(session, tenant_id=tenant.id, at=NOW, kind="list_loaded", detail={"rows": len(rows)})
        for turn in range(max(rows, default=0)):
            for one, many in zip(made, rows, strict=True):
                if turn < many:
                    await write_one(session, one, turn)
    return [one.id for one in made]


async def write_one(session: AsyncSession, person: Person, turn: int) -> None:
    await interactions.add(
        session, tenant_id=person.tenant_id, person_id=person.id, at=NOW + timedelta(minutes=turn),
        kind="call_ended", actor="system", detail={"disposition": "no_answer", "turn": turn, "said": "não à toa"},
    )  # fmt: skip


async def unguarded(session: AsyncSession) -> None:
    """As somebody who owns the database may do it, to the end of this transaction."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    found = await session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for (name,) in found.all():
        await session.execute(text(f"DROP TRIGGER {name}"))


async def found_after(database: Database, statement: str) -> list[str]:
    """What verification says after a change, which is taken back."""
    async with database.read() as session:
        await unguarded(session)
        await session.execute(text(statement))
        finding = await verifying.check_all(session, database.keyring)
        await session.rollback()
    return [f"{fault.where} {fault.whose} {fault.what}" for fault in finding.faults]


async def test_what_is_written_is_sealed_in_the_order_of_each_person(database: Database) -> None:
    people = await people_with(database, [3, 1, 0])
    assert await attesting.seal_all(database, NOW) == 5
    async with database.read() as session:
        rows = await seals.of_person(session, people[0])
        finding = await verifying.check_all(session, database.keyring)
        steps = list(await session.scalars(select(Seal)))
    assert [row.n for row in rows] == [1, 2, 3]
    assert [row.detail["turn"] for row in rows] == [0, 1, 2]
    assert finding == verifying.Finding(rows=5, waiting=0, chains=3, seals=1)
    assert [(step.n, step.rows) for step in steps] == [(1, 5)]


async def test_nothing_new_makes_no_seal(database: Database) -> None:
    await people_with(database, [2])
    assert await attesting.seal_all(database, NOW) == 3
    assert await attesting.seal_all(database, NOW) == 0
    async with database.read() as session:
        assert len(list(await session.scalars(select(Seal)))) == 1


async def test_two_workers_that_seal_at_once_make_one_chain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attesting, "BATCH", 4)
    await people_with(database, [9, 8, 7])
    done = await asyncio.gather(*(attesting.seal_all(database, NOW) for _ in range(3)))
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        finding = await verifying.check_all(session, database.keyring)
    assert sum(done) <= 25
    assert finding.sound
    assert (finding.rows, finding.waiting) == (25, 0)


async def test_what_is_committed_late_comes_after_what_was_sealed(database: Database) -> None:
    people = await people_with(database, [2])
    async with database.write() as session:
        late = Interaction(id=1000, tenant_id=1, person_id=people[0], at=NOW, kind="late", actor="system", detail={})
        late.tenant_id = (await session.get_one(Person, people[0])).tenant_id
        session.add(late)
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        early = Interaction(
            id=900, tenant_id=late.tenant_id, person_id=people[0], at=NOW, kind="early", actor="system", detail={}
        )
        session.add(early)
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        assert [row.id for row in await seals.of_person(session, people[0])][-2:] == [1000, 900]
        assert (await verifying.check_all(session, database.keyring)).sound


REFUSED = (
    "UPDATE interaction SET kind = 'x' WHERE n = 1",
    "UPDATE interaction SET detail = '{}' WHERE n IS NULL",
    "UPDATE interaction SET n = 7 WHERE n = 2",
    "UPDATE interaction SET n = NULL, chain = NULL WHERE n = 2",
    "DELETE FROM interaction WHERE n = 2",
    "DELETE FROM interaction WHERE n IS NULL",
    "DELETE FROM seal",
    "UPDATE seal SET rows = 1",
)  # fmt: skip


async def test_the_database_itself_refuses(database: Database) -> None:
    people = await people_with(database, [3])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        await write_one(session, await session.get_one(Person, people[0]), 9)
    for statement in REFUSED:
        with pytest.raises(DBAPIError, match="the record is never"):
            async with database.write() as session:
                await session.execute(text(statement))


FIELDS = {
    "tenant_id": "tenant_id + 100", "person_id": "NULL", "attempt_id": "5", "at": "at + 1", "kind": "'call_allowed'",
    "actor": "'manager'", "detail": "'{\"disposition\": \"no_answer\"}'", "n": "n + 50",
    "chain": "'00' || substr(chain, 3)", "seal": "seal + 1",
}  # fmt: skip


async def test_any_change_of_any_field_of_any_row_is_found(database: Database) -> None:
    await people_with(database, [3, 2])
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        ids = list(await session.scalars(select(Interaction.id)))
        assert (await verifying.check_all(session, database.keyring)).sound
    for row in ids[:: 1 if database.is_sqlite else 3]:
        for name, value in FIELDS.items():
            if database.is_sqlite and name in ("tenant_id", "attempt_id"):
                continue  # a foreign key refuses these here
            about_nobody = row == ids[0] and name == "person_id"
            if not about_nobody:
                statement = f"UPDATE interaction SET {name} = {value} WHERE id = {row}"
                assert await found_after(database, statement), statement


async def test_rows_that_are_taken_away_or_change_places_are_found(database: Database) -> None:
    one, other = await people_with(database, [3, 3])
    await attesting.seal_all(database, NOW)
    for n in (1, 2, 3):
        told = await found_after(database, f"DELETE FROM interaction WHERE person_id = {one} AND n = {n}")
        assert any(f"person {one}" in words for words in told)
    for statement in (
        f"DELETE FROM interaction WHERE person_id = {one}",
        f"UPDATE interaction SET n = CASE n WHEN 2 THEN 30 ELSE 20 END WHERE person_id = {one} AND n > 1",
        f"UPDATE interaction SET person_id = {one}, n = 4 WHERE person_id = {other} AND n = 3",
    ):
        assert await found_after(database, statement), statement


async def test_a_tail_that_is_cut_off_together_with_its_count_is_found(database: Database) -> None:
    (one,) = await people_with(database, [4])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        await unguarded(session)
        await session.execute(text(f"DELETE FROM interaction WHERE person_id = {one} AND n = 4"))
        await session.execute(update(Person).values(record_n=3))
    async with database.read() as session:
        rows = await seals.of_person(session, one)
        finding = verifying.check_person(database.keyring, await session.get_one(Person, one), rows)
    assert [fault.where for fault in finding.faults] == ["end of the chain"]


async def test_a_chain_that_goes_on_after_a_cut_still_tells_of_it(database: Database) -> None:
    (one,) = await people_with(database, [4])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        await unguarded(session)
        await session.execute(text(f"DELETE FROM interaction WHERE person_id = {one} AND n = 4"))
        await session.execute(update(Person).values(record_n=3))
        await write_one(session, await session.get_one(Person, one), 9)
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        rows = await seals.of_person(session, one)
        finding = verifying.check_person(database.keyring, await session.get_one(Person, one), rows)
    assert [fault.where for fault in finding.faults] == [f"row {rows[-1].id} (place 4)"]


async def test_a_chain_that_was_wiped_out_with_its_end_is_missed_by_its_seal(database: Database) -> None:
    (one,) = await people_with(database, [2])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        await unguarded(session)
        await session.execute(text(f"DELETE FROM interaction WHERE person_id = {one}"))
        await session.execute(update(Person).values(record_n=0, record_head=None))
    async with database.read() as session:
        finding = await verifying.check_all(session, database.keyring)
    assert [fault.where for fault in finding.faults] == ["seal 1"]


async def test_a_seal_that_is_changed_or_gone_is_found(database: Database) -> None:
    people = await people_with(database, [1])
    for turn in range(3):
        await attesting.seal_all(database, NOW + timedelta(minutes=turn))
        async with database.write() as session:
            await write_one(session, await session.get_one(Person, people[0]), turn)
    for statement in (
        "UPDATE seal SET rows = rows + 1 WHERE n = 2", "UPDATE seal SET at = at + 1 WHERE n = 1",
        "DELETE FROM seal WHERE n = 1", "DELETE FROM seal WHERE n = 3", "UPDATE seal SET last_id = 1 WHERE n = 3",
    ):  # fmt: skip
        assert await found_after(database, statement), statement


async def test_the_record_verifies_after_the_keys_have_changed_and_not_with_other_keys(database: Database) -> None:
    people = await people_with(database, [2])
    await attesting.seal_all(database, NOW)
    rotated = Keyring("a newer key,test secret key", "a newer hash key,test hash key")
    database.keyring = rotated
    async with database.write() as session:
        await write_one(session, await session.get_one(Person, people[0]), 5)
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        assert (await verifying.check_all(session, rotated)).sound
        assert not (await verifying.check_all(session, Keyring("x", "a newer hash key"))).sound


async def test_two_people_who_become_one_keep_their_record_and_its_soundness(database: Database) -> None:
    one, into = await people_with(database, [2, 2])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        await duplicates.unite(session, one, into, at=NOW, keyring=database.keyring)
    await attesting.seal_all(database, NOW)
    async with database.read() as session:
        rows = await seals.of_person(session, into)
        finding = await verifying.check_all(session, database.keyring)
    assert finding.faults == []
    assert [row.detail.get("of_person") for row in rows] == [None, None, one, one]


async def test_a_forged_mark_of_a_purge_is_found(database: Database) -> None:
    (one,) = await people_with(database, [2])
    await attesting.seal_all(database, NOW)
    async with database.write() as session:
        tenant = (await session.get_one(Person, one)).tenant_id
        await session.execute(text(
            "INSERT INTO purge (tenant_id, person_id, n, last_id, sums, why, at, mac)"
            f" VALUES ({tenant}, {one}, 2, 99, '{{}}', 'united', 0, 'x')"
        ))  # fmt: skip
        await session.execute(text(f"DELETE FROM interaction WHERE person_id = {one}"))
    async with database.read() as session:
        finding = await verifying.check_all(session, database.keyring)
    assert {"purge", "seal"} <= {fault.where.split()[0] for fault in finding.faults}
