"""A browser at the carrier's WebSocket, spoken to as a server does (ASGI), without sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import jwt
import numpy as np

from local_carrier.clients.socket import PATH
from local_carrier.clients.tokens import signing_secret
from local_carrier.lines.outlet import FRAME_SAMPLES
from tests.local_carrier.world import World

LOUD = (8000 * np.sin(2 * np.pi * 300 * np.arange(FRAME_SAMPLES) / 8000)).astype("<i2").tobytes()
QUIET = bytes(2 * FRAME_SAMPLES)


def token(world: World, identity: str = "rita", *, key: str = "", **changes: Any) -> str:
    """A token as the vendor's SDK makes it, with some claims changed (None: left out)."""
    account = world.exchange.config.account_sid
    claims: dict[str, Any] = {
        "iss": account, "sub": account, "exp": 4_000_000_000,
        "grants": {"identity": identity, "voice": {"incoming": {"allow": True}}},
    }  # fmt: skip
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(claims, key or signing_secret(world.exchange.config), algorithm="HS256")


class Headset:
    """One browser's end of the wire: what came in, and what it sends."""

    def __init__(self, world: World) -> None:
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        self.frames: list[bytes] = []
        self.closed: int | None = None
        scope = {
            "type": "websocket", "path": PATH, "raw_path": PATH.encode(), "query_string": b"", "headers": [],
            "subprotocols": [], "scheme": "ws", "app": world.app,
        }  # fmt: skip
        self._out.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(world.app(scope, self._out.get, self._take))

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.closed = message.get("code", 1000)
        elif message.get("bytes") is not None:
            self.frames.append(message["bytes"])
        elif message.get("text"):
            self.told.append(json.loads(message["text"]))

    def send(self, what: object) -> None:
        sent = {"bytes": what} if isinstance(what, bytes) else {"text": json.dumps(what)}
        self._out.put_nowait({"type": "websocket.receive", **sent})

    async def register(self, token: object) -> None:
        self.send({"type": "register", "token": token})
        await self.until(lambda: bool(self.told) or self.closed is not None)

    @property
    def call(self) -> dict[str, Any] | None:
        states = [one["call"] for one in self.told if one["type"] == "state"]
        return states[-1] if states else None

    async def accept(self) -> None:
        await self.until(lambda: self.call is not None and self.call["status"] == "ringing")
        self.act("accept")
        await self.until(lambda: self.call is not None and self.call["status"] == "open")

    def act(self, kind: str, **more: object) -> None:
        assert self.call is not None
        self.send({"type": kind, "call": self.call["id"], **more})

    @property
    def captions(self) -> list[str]:
        return [one["words"] for one in self.told if one["type"] == "caption"]

    @property
    def loud(self) -> list[bytes]:
        return [one for one in self.frames if any(one)]

    async def until(self, so: Callable[[], bool], *, seconds: float = 30.0) -> None:
        async with asyncio.timeout(seconds):
            while not so():  # noqa: ASYNC110 - what arrives has no event of its own
                await asyncio.sleep(0.001)

    async def lose(self) -> None:
        """The network is gone."""
        self._out.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self._task


async def registered(world: World, identity: str = "rita") -> Headset:
    made = Headset(world)
    await made.register(token(world, identity))
    return made


async def on_a_call(world: World, document: str, identity: str = "rita") -> Headset:
    """A browser that has accepted a call with this TwiML."""
    world.customer.pages[f"/{identity}"] = f"<Response>{document}</Response>"
    made = await registered(world, identity)
    await world.call(f"client:{identity}", Url=f"http://customer.example:8080/{identity}")
    await world.settle()
    await made.accept()
    return made
