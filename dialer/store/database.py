"""Connections and transactions, on SQLite and PostgreSQL alike.

`read()` gives a consistent look, `survey()` one that may take long, `write()` a transaction that commits when its
block ends. On SQLite a writer takes the lock at once (BEGIN IMMEDIATE) and writers of one process queue for their
turn; short statements are done on the loop's own thread, surveys on another. `driver` is for the one statement that
passes SQLAlchemy by (turns.step).
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from dialer.store import sqlite_inline
from dialer.store.driving.driver import Driver
from dialer.store.driving.postgres import PostgresDriver
from dialer.store.driving.sqlite import SqliteDriver
from dialer.store.sealing import Keyring

T = TypeVar("T")

DEADLOCK_TRIES = 5
LOCK_SECONDS, LOCK_TRY_SECONDS, TURN_SECONDS = 15, 0.01, 60
RESTED_SECONDS = 1.0
CONNECT_SECONDS = 5.0  # a server that is there takes a connection in milliseconds
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


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
            here = make_url(url).set(drivername=sqlite_inline.NAME)
            self._writer = _sqlite_engine(here, begin="BEGIN IMMEDIATE", pool_size=1, wait_ms=0)
            self._reader = _sqlite_engine(here, begin="BEGIN", pool_size=8, wait_ms=200)
            self._surveyor = _sqlite_engine(make_url(url), begin="BEGIN", pool_size=2, wait_ms=LOCK_SECONDS * 1000)
            self.driver = SqliteDriver(make_url(url), self._alone, self._turn.locked, _PRAGMAS)
        else:
            self._writer = create_async_engine(
                url,
                pool_size=pool_size,
                max_overflow=pool_size,
                hide_parameters=True,
                connect_args={"timeout": CONNECT_SECONDS},
            )
            _tell_of_refusals(self._writer)
            _tell_of_farewells(self._writer)
            _try_when_idle(self._writer)
            self._reader = self._surveyor = self._writer
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
    async def survey(self) -> AsyncIterator[AsyncSession]:
        """As `read`, for what looks at many rows or streams them: nobody else waits for it meanwhile."""
        async with AsyncSession(self._surveyor, expire_on_commit=False, info={"keyring": self.keyring}) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        async with self._alone() if self.is_sqlite else nullcontext():
            made = AsyncSession(self._writer, expire_on_commit=False, info={"keyring": self.keyring})
            async with made as session, session.begin():
                if self.is_sqlite:
                    await _take_lock(session)
                yield session

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """This process's turn to write. TimeoutError: somebody writes endlessly, or waits for their own end."""
        async with asyncio.timeout(TURN_SECONDS):
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

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
        for engine in {self._writer, self._reader, self._surveyor}:
            await engine.dispose()


def lost_a_deadlock(error: DBAPIError) -> bool:
    """Whether the database ended this transaction so that another could go on: it may be tried again."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def _takes_nothing(error: DBAPIError) -> bool:
    """Whether PostgreSQL has no room, or stands by for another one (its classes 53 and 58, and 25006)."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return state[:2] in ("53", "58") or state == "25006"


def was_cut_off(error: DBAPIError) -> bool:
    """Whether the connection was lost under a transaction; on another one it may be tried again."""
    return error.connection_invalidated


def is_away(fault: BaseException) -> bool:
    """Whether a database that is gone, starting, locked, cut off, crowded, full or only to be read made this fail.

    Later it may succeed.
    """
    if isinstance(fault, DBAPIError):
        passing = lost_a_deadlock(fault) or was_cut_off(fault) or _takes_nothing(fault)
        return passing or isinstance(fault, OperationalError | InterfaceError)
    return isinstance(fault, OSError | PoolTimeout)


def _tell_of_refusals(engine: AsyncEngine) -> None:
    """A server that starts, stops or is full refuses connections in words of its own: as if nobody listened there."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connects(dialect: Any, _record: Any, given: Any, named: Any) -> Any:
        import asyncpg

        refusals = (
            asyncpg.PostgresConnectionError,
            asyncpg.OperatorInterventionError,
            asyncpg.InsufficientResourcesError,
        )
        try:
            return dialect.connect(*given, **named)
        except dialect.loaded_dbapi.Error as fault:  # SQLAlchemy's own words for it; the server's are its cause
            if isinstance(fault.__cause__, refusals):
                raise ConnectionRefusedError("the database takes no connections now") from fault
            raise


def _tell_of_farewells(engine: AsyncEngine) -> None:
    """A connection on which the server has said farewell, though it is not closed yet, is lost like a closed one."""

    @event.listens_for(engine.sync_engine, "handle_error")
    def _fails(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, engine.dialect.loaded_dbapi.InternalClientError):
            context.is_disconnect = True


def _try_when_idle(engine: AsyncEngine) -> None:
    """Whether the server is still there is asked before the use of a connection that rested, and of no other."""

    @event.listens_for(engine.sync_engine, "checkin")
    def _rests(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _is_used(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as fault:
            raise DisconnectionError from fault  # the pool opens another one


async def _take_lock(session: AsyncSession) -> None:
    """Begin to write. What another process is writing is waited for without holding anybody up."""
    latest = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            await session.connection()
            return
        except OperationalError as fault:
            if getattr(fault.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() > latest:
                raise
        await asyncio.sleep(LOCK_TRY_SECONDS)


def _sqlite_engine(url: URL, *, begin: str, pool_size: int, wait_ms: int) -> AsyncEngine:
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
        for pragma in (*_PRAGMAS, f"busy_timeout={wait_ms}"):
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
