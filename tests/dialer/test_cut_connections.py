"""PostgreSQL cuts our connections, or starts anew: turns of calls go on, and none is taken twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs

import asyncpg
import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from dialer import collecting, talking
from dialer.store import database as module
from dialer.store import turns
from dialer.store.database import Database
from dialer.store.driving.driver import Busy
from dialer.store.models import Attempt
from dialer.talking import Heard
from dialer.worker import Worker
from tests.clean_databases import CleanDatabases
from tests.dialer.records import KEYS, NOON, accepts, add, attempt_of, campaign_of, operation_on
from tests.dialer.test_worker import LISTED
from tests.webhooks.wire import wire_to

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


class Quick:
    """A beat takes a twentieth of a second, and no business time passes."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.05)


async def test_while_the_server_is_gone_nobody_is_dialled_and_then_everybody_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is gone before the worker begins, and once more while a call is created whose answer cannot be recorded."""
    monkeypatch.setattr("dialer.worker.CLAIM_SECONDS", 0.5)
    made: list[dict[str, str]] = []
    async with wire_to(postgres_url) as wire:
        database, beside = Database(wire.url, KEYS), Database(postgres_url, KEYS)
        await campaign_of(beside, 4)

        async def carrier(request: httpx.Request) -> httpx.Response:
            to = request.url.params.get("To") or parse_qs(request.content.decode())["To"][0]
            if request.method == "GET":
                return httpx.Response(200, json={"calls": [one for one in made if one["to"] == to]})
            made.append(LISTED | {"sid": f"CA{len(made):032d}", "to": to, "status": "ringing"})
            if len(made) == 2:
                await wire.cut()
                asyncio.get_running_loop().call_later(0.6, lambda: mending.append(asyncio.ensure_future(wire.mend())))
            return httpx.Response(201, json=made[-1])

        mending: list[asyncio.Future[None]] = []
        op = replace(operation_on(database, carrier, unknown_grace=0.2), clock=Quick())  # type: ignore[arg-type]
        op.carrier.longest_create = 0.1
        await wire.cut()
        worker = Worker(op)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.7)
        assert (made, running.done()) == ([], False)
        await wire.mend()
        async with asyncio.timeout(40):
            while len([one for one in await _attempts(beside) if one.sid]) < 4:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await worker.stop()
        await running
        attempts = await _attempts(beside)
        await database.close()
        await beside.close()
    assert len(made) == len(attempts) == len({one["to"] for one in made}) == 4
    assert {one.sid for one in attempts} == {one["sid"] for one in made}


async def _attempts(database: Database) -> list[Attempt]:
    async with database.read() as session:
        return list(await session.scalars(select(Attempt)))
