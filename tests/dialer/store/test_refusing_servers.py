"""A PostgreSQL server that is there and takes no connections is away, like one where nobody listens."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dialer.store.database import Database, is_away
from dialer.store.sealing import Keyring

SSL_REQUEST = 80877103


async def refused(code: str, words: str) -> BaseException:
    """What a look raises when the server says this to everybody who comes."""
    fields = b"".join(name + value.encode() + b"\0" for name, value in ((b"S", "FATAL"), (b"C", code), (b"M", words)))

    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readexactly(8)
        if int.from_bytes(asked[4:], "big") == SSL_REQUEST:
            writer.write(b"N")
            asked = await reader.readexactly(8)
        await reader.readexactly(int.from_bytes(asked[:4], "big") - 8)
        writer.write(b"E" + (len(fields) + 5).to_bytes(4, "big") + fields + b"\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuses, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql+asyncpg://u:p@127.0.0.1:{port}/d", Keyring("a", "b"))
    try:
        async with database.read() as session:
            await session.execute(text("SELECT 1"))
    except (DBAPIError, OSError) as fault:
        return fault
    finally:
        await database.close()
        server.close()
        await server.wait_closed()
    raise AssertionError("nobody was refused")


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(
    ("code", "words", "away"),
    [
        ("57P03", "the database system is starting up", True),
        ("57P03", "the database system is shutting down", True),
        ("57P01", "terminating connection due to administrator command", True),
        ("53300", "sorry, too many clients already", True),
        ("28P01", "password authentication failed", False),
        ("3D000", "database does not exist", False),
    ],
)
async def test_a_server_that_takes_nobody_now_is_away(code: str, words: str, away: bool) -> None:
    assert is_away(await refused(code, words)) is away
