"""The wire between browsers and a server: it can be cut, and mended on the same port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BLOCK = 1 << 16


@dataclass(slots=True)
class Wire:
    """`root` is what browsers open instead of the server's own address."""

    server: str
    port: int = 0
    _listening: asyncio.Server | None = None
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def root(self) -> str:
        """The address on this end."""
        return f"http://127.0.0.1:{self.port}"

    async def mend(self) -> None:
        """Carry on; the port is the same as before."""
        self._listening = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Nothing gets through any more: what is open breaks off, and nothing new is taken."""
        if self._listening is not None:
            self._listening.close()
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = urlsplit(self.server)
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        self._ends |= {writer, far_writer}
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        self._ends -= {writer, far_writer}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(BLOCK):
            writer.write(block)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def wire_to(server: str) -> AsyncIterator[Wire]:
    """A wire that holds, until it is cut."""
    wire = Wire(server)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()
