"""PostgreSQL past SQLAlchemy: a change is one statement, on a connection that stands ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.store.driving.driver import Bare, Busy

POOL = 8  # connections that wait for turns


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
            asyncpg.InsufficientResourcesError,
            asyncpg.PostgresSystemError,
            asyncpg.ReadOnlySQLTransactionError,
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
