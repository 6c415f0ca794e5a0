"""Server processes of benches, each told what to serve by one line of JSON.

/floor answers a constant at once; /cpu says how many CPU seconds this process has used; the rest is the subject.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from toque.logging import set_up_logging
from toque.settling import settled

PROGRAM = "from toque.bench.servers import main; main()"
FLOOR = b'<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'


def constant_before(app: ASGIApp) -> ASGIApp:
    """The application with the floor and the CPU clock in front of it."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        match scope.get("path"):
            case "/floor":
                await _answer(send, FLOOR, b"text/xml")
            case "/cpu":
                await _answer(send, repr(time.process_time()).encode(), b"text/plain")
            case _:
                await app(scope, receive, send)

    return dispatch


def carrier_stub() -> ASGIApp:
    """A carrier that takes every call and remembers none."""
    serial = itertools.count()

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        body = b'{"sid": "CA%032d", "status": "queued"}' % next(serial)
        await _answer(send, body, b"application/json", status=201)

    return take


async def serve(what: dict[str, Any]) -> None:
    """Serve until killed or told to stop; writes the port on standard output as soon as it answers."""
    async with _subject(what) as app, settled():
        config = uvicorn.Config(
            constant_before(app),
            port=0,
            log_level="error",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - the server offers no event
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await serving


@asynccontextmanager
async def _subject(what: dict[str, Any]) -> AsyncIterator[ASGIApp]:
    if what["serve"] == "stub":
        yield carrier_stub()
        return
    from dialer.settings import Settings  # a carrier has no use for these, and they take seconds to load
    from toque.app import build_app
    from toque.bench.crowd import NoonClock
    from toque.composition import operation

    async with operation(Settings(**what["settings"]), clock=NoonClock()) as op:
        yield build_app(op, None)


async def _answer(send: Send, body: bytes, kind: bytes, *, status: int = 200) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def served(what: dict[str, Any]) -> Iterator[int]:
    """A server process of its own; yields its port on this machine, and ends it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(what) + "\n")
        process.stdin.close()
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"the bench's server for {what['serve']} did not start: see its message above")
        yield int(port)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def main() -> None:
    """Serve what one line of JSON on standard input asks for. Nobody reads what it would say."""
    set_up_logging("CRITICAL")
    asyncio.run(serve(json.loads(sys.stdin.readline())))
