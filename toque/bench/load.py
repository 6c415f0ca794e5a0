"""A small load generator: prepared HTTP/1.1 requests over kept connections to this machine."""

from __future__ import annotations

import asyncio
import base64
import hmac
from collections.abc import Sequence
from urllib.parse import urlencode

CONNECTIONS = 8

Answer = tuple[int, bytes]


def post(port: int, path: str, form: dict[str, str], *, secret: str, public_url: str) -> bytes:
    """One signed webhook request, ready to be sent."""
    signed = public_url + path + "".join(name + form[name] for name in sorted(form))
    signature = base64.b64encode(hmac.digest(secret.encode(), signed.encode(), "sha1")).decode()
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get(port: int, path: str) -> bytes:
    """One plain request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


async def send(port: int, scripts: Sequence[Sequence[bytes]], *, connections: int = CONNECTIONS) -> list[Answer]:
    """Send scripts, each in its own order on one connection, several at once; the answers (status, body)."""
    waiting = list(reversed(scripts))
    answers: list[Answer] = []

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            for request in waiting.pop():
                writer.write(request)
                answers.append(await read_answer(reader))
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(work() for _ in range(min(connections, len(scripts)))))
    return answers


async def cpu_seconds(port: int) -> float:
    """CPU time that the server process has used, all threads."""
    ((_, body),) = await send(port, [[get(port, "/cpu")]])
    return float(body)


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The next answer of a kept connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)  # none with 204
    return int(head[9:12]), await reader.readexactly(length)
