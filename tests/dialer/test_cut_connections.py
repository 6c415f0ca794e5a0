"""PostgreSQL cuts our connections, or starts anew: turns of calls go on, and none is taken twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from dialer import collecting, talking
from dialer.store import database as module
from dialer.store import turns
from dialer.store.database import Database
from dialer.store.driving import Busy
from dialer.talking import Heard
from tests.clean_databases import CleanDatabases
from tests.dialer.records import KEYS, accepts, add, attempt_of, campaign_of, operation_on

SID = "CA" + "1" * 32
CUT = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


async def cut(database: Database) -> None:
    """As a restart of the server does it: every connection of ours is gone."""
    engine = create_async_engine(database.url)
    async with engine.connect() as connection:
        await connection.execute(CUT)
    await engine.dispose()


@pytest.fixture
def postgres_url(postgres_databases: CleanDatabases) -> Iterator[str]:
    with postgres_databases.lend() as url:
        yield url


@pytest.fixture
async def on_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url, KEYS)
    yield database
    await database.close()


async def test_a_rested_connection_that_was_cut_is_replaced_before_it_is_used(
    on_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTED_SECONDS", -1.0)
    async with on_postgresql.read() as session:
        await session.execute(text("SELECT 1"))
    await cut(on_postgresql)
    async with on_postgresql.write() as session:
        assert await session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("opening", [True, False], ids=["a first turn", "a common turn"])
async def test_a_turn_whose_connection_is_cut_is_taken_once_and_answered(
    opening: bool, on_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await campaign_of(on_postgresql, 1)
    op = operation_on(on_postgresql, accepts)
    attempt = attempt_of(rows, status="placed", sid=SID)
    await add(on_postgresql, attempt)
    if not opening:
        for n in range(3):
            await talking.take_turn(op, attempt.token, n, Heard(sid=SID))
    times = 0

    async def cut_first(*given: object) -> object:
        nonlocal times
        times += 1
        if times == 1:
            await cut(on_postgresql)
        return await done(*given)  # type: ignore[operator]

    where, name = (collecting, "commit_effects") if opening else (on_postgresql.driver, "change")
    done = getattr(where, name)
    monkeypatch.setattr(where, name, cut_first)
    n = 0 if opening else 3
    answer = await talking.take_turn(op, attempt.token, n, Heard(sid=SID))
    assert answer is not None
    assert answer.next_turn == n + 1
    monkeypatch.setattr(module, "RESTED_SECONDS", -1.0)
    async with on_postgresql.read() as session:
        kept = await turns.of_attempt(session, attempt.id)
    assert [one.n for one in kept] == list(range(n + 1))


async def test_a_connection_on_which_the_server_said_farewell_is_lost_though_it_is_not_closed(
    on_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the server's last word and the end of the line asyncpg has a state, and an error, of its own."""
    async with on_postgresql.write() as session:
        await session.execute(text("SELECT 1"))

    async def prepare(*_: object, **__: object) -> object:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    with monkeypatch.context() as farewell:
        farewell.setattr(asyncpg.Connection, "prepare", prepare)
        with pytest.raises(DBAPIError) as fault:
            async with on_postgresql.write() as session:
                await session.execute(text("SELECT 2"))
    assert module.was_cut_off(fault.value)
    assert module.is_away(fault.value)
    monkeypatch.setattr(asyncpg.Connection, "fetchval", prepare)
    monkeypatch.setattr(asyncpg.Connection, "fetch", prepare)
    with pytest.raises(Busy):
        await on_postgresql.driver.change(["SELECT $1::int"], [[1]])
    with pytest.raises(Busy):
        async with on_postgresql.driver.together() as bare:
            await bare.rows("SELECT 1")
    async with on_postgresql.write() as session:
        assert await session.scalar(text("SELECT 3")) == 3
