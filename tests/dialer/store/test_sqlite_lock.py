"""SQLite's one writer: another process's is waited for, and nobody else is held up meanwhile."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from dialer.store import database as module
from dialer.store import upgrading
from dialer.store.database import Database
from dialer.store.sealing import Keyring


@pytest.fixture
async def here(tmp_path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/lock.sqlite3", Keyring("a", "b"))
    async with database.write() as session:
        await session.execute(text("CREATE TABLE thing (n INTEGER)"))
    return database


async def count(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(text("SELECT count(*) FROM thing")) or 0)


async def add(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("INSERT INTO thing VALUES (1)"))


async def test_a_writer_waits_for_another_process_while_readers_go_on(here: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(f"{tmp_path}/lock.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(add(here))
    for _ in range(5):
        await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            assert await count(here) == 0
    assert not writing.done()
    other.execute("COMMIT")
    other.close()
    async with asyncio.timeout(10):
        await writing
    assert await count(here) == 1
    await here.close()


async def test_a_lock_that_is_never_let_go_is_told_and_harms_no_later_writer(
    here: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    other = sqlite3.connect(f"{tmp_path}/lock.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        await add(here)
    other.execute("ROLLBACK")
    other.close()
    await asyncio.gather(*(add(here) for _ in range(3)))
    assert await count(here) == 3
    await here.close()


async def test_of_writers_in_one_process_each_waits_for_the_other(here: Database) -> None:
    async def raise_it() -> None:
        async with here.write() as session:
            seen = int(await session.scalar(text("SELECT count(*) FROM thing")) or 0)
            await asyncio.sleep(0)
            await session.execute(text("INSERT INTO thing VALUES (:n)"), {"n": seen})

    await asyncio.gather(*(raise_it() for _ in range(20)))
    async with here.survey() as session:
        assert list(await session.scalars(text("SELECT n FROM thing ORDER BY n"))) == list(range(20))
    await here.close()


async def test_a_change_past_the_orm_is_whole_or_nothing_and_leaves_the_way_free(here: Database) -> None:
    added, wrong = "INSERT INTO thing VALUES (?)", "INSERT INTO no_such_table VALUES (?)"
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await here.driver.change((added, wrong), ((1,), (1,)))
    assert not await here.driver.change(("DELETE FROM thing WHERE n = ?", added), ((7,), (7,)))
    assert await count(here) == 0
    assert await here.driver.change((added, added), ((2,), (3,)))
    await add(here)
    assert await count(here) == 3
    await here.close()


async def test_a_start_beside_a_process_that_writes_waits_for_nothing_and_fails_at_nothing(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "both.sqlite3"
    shutil.copy(sqlite_template, path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = Database(f"sqlite+aiosqlite:///{path}", Keyring("a", "b"))
    async with asyncio.timeout(5):
        assert await upgrading.is_current(database)
        await upgrading.upgrade(database)
    other.execute("COMMIT")
    other.close()
    await database.close()


async def test_a_first_start_waits_for_who_writes(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "new.sqlite3", isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN IMMEDIATE")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/new.sqlite3", Keyring("a", "b"))
    upgraded = asyncio.create_task(upgrading.upgrade(database))
    await asyncio.sleep(0.3)
    assert not upgraded.done()
    other.execute("COMMIT")
    other.close()
    async with asyncio.timeout(30):
        await upgraded
    assert await upgrading.is_current(database)
    await database.close()
