"""SQLite past SQLAlchemy. Statements are done on the loop's own thread: it is shorter than a change of threads, and
whoever else writes in this process has let go of the file before. One that another process holds is not waited for.

Changes that are asked for at the same moment are committed together: writing through to the disk costs most.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import URL

from dialer.store.driving.driver import Bare, Busy

Turn = Callable[[], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A change that somebody waits for."""

    statements: Sequence[str]
    values: Sequence[Sequence[Any]]
    changed: asyncio.Future[bool]


class SqliteDriver:
    """One connection beside SQLAlchemy's. `alone` gives the turn that all writers of this process wait for, and
    `taken` says whether anybody has it."""

    def __init__(self, url: URL, alone: Turn, taken: Callable[[], bool], pragmas: Sequence[str]) -> None:
        self._path = url.database or ""
        self._alone = alone
        self._taken = taken
        self._pragmas = pragmas
        self._open: sqlite3.Connection | None = None
        self._asked: list[_Asked] = []
        self._waiting: asyncio.Task[None] | None = None  # for the turn to write

    async def change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        """See Driver.change. Whoever is cancelled before it is done has changed nothing."""
        loop = asyncio.get_running_loop()
        one = _Asked(statements, values, loop.create_future())
        self._asked.append(one)
        if len(self._asked) == 1:
            loop.call_soon(self._begin)  # all who are ready in this moment have asked by then
        return await one.changed

    def _begin(self) -> None:
        if self._taken():
            self._waiting = asyncio.create_task(self._when_free())
        else:  # and nobody can take it before all is done: nothing is awaited meanwhile
            self._commit(self._all_asked())

    async def _when_free(self) -> None:
        try:
            async with self._alone():
                self._commit(self._all_asked())
        except TimeoutError as fault:
            for one in self._all_asked():
                one.changed.set_exception(fault)

    def _all_asked(self) -> list[_Asked]:
        asked, self._asked = self._asked, []
        return [one for one in asked if not one.changed.done()]

    def _commit(self, asked: Sequence[_Asked]) -> None:
        """All in one transaction; where one cannot be done at all, each in its own."""
        try:
            done = self._done(asked) if asked else []
        except Exception as fault:
            if len(asked) == 1 or isinstance(fault, Busy):
                for one in asked:
                    one.changed.set_exception(fault)
                return
            for one in asked:
                self._commit([one])
            return
        for one, changed in zip(asked, done, strict=True):
            one.changed.set_result(changed)

    def _done(self, asked: Sequence[_Asked]) -> list[bool]:
        """Whether each has changed anything; committed."""
        connection = self._open or self._opened()
        try:
            connection.execute("BEGIN IMMEDIATE")
            done = [_did(connection, one) for one in asked]
            if any(done):
                connection.execute("COMMIT")
            return done
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise  # the statement is wrong
            raise Busy from fault  # locked, full, not to be written to
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


def _did(connection: sqlite3.Connection, one: _Asked) -> bool:
    changed = connection.execute(one.statements[0], one.values[0]).rowcount == 1
    if changed:
        for statement, given in zip(one.statements[1:], one.values[1:], strict=True):
            connection.execute(statement, given)
    return changed


class _BareSqlite:
    """See Bare: done at once, on the loop's own thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        """See Bare.rows."""
        return self._connection.execute(statement.replace("$", "?"), values).fetchall()
