"""How far loads are, as server-sent events: each carries the whole state, so a reconnect loses nothing.

Looks at the database, where every process that loads leaves how far it is; a beat says that nothing changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import orjson
from fastapi.responses import StreamingResponse

from console.pages import HEADERS

LOOK_EVERY = 0.5  # real seconds, all of them; the loads themselves write as often
BEAT_SECONDS = 2.0  # the browser says "no connection" after three of them
RETRY_MS = 1000

Look = Callable[[], Awaitable[str | None]]


def live(look: Look) -> StreamingResponse:
    """Events of what `look` shows, as HTML, until it shows None: it is over, or the viewer may not look any more."""
    headers = {**HEADERS, "X-Accel-Buffering": "no"}  # proxies must not hold events back
    return StreamingResponse(events(look), media_type="text/event-stream", headers=headers)


async def events(look: Look) -> AsyncGenerator[bytes, None]:
    """The same as bytes."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    shown, said, wait = "", 0.0, LOOK_EVERY
    while (html := await look()) is not None:
        now = time.monotonic()
        if html != shown or now - said >= BEAT_SECONDS:
            name, body = ("beat", {}) if html == shown else ("state", {"html": html})
            yield f"event: {name}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
            wait = LOOK_EVERY if html != shown else BEAT_SECONDS  # nothing moves: look less often
            shown, said = html, now
        await asyncio.sleep(wait)
    yield b"event: closed\ndata: {}\n\n"
