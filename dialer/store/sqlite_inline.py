"""SQLite on the event loop's own thread: for statements that are shorter than a change of threads.

After each statement everybody else has their turn, as if a thread had done it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import await_only

NAME = "sqlite+inline"


class InlineCursor(sqlite3.Cursor):
    """A cursor whose rows are at hand: there is nothing to be fetched before it is read."""

    async def _async_soft_close(self) -> None:
        """What SQLAlchemy asks of a cursor of coroutines before its rows are read without waiting."""


class InlineConnection(sqlite3.Connection):
    """A connection with such cursors."""

    def cursor(self, factory: Any = InlineCursor) -> Any:
        """See sqlite3.Connection."""
        return super().cursor(factory)


class Inline(SQLiteDialect_pysqlite):
    """The standard library's driver, asked by coroutines."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True

    @classmethod
    def get_pool_class(cls, url: Any) -> type[AsyncAdaptedQueuePool]:
        """Coroutines wait for a connection."""
        return AsyncAdaptedQueuePool

    def create_connect_args(self, url: Any) -> Any:
        """See SQLAlchemy's Dialect."""
        args, options = super().create_connect_args(url)
        return args, {**options, "factory": InlineConnection}

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """See SQLAlchemy's Dialect."""
        cursor.execute(statement, parameters)
        await_only(asyncio.sleep(0))

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        """See SQLAlchemy's Dialect."""
        cursor.executemany(statement, parameters)
        await_only(asyncio.sleep(0))

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:
        """See SQLAlchemy's Dialect."""
        cursor.execute(statement)
        await_only(asyncio.sleep(0))


registry.register("sqlite.inline", __name__, "Inline")
