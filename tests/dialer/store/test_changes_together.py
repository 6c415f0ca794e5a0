"""Changes past the ORM that are asked for at the same moment share a commit, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from dialer.store.database import Database
from dialer.store.driving.driver import Busy
from dialer.store.driving.sqlite import SqliteDriver
from dialer.store.sealing import Keyring

ADD = "INSERT INTO thing VALUES (?)"


@pytest.fixture
async def here(tmp_path: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/together.sqlite3", Keyring("a", "b"))
    async with database.write() as session:
        await session.execute(text("CREATE TABLE thing (n INTEGER UNIQUE)"))
    await database.driver.change((ADD,), ((0,),))
    return database


async def things(database: Database) -> list[int]:
    async with database.survey() as session:
        return list(await session.scalars(text("SELECT n FROM thing ORDER BY n")))


def commits(database: Database) -> list[str]:
    """What the driver's connection commits from now on."""
    seen: list[str] = []
    assert isinstance(database.driver, SqliteDriver)
    assert database.driver._open is not None
    database.driver._open.set_trace_callback(lambda what: seen.append(what) if what == "COMMIT" else None)
    return seen


async def test_changes_of_one_moment_are_one_commit_and_each_hears_its_own_answer(here: Database) -> None:
    seen = commits(here)
    gone = "DELETE FROM thing WHERE n = ?"
    asked = [here.driver.change((ADD,), ((n,),)) for n in range(1, 9)]
    asked += [here.driver.change((gone, ADD), ((77,), (78,))), here.driver.change((gone, ADD), ((0,), (79,)))]
    assert await asyncio.gather(*asked) == [True] * 8 + [False, True]
    assert len(seen) == 1
    assert await things(here) == [*range(1, 9), 79]
    await here.close()


async def test_one_that_cannot_be_done_is_told_so_and_harms_no_other(here: Database) -> None:
    asked = [here.driver.change((ADD, ADD), ((n,), (again,))) for n, again in ((1, 2), (3, 0), (4, 5))]
    fine, wrong, fine_too = await asyncio.gather(*asked, return_exceptions=True)
    assert (fine, fine_too) == (True, True)
    assert isinstance(wrong, sqlite3.IntegrityError)
    assert await things(here) == [0, 1, 2, 4, 5]
    await here.close()


async def test_who_is_cancelled_before_it_is_done_has_changed_nothing(here: Database) -> None:
    async with here.write():
        asked = [asyncio.create_task(here.driver.change((ADD,), ((n,),))) for n in (1, 2)]
        await asyncio.sleep(0.01)
        asked[0].cancel()
        assert not asked[1].done()
    assert await asked[1]
    assert asked[0].cancelled()
    assert await things(here) == [0, 2]
    await here.close()


async def test_what_is_asked_for_while_this_process_writes_is_done_after_it(here: Database) -> None:
    """So is what was asked for in the very moment in which somebody began."""
    asked = [asyncio.create_task(here.driver.change((ADD,), ((1,),)))]
    await asyncio.sleep(0)
    async with here.write() as session:
        await session.execute(text("UPDATE thing SET n = 10 WHERE n = 0"))
        asked.append(asyncio.create_task(here.driver.change(("UPDATE thing SET n = 11 WHERE n = 10",), ((),))))
        await asyncio.sleep(0.01)
    assert await asyncio.gather(*asked) == [True, True]
    assert await things(here) == [1, 11]
    await here.close()


async def test_while_another_process_writes_all_are_told_to_take_the_way_that_waits(
    here: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(f"{tmp_path}/together.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    found = await asyncio.gather(*(here.driver.change((ADD,), ((n,),)) for n in (1, 2, 3)), return_exceptions=True)
    assert [type(one) for one in found] == [Busy, Busy, Busy]
    other.execute("ROLLBACK")
    other.close()
    assert await here.driver.change((ADD,), ((4,),))
    assert await things(here) == [0, 4]
    await here.close()


async def test_when_the_disk_is_full_all_are_told_to_take_the_way_that_keeps_what_came(here: Database) -> None:
    assert isinstance(here.driver, SqliteDriver)
    assert here.driver._open is not None
    (pages,) = here.driver._open.execute("PRAGMA page_count").fetchone()
    here.driver._open.execute(f"PRAGMA max_page_count = {pages}")
    numbers = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < ?)"
    add_much = f"{numbers} INSERT INTO thing SELECT n FROM more"
    asked = (here.driver.change((ADD, add_much), ((n,), (9_000,))) for n in (9_001, 9_002))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(one) for one in found] == [Busy, Busy]
    assert await things(here) == [0]
    await here.close()
