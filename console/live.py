"""The desk as server-sent events: a snapshot whenever something has changed, else a beat every two seconds.

Every event carries the whole state, so a reconnecting browser has missed nothing that still matters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import orjson

from console.snapshot import Desk
from dialer.addresses import conference_name
from dialer.fanout import Fanout, News

BEAT_SECONDS = 2.0  # real time; the browser says "connection lost" after three of them
RETRY_MS = 1000
WHOLE_LOOK_EVERY = 5  # beats: own tasks and the sums of the day are in no mark

Look = Callable[[Desk | None], Awaitable[Desk | None]]
Show = Callable[[Desk], str]


async def stream(fanout: Fanout, look: Look, show: Show, *, works: bool = True) -> AsyncIterator[bytes]:
    """Events until `look` says None: the viewer may not look any more.

    `works`: this is the agent's own screen. What others look at is never asked whether it shows the card.

    `look` is given the desk as it was seen last when no news came since, so that it may find it unchanged at less
    cost; with news, and every few beats without, it is to look at everything.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    desk, shown = await look(None), ""
    while desk is not None:
        room = desk.leg_token  # a new shift has a new line, and its news another topic
        async with fanout.listen(topic(room)) as news:
            quiet = 0
            while desk is not None and desk.leg_token == room:
                html = show(desk)
                yield _event(desk, html if html != shown else None, works=works)
                shown = html
                quiet = 0 if await next_news(news, within=BEAT_SECONDS) else quiet + 1
                desk = await look(desk if quiet % WHOLE_LOOK_EVERY else None)
    yield b"event: closed\ndata: {}\n\n"


def topic(leg_token: str) -> str:
    """Where news of an agent's desk is published."""
    return f"desk:{conference_name(leg_token)}"


async def next_news(news: asyncio.Queue[News], *, within: float) -> bool:
    """Wait for something to look at, at most so many real seconds; several pieces are one look. Whether any came."""
    came = False
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await news.get()
            came = True
    while not news.empty():
        news.get_nowait()
    return came


def _event(desk: Desk, html: str | None, *, works: bool) -> bytes:
    packet = desk.card.packet_id if desk.card else 0
    body = {
        "packet": packet,
        "shown": not works or desk.card is None or desk.card.shown,
        "status": desk.status,
        "ages": desk.ages,
        **({} if html is None else {"html": html}),
    }
    name = "beat" if html is None else "snapshot"
    return f"id: {packet}.{desk.version}\nevent: {name}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
