"""The database's own driver, for the two hot paths - a common turn, a batch of intents: nothing else may pass
SQLAlchemy by.

On SQLite the statement is done on the loop's own thread: it is shorter than a change of threads, and whoever else
writes in this process has let go of the file before. A file that another process holds is not waited for.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

Turn = Callable[[], AbstractAsyncContextManager[None]]
POOL = 8  # PostgreSQL connections that wait for turns


class Busy(Exception):
    """Another process writes, or the connection was lost: take the way that waits and looks what was done."""


class Bare(Protocol):
    """An open transaction of the driver. Values stand in a statement as $1, $2 …"""

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        """Do one statement; what it returns, each row a tuple."""
        ...


class Driver(Protocol):
    """Does a change that is whole in itself: all of it is committed, or nothing."""

    def together(self) -> AbstractAsyncContextManager[Bare]:
        """A transaction, committed at the end of the block, rolled back when it raises.

        Busy, also for what the database refuses: nothing is done, but for a connection that was lost at the end.
        """
        ...

    async def change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        """Whether the first statement changed a row; only then the others are done. Busy: it may be done or not."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class SqliteDriver:
    """One connection beside SQLAlchemy's. `alone` gives the turn that all writers of this process wait for, and
    `taken` says whether anybody has it."""

    def __init__(self, url: URL, alone: Turn, taken: Callable[[], bool], pragmas: Sequence[str]) -> None:
        self._path = url.database or ""
        self._alone = alone
        self._taken = taken
        self._pragmas = pragmas
        self._open: sqlite3.Connection | None = None

    async def change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        """See Driver.change."""
        if not self._taken():  # and nobody can take it before the change is done: nothing is awaited meanwhile
            return self._change(statements, values)
        async with self._alone():
            return self._change(statements, values)

    def _change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        connection = self._open or self._opened()
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            raise Busy from fault
        try:
            changed = connection.execute(statements[0], values[0]).rowcount == 1
            if changed:
                for statement, given in zip(statements[1:], values[1:], strict=True):
                    connection.execute(statement, given)
                connection.execute("COMMIT")
            return changed
        finally:
            if connection.in_transaction:  # nothing was to be done, or it could not be
                connection.execute("ROLLBACK")

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Bare]:
        """See Driver.together."""
        async with self._alone():
            connection = self._open or self._opened()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield _BareSqlite(connection)
                connection.execute("COMMIT")
            except sqlite3.Error as fault:
                raise Busy from fault
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _opened(self) -> sqlite3.Connection:
        self._open = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in self._pragmas:
            self._open.execute(f"PRAGMA {pragma}")
        self._open.execute("PRAGMA busy_timeout=0")
        return self._open

    async def close(self) -> None:
        """See Driver.close."""
        if self._open is not None:
            self._open.close()
            self._open = None


class _BareSqlite:
    """See Bare: done at once, on the loop's own thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Bare.rows."""
        return self._connection.execute(statement.replace("$", "?"), values).fetchall()


class _BarePostgres:
    """See Bare."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Bare.rows."""
        found: Sequence[Any] = await self._connection.fetch(statement, *values)
        return found


class PostgresDriver:
    """A pool of bare asyncpg connections, opened when they are needed first."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._pool: Any = None
        self._opening = asyncio.Lock()

    async def change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        """See Driver.change: here it is a single statement, whose row says that something was changed."""
        (statement,), (given,) = statements, values
        import asyncpg

        try:
            pool = self._pool or await self._opened()
            async with pool.acquire() as connection:
                return await connection.fetchval(statement, *given) is not None
        except (
            asyncpg.PostgresConnectionError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,  # the server has just said farewell on it, and the line is not closed yet
            asyncpg.OperatorInterventionError,
            OSError,
        ) as lost:
            raise Busy from lost

    @asynccontextmanager
    async def together(self) -> AsyncIterator[Bare]:
        """See Driver.together."""
        import asyncpg

        try:
            pool = self._pool or await self._opened()
            async with pool.acquire() as connection, connection.transaction():
                yield _BarePostgres(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as fault:
            raise Busy from fault

    async def _opened(self) -> Any:
        import asyncpg

        async with self._opening:
            if self._pool is None:
                _, given = self._engine.dialect.create_connect_args(self._engine.url)
                known = {name: one for name, one in given.items() if not name.startswith("prepared_statement")}
                self._pool = await asyncpg.create_pool(**known, min_size=0, max_size=POOL, reset=_nothing)
            return self._pool

    async def close(self) -> None:
        """See Driver.close."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


async def _nothing(connection: Any) -> None:
    """No session state is ever set: there is none to be reset between two turns."""
