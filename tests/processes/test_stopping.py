"""SIGTERM to real processes: what is under way is finished, the rest is given back, and they end soon."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from dialer.clock import real_ms
from dialer.store.database import Database
from dialer.store.models import Attempt, Campaign, Contact, WorkerBeat
from tests.conftest import fresh_database
from tests.dialer.records import KEYS, NOON, campaign_of
from tests.processes.entry import started

ACCOUNT, TOKEN = "AC" + "5" * 32, "a token for tests"
STARTING = 40.0  # seconds, on a machine that does other things as well
ENDING = 30.0  # a worker alone may take its longest create


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from fresh_database(request, "postgresql", tmp_path)


@contextmanager
def process(folder: Path, *arguments: str, database_url: str, api_root: str, **more: str) -> Iterator[BaseProcess]:
    """`toque` with these arguments, on a Monday noon in São Paulo; gone at the end of the block."""
    settings = {
        "HOME": str(folder / "var"), "DATABASE_URL": database_url, "TWILIO_API_ROOT": api_root,
        "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "CALLER_IDS": "+15005550006",
        "CALLER_NAME": "Horizonte", "SECRET_KEY": "test secret key", "HASH_KEY": "test hash key",
        "SPEECH_ENGINES": "", "RECORD": "off", "CLOCK_START": NOON.isoformat(), "CLOCK_EPOCH": str(time.time()),
    } | more  # fmt: skip
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("TOQUE_")}
    environment = quiet | {f"TOQUE_{name}": value for name, value in settings.items()}
    running = started(arguments, environment, folder, folder / "log")
    try:
        yield running
    finally:
        running.kill()
        running.join()


async def stopped(running: BaseProcess, log: Path, since: float) -> None:
    """It has ended by itself, soon, and without a word of a fault."""
    await asyncio.to_thread(running.join, ENDING)
    assert running.exitcode == 0, log.read_text()  # noqa: ASYNC240 - nothing else goes on
    assert "Traceback" not in log.read_text()  # noqa: ASYNC240
    assert time.monotonic() - since < ENDING


@pytest.mark.timeout(120)
async def test_a_web_process_that_is_told_to_stop_answers_the_turn_that_it_is_at(
    tmp_path: Path, sqlite_template: Path, loopback: None
) -> None:
    """On SQLite, where it is the worker as well. The turn waits for another program that writes to the file."""
    file = shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with process(
        tmp_path, "serve", "--port", str(port), database_url=f"sqlite+aiosqlite:///{file}", PUBLIC_URL=url,
        api_root="http://127.0.0.1:9",
    ) as web:  # fmt: skip
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            await _until_it_answers(client, url)
            writer = sqlite3.connect(file, isolation_level=None, timeout=20)
            writer.execute("BEGIN IMMEDIATE")
            asking = asyncio.create_task(_call_us(client, url))
            for _ in range(3):  # when a later request was answered, the earlier one is under way
                await asyncio.sleep(0.02)
                assert (await client.get(f"{url}/healthz")).status_code == 200
            assert not asking.done()
            began = time.monotonic()
            web.terminate()
            await asyncio.sleep(0.2)
            writer.execute("ROLLBACK")
            writer.close()
            answer = await asking
        await stopped(web, tmp_path / "log", began)
    assert answer.status_code == 200
    assert "<Gather" in answer.text


async def _until_it_answers(client: httpx.AsyncClient, url: str) -> None:
    async with asyncio.timeout(STARTING):
        while True:
            try:
                await client.get(f"{url}/healthz")
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
            else:
                return


async def _call_us(client: httpx.AsyncClient, url: str) -> httpx.Response:
    form = {"CallSid": "CA" + "7" * 32, "From": "+33639980011", "To": "+15005550006", "CallStatus": "ringing"}
    where = f"{url}/voice/inbound"
    signature = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(where, form)}
    return await client.post(where, data=form, headers=signature)


@pytest.mark.timeout(120)
async def test_a_worker_that_is_told_to_stop_puts_the_call_under_way_on_record_and_gives_back_the_rest(
    postgresql: str, redis_url: str, tmp_path: Path, loopback: None
) -> None:
    """One create is at the carrier, whose answer takes a second; two people wait for their turn in the second."""
    database, asked = Database(postgresql, KEYS), asyncio.Event()
    await campaign_of(database, 3)
    creates: list[bytes] = []

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        creates.append(await reader.readuntil(b"\r\n"))
        asked.set()
        await asyncio.sleep(1.0)
        body = json.dumps({"sid": f"CA{len(creates):032d}", "status": "queued"})
        head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    await _open_the_window(redis_url)
    carrier = await asyncio.start_server(slow, "127.0.0.1", 0)
    root = f"http://127.0.0.1:{carrier.sockets[0].getsockname()[1]}"
    with process(
        tmp_path, "work", database_url=postgresql, api_root=root, REDIS_URL=redis_url, CALLS_PER_SECOND="0.2"
    ) as worker:
        try:
            await asyncio.wait_for(asked.wait(), STARTING)
            began = time.monotonic()
            worker.terminate()
            await stopped(worker, tmp_path / "log", began)
        finally:
            carrier.close()
    async with database.read() as session:
        (made,) = await session.scalars(select(Attempt))
        found = {one.id: one.status for one in await session.scalars(select(Contact))}
        assert not list(await session.scalars(select(WorkerBeat)))
        assert all(until <= real_ms() for until in await session.scalars(select(Campaign.lease_until)))
    await database.close()
    assert len(creates) == 1
    assert (made.status, made.sid) == ("placed", f"CA{1:032d}")
    assert found.pop(made.contact_id) == "calling"
    assert list(found.values()) == ["waiting", "waiting"]


async def _open_the_window(redis_url: str) -> None:
    """It remembers that nothing was granted lately: an empty one would first be silent."""
    async with Redis.from_url(redis_url) as window:
        await window.flushall()
        await window.set(f"toque:{{cps:{ACCOUNT}}}:slot", 1)
