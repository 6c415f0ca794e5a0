"""Connections and transactions, on SQLite and PostgreSQL alike.

`read()` gives a consistent look, `write()` a transaction that commits when its block ends. On SQLite a writer
takes the lock at once (BEGIN IMMEDIATE) and writers of one process queue for their turn. `driver` is for the one
statement that passes SQLAlchemy by (turns.step).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from dialer.store.driving import Driver, PostgresDriver, SqliteDriver
from dialer.store.sealing import Keyring

T = TypeVar("T")

DEADLOCK_TRIES = 5
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000")


class Database:
    """One database and the keys to its sealed fields."""

    def __init__(self, url: str, keyring: Keyring, *, pool_size: int = 10) -> None:
        self.url = url
        self.keyring = keyring
        self.is_sqlite = url.startswith("sqlite")
        self._turn = asyncio.Lock()
        self.driver: Driver
        if self.is_sqlite:
            _make_folder(url)
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1)
            self._reader = _sqlite_engine(url, begin="BEGIN", pool_size=4)
            self.driver = SqliteDriver(make_url(url), self._turn, _PRAGMAS)
        else:
            self._writer = create_async_engine(
                url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
            )
            self._reader = self._writer
            self.driver = PostgresDriver(self._writer)

    @property
    def engine(self) -> AsyncEngine:
        """The writing engine (migrations and tests)."""
        return self._writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for looking only; nothing is committed."""
        async with AsyncSession(self._reader, expire_on_commit=False, info={"keyring": self.keyring}) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        made = AsyncSession(self._writer, expire_on_commit=False, info={"keyring": self.keyring})
        async with self._turn if self.is_sqlite else nullcontext(), made as session, session.begin():
            yield session

    async def committed(self, act: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What `act` gives, in a transaction of its own; done anew when the database ended it for another's sake.

        For what must not be lost to a moment's crowding, such as an opt-out by hand.
        """
        for left in range(DEADLOCK_TRIES - 1, -1, -1):
            try:
                async with self.write() as session:
                    return await act(session)
            except DBAPIError as error:
                if not left or not lost_a_deadlock(error):
                    raise
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Close all connections."""
        await self.driver.close()
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def lost_a_deadlock(error: DBAPIError) -> bool:
    """Whether the database ended this transaction so that another could go on: it may be tried again."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _make_folder(url: str) -> None:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
