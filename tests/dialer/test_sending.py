"""What each fault of a real connection proves: a create is asked again only where no request can have arrived."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from dialer.carrier.client import Accepted, CallRequest, Carrier, NoAnswer, Rejected
from dialer.carrier.sending import Sending
from dialer.rules.clearance import StaffLine
from dialer.settings import Settings

SID = "CA" + "1" * 32
MADE = b'{"sid": "' + SID.encode() + b'", "status": "queued"}'
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


pytestmark = pytest.mark.usefixtures("loopback")


class Site(Carrier):
    """Our end of the wire to a port of this machine."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        account: dict[str, Any] = {
            "twilio_account_sid": "AC" + "5" * 32, "twilio_auth_token": "secret", "http_timeout": 0.5,
        }  # fmt: skip
        super().__init__(Settings(_env_file=None, twilio_api_root=self.root, **account))


@asynccontextmanager
async def site(serve: Serve) -> AsyncIterator[tuple[Site, list[bytes]]]:
    """A carrier whose connections are answered so, and the requests that arrived."""
    arrived: list[bytes] = []
    hearing: set[asyncio.Future[None]] = set()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hearing.add(asyncio.ensure_future(writer.wait_closed()))
        while (head := await _request(reader)) and not writer.is_closing():
            arrived.append(head)
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    carrier = Site(server.sockets[0].getsockname()[1])
    yield carrier, arrived
    await carrier.close()
    server.close()
    await asyncio.gather(*hearing)


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""
    length = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:"))
    return head + await reader.readexactly(length)


async def ask(carrier: Carrier) -> object:
    return await carrier.create_call(CallRequest("+5511999990100", "+15005550006", "u", "s", StaffLine(1)))


async def closes(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def stops_in_the_middle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    await writer.drain()
    writer.close()


async def talks_nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SIP/2.0 200 OK\r\n\r\n")
    writer.close()


async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def takes(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(MADE) + MADE
    )


@pytest.mark.parametrize("serve", [closes, resets, stops_in_the_middle, talks_nonsense, says_nothing])
async def test_a_connection_lost_after_the_request_proves_nothing_and_is_not_tried_again(
    serve: Serve,
) -> None:
    async with site(serve) as (carrier, arrived):
        assert isinstance(await ask(carrier), NoAnswer)
        assert len(arrived) == 1, "a second request may be a second call"


async def test_one_that_is_lost_on_a_kept_connection_is_not_tried_again_either() -> None:
    served = iter((takes, closes))

    async def first_takes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(served)(reader, writer)

    async with site(first_takes) as (carrier, arrived):
        assert await ask(carrier) == Accepted(SID, "queued")
        assert isinstance(await ask(carrier), NoAnswer)
        assert len(arrived) == 2


async def test_where_nobody_listens_nothing_was_created(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        return None

    monkeypatch.setattr("dialer.carrier.client.asyncio.sleep", at_once)
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    carrier = Site(port)
    assert await ask(carrier) == Rejected(0, "no connection to the carrier (ConnectError)", busy=True)
    await carrier.close()


async def test_what_httpx_has_written_arrives_as_it_is() -> None:
    async with (
        site(takes) as (carrier, arrived),
        httpx.AsyncClient(transport=Sending(ssl.create_default_context(), connections=1), trust_env=False) as client,
    ):
        form = {"To": "+1", "E": ["x", "y"]}
        answer = await client.post(f"{carrier.root}/a%2Fb?To=%2B1", data=form, auth=("u", "p"))
    assert (answer.status_code, answer.json()["sid"]) == (201, SID)
    head, _, body = arrived[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%2Fb?To=%2B1 HTTP/1.1")
    assert body == b"To=%2B1&E=x&E=y"
    for name in (b"host", b"user-agent", b"accept", b"content-type", b"content-length", b"authorization"):
        assert head.lower().count(b"\r\n" + name + b":") == 1
