"""A wire to the PostgreSQL server of a test that can be cut: what runs over it ends, and nobody listens any more."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url

PORT = 5432


@dataclass(slots=True)
class Wire:
    """`url` is the database's address over the wire."""

    server: URL
    folder: Path
    _listening: asyncio.Server | None = None
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The address for a Database."""
        over = self.server.set(host="", port=None, query={"host": str(self.folder), "port": str(PORT)})
        return over.render_as_string(hide_password=False)

    async def mend(self) -> None:
        """Let connections through, from now on."""
        self._listening = await asyncio.start_unix_server(self._passes, self.folder / f".s.PGSQL.{PORT}")

    async def cut(self) -> None:
        """End all that runs over it; whoever connects is refused."""
        if self._listening is not None:
            self._listening.close()
            (self.folder / f".s.PGSQL.{PORT}").unlink(missing_ok=True)
        for end in self._ends:
            end.close()
        self._ends.clear()

    async def _passes(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = self.server.query.get("host") or self.server.host
        port = int(str(self.server.query.get("port") or self.server.port or PORT))
        if str(host).startswith("/"):
            there, back = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            there, back = await asyncio.open_connection(str(host), port)
        self._ends |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(there, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while block := await reader.read(65536):
            writer.write(block)
    writer.close()


@asynccontextmanager
async def wire_to(database_url: str) -> AsyncIterator[Wire]:
    """A wire to that database, whole."""
    with tempfile.TemporaryDirectory(prefix="toque-wire-", dir="/tmp") as folder:
        wire = Wire(make_url(database_url), Path(folder))
        await wire.mend()
        try:
            yield wire
        finally:
            await wire.cut()
