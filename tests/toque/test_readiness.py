"""What a process says about itself: each part broken in turn is named, with what to do, within two seconds."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from dialer.clock import real_ms
from dialer.law import Law
from dialer.operation import Operation
from dialer.store import beats
from dialer.store.database import Database
from tests.conftest import KEYRING
from tests.dialer.records import accepts, operation_on
from toque import readiness
from toque.app import build_app


@pytest.fixture
async def op(database: Database) -> Operation:
    """All parts are well."""
    async with database.write() as session:
        await beats.renew(session, "one", at=real_ms())
    return operation_on(database, accepts)


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Operation]:
    """The same, on SQLite alone."""
    copy = shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    database = Database(f"sqlite+aiosqlite:///{copy}", KEYRING)
    async with database.write() as session:
        await beats.renew(session, "one", at=real_ms())
    yield operation_on(database, accepts)
    await database.close()


async def _failing(op: Operation) -> dict[str, str]:
    return (await readiness.readiness(op)).failing


async def test_all_is_well_and_both_addresses_say_so(op: Operation) -> None:
    transport = httpx.ASGITransport(app=build_app(op, None))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert (await client.get("/healthz")).json() == {"status": "up"}
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"], answer.json()["failing"]) == (200, True, {})
        async with op.database.write() as session:
            await beats.ended(session, "one")
        answer = await client.get("/readyz")
        assert (answer.status_code, list(answer.json()["failing"])) == (503, ["worker"])
        assert (await client.get("/readyz?for=calls")).status_code == 200  # the carrier is answered all the same


async def test_a_worker_that_beats_no_more_is_named(op: Operation) -> None:
    async with op.database.write() as session:
        await beats.renew(session, "one", at=real_ms() - 31_000)
    failing = await _failing(op)
    assert list(failing) == ["worker"]
    assert "31 seconds" in failing["worker"]
    assert "start it anew" in failing["worker"]


async def test_a_database_of_another_version_is_named(op: Operation) -> None:
    async with op.database.write() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    failing = await _failing(op)
    assert list(failing) == ["revision"]
    assert "toque db upgrade" in failing["revision"]


async def test_a_database_that_is_gone_is_named_without_its_address(sqlite: Operation, tmp_path: Path) -> None:
    gone = Database(f"sqlite+aiosqlite:///{tmp_path}", KEYRING)  # a folder is no database
    found = await readiness.readiness(replace(sqlite, database=gone))
    await gone.close()
    assert list(found.failing) == ["database", "revision", "worker"]
    assert "does not answer" in found.failing["database"]
    assert str(tmp_path) not in str(found)


async def test_a_redis_that_is_gone_is_named_and_one_that_answers_is_not(sqlite: Operation, redis_url: str) -> None:
    settings = sqlite.settings
    well = replace(sqlite, settings=settings.model_copy(update={"redis_url": redis_url}))
    assert await _failing(well) == {}
    gone = replace(sqlite, settings=settings.model_copy(update={"redis_url": "unix:///nowhere/secret"}))
    failing = await _failing(gone)
    assert list(failing) == ["redis"]
    assert "secret" not in failing["redis"]


async def test_a_broken_rule_pack_is_named_by_its_country(sqlite: Operation, tmp_path: Path) -> None:
    (tmp_path / "br.yaml").write_text("country: BR\nnonsense: [", encoding="utf-8")
    failing = await _failing(replace(sqlite, law=Law(tmp_path)))
    assert list(failing) == ["law"]
    assert "BR" in failing["law"]


async def test_a_part_that_hangs_keeps_nobody_waiting(sqlite: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_op: Operation) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(1)  # as a driver that first tells a server which is gone
            raise
        return ""

    monkeypatch.setitem(readiness.CHECKS_FOR_CALLS, "database", hangs)
    monkeypatch.setattr(readiness, "PATIENCE", 0.5)
    begun = time.monotonic()
    failing = await _failing(sqlite)
    assert time.monotonic() - begun < 1
    assert failing == {"database": readiness.DATABASE_AWAY}


async def test_a_fault_of_ours_is_no_yes(sqlite: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_op: Operation) -> str:
        raise RuntimeError("+15550100")

    monkeypatch.setitem(readiness.CHECKS, "law", fails)
    failing = await _failing(sqlite)
    assert "RuntimeError" in failing["law"]
    assert "555" not in failing["law"]
