"""A database that was lent before is as one that was made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import pytest

from tests import clean_databases
from tests.clean_databases import CleanDatabases

T = TypeVar("T")
ADDED = "INSERT INTO tenant (key, name) VALUES ('a', 'A') RETURNING id"


def _on(url: str, act: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    async def run() -> T:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await act(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _never_worn_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have borrowed before does not matter here."""
    monkeypatch.setattr(clean_databases, "LOANS", 10_000)


def test_neither_rows_nor_places_of_sequences_stay(postgres_databases: CleanDatabases) -> None:
    with postgres_databases.lend() as before:
        assert _on(before, lambda connection: connection.fetchval(ADDED)) == 1
    with postgres_databases.lend() as after:
        assert after == before
        assert _on(after, lambda connection: connection.fetchval("SELECT count(*) FROM tenant")) == 0
        assert _on(after, lambda connection: connection.fetchval(ADDED)) == 1


def test_a_transaction_that_was_left_open_is_ended(postgres_databases: CleanDatabases) -> None:
    async def leave(url: str) -> asyncpg.Connection:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.transaction().start()
        await connection.execute(ADDED)
        return connection

    with asyncio.Runner() as runner:
        with postgres_databases.lend() as url:
            connection = runner.run(leave(url))
        with postgres_databases.lend() as url:
            others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            assert _on(url, lambda connection: connection.fetchval(others)) == 2  # the test's own and the lender's
        connection.terminate()
        runner.run(asyncio.sleep(0))


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE tenant DROP COLUMN name",
        "ALTER TABLE tenant ALTER COLUMN name TYPE varchar(9)",
        "UPDATE alembic_version SET version_num = 'another'",
    ],
)
def test_a_database_with_other_tables_is_not_lent_again(postgres_databases: CleanDatabases, change: str) -> None:
    with postgres_databases.lend() as changed:
        _on(changed, lambda connection: connection.execute(change))
    with postgres_databases.lend() as after:
        assert after != changed


def test_two_at_a_time_are_two(postgres_databases: CleanDatabases) -> None:
    with postgres_databases.lend() as one, postgres_databases.lend() as other:
        assert one != other
