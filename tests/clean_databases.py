"""PostgreSQL databases that are lent to one test after another and emptied in between.

To make one from a template costs ten times what it costs to empty it. Nothing of one test reaches the next: no row,
no connection, no place of a sequence; a database whose tables or revision were changed, or that was used often, is
dropped.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

LOANS = 25  # deleted rows stay in the files; after so many loans a new database is the faster one
PATIENCE = 10.0  # seconds for connections to end that a test left open

_ENDED = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTIED = """
DO $$
DECLARE found record;
BEGIN
  SET LOCAL session_replication_role = replica;  -- rows go in any order: no foreign key is looked at
  FOR found IN
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE format('DELETE FROM %I', found.relname);
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence
  WHERE coalesce(pg_sequence_last_value(seqrelid), seqstart - 1) >= seqstart;
END $$
"""
_SHAPE = """
SELECT concat_ws(' ', max(made), count(*), (SELECT string_agg(version_num, ' ') FROM alembic_version)) FROM (
  SELECT xmin::text::bigint AS made FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT a.xmin::text::bigint FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace
) AS rows
"""


@dataclass(slots=True)
class _Lent:
    name: str
    connection: asyncpg.Connection
    shape: str
    loans: int = 0


class CleanDatabases:
    """Copies of `template` on `server` (an SQLAlchemy address), as many as are in use at one time."""

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._loop = asyncio.new_event_loop()
        self._idle: list[_Lent] = []
        self._admin: asyncpg.Connection = self._run(asyncpg.connect(_plain(server)))
        # From PostgreSQL 15 on a template is read page by page unless one asks for the way that is faster here.
        self._strategy = "STRATEGY FILE_COPY" if self._admin.get_server_version().major >= 15 else ""

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The address of an empty database, of which nobody else knows."""
        lent = self._idle.pop() if self._idle else self._run(self._made())
        try:
            yield with_database(self._server, lent.name)
        finally:
            self._run(self._back(lent))

    def close(self) -> None:
        """Drop what was made and end the connections."""
        while self._idle:
            self._run(self._dropped(self._idle.pop()))
        self._run(self._admin.close())
        self._loop.close()

    async def _made(self) -> _Lent:
        name = f"t_{secrets.token_hex(6)}"
        await self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} {self._strategy}")
        connection = await asyncpg.connect(_plain(with_database(self._server, name)))
        return _Lent(name, connection, await connection.fetchval(_SHAPE))

    async def _back(self, lent: _Lent) -> None:
        lent.loans += 1
        if lent.loans < LOANS and await self._emptied(lent.connection) == lent.shape:
            self._idle.append(lent)
        else:
            await self._dropped(lent)

    async def _emptied(self, connection: asyncpg.Connection) -> str | None:
        """What shape the database has now; None when it could not be emptied."""
        try:
            async with asyncio.timeout(PATIENCE):
                while await connection.fetchval(_ENDED):  # noqa: ASYNC110 - the server ends them
                    await asyncio.sleep(0.002)
            await connection.execute(_EMPTIED)
            return str(await connection.fetchval(_SHAPE))
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None

    async def _dropped(self, lent: _Lent) -> None:
        await lent.connection.close()
        await self._admin.execute(f"DROP DATABASE {lent.name} WITH (FORCE)")

    def _run(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(what)


def with_database(server: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")
