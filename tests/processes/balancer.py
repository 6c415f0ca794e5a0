"""A load balancer for the web processes of a test: connections go to them by turns, past one that does not answer.

It moves bytes and reads none. `leave` takes a process out before it is told to stop, as a rolling restart does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 65536


class Balancer:
    """Behind one port: the ports of the web processes that are in."""

    def __init__(self, behind: list[int]) -> None:
        self._in = list(behind)
        self._turn = itertools.count()
        self._resting: dict[asyncio.StreamWriter, int] = {}  # whose last word was the server's: may be closed

    def enter(self, port: int) -> None:
        """Send connections there (again)."""
        if port not in self._in:
            self._in.append(port)

    def leave(self, port: int) -> None:
        """Send nothing there any more; connections that rest between two requests are closed."""
        self._in.remove(port)
        for writer in [one for one, there in self._resting.items() if there == port]:
            del self._resting[writer]
            writer.close()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        to_server: asyncio.StreamWriter | None = None
        try:
            port, from_server, to_server = await self._reach()
            ways = [
                asyncio.create_task(self._copy(reader, to_server, writer, None)),
                asyncio.create_task(self._copy(from_server, writer, writer, port)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            pass  # nobody is there: the caller sees its connection closed
        finally:
            self._resting.pop(writer, None)
            for one in (writer, to_server):
                if one is not None:
                    one.close()

    async def _reach(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        turn = next(self._turn)
        for n in range(len(self._in)):
            port = self._in[(turn + n) % len(self._in)]
            with suppress(OSError):
                return port, *(await asyncio.open_connection("127.0.0.1", port))
        raise ConnectionRefusedError("no web process answers")

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        client: asyncio.StreamWriter,
        port: int | None,
    ) -> None:
        while data := await reader.read(CHUNK):
            if port is None:
                self._resting.pop(client, None)
            to.write(data)
            await to.drain()
            if port is not None:
                self._resting[client] = port


@asynccontextmanager
async def balanced(port: int, behind: list[int]) -> AsyncIterator[Balancer]:
    """A balancer that listens on a port of this machine."""
    made = Balancer(behind)
    connections: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with suppress(asyncio.CancelledError):
            await made.carry(reader, writer)
        connections.discard(task)

    server = await asyncio.start_server(carry, "127.0.0.1", port)
    try:
        yield made
    finally:
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
