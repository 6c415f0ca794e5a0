"""The WebSocket of browsers, `/v1/client`: a token in the first message, then calls as JSON and sound as frames.

Says nothing about who is there before the token has been checked.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from local_carrier.clients.tokens import TokenRefused, identity_of

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

PATH = "/v1/client"
REGISTER_SECONDS = 10.0  # real time; who says nothing is let go
MOST_WAITING = 50  # frames, a second of sound: a slow network loses sound, not news
REFUSED = 4401
TOO_FAST = "the clock of this carrier runs faster than people speak; start it at speed 1"


class SocketOutbox:
    """What goes out to one browser, in order, by one task."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._items: deque[str | bytes | None] = deque()
        self._filled = asyncio.Event()

    def put(self, item: str | bytes) -> None:
        """Send text or a frame; a frame too many is dropped."""
        if isinstance(item, bytes) and len(self._items) >= MOST_WAITING:
            return
        self._items.append(item)
        self._filled.set()

    def close(self) -> None:
        """Send what is waiting, then close."""
        self._items.append(None)
        self._filled.set()

    async def run(self) -> None:
        """Send until closed or the browser is gone."""
        try:
            while True:
                self._filled.clear()
                while self._items:
                    item = self._items.popleft()
                    if item is None:
                        await self._socket.close()
                        return
                    await self._send(item)
                await self._filled.wait()
        except (WebSocketDisconnect, RuntimeError):
            return  # the reader notices as well, and detaches

    async def _send(self, item: str | bytes) -> None:
        if isinstance(item, bytes):
            await self._socket.send_bytes(item)
        else:
            await self._socket.send_text(item)


async def client_socket(socket: WebSocket) -> None:
    """One browser, from its registration to the end of its socket."""
    exchange: Exchange = socket.app.state.exchange
    await socket.accept()
    try:
        identity = await _identity(socket, exchange)
    except WebSocketDisconnect:
        return
    except TokenRefused as refused:
        await socket.send_text(json.dumps({"type": "refused", "why": str(refused)}))
        await socket.close(REFUSED)
        return
    device = exchange.clients.device(identity)
    outbox = SocketOutbox(socket)
    sending = asyncio.create_task(outbox.run())
    device.attach(outbox)
    try:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            if not device.holds(outbox):
                continue
            if frame := message.get("bytes"):
                device.hears(frame)
            else:
                device.does(_read(message.get("text")))
    finally:
        device.detach(outbox)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _identity(socket: WebSocket, exchange: Exchange) -> str:
    try:
        first = await asyncio.wait_for(socket.receive(), REGISTER_SECONDS)
    except TimeoutError:
        raise TokenRefused("nothing was said; send {type: register, token: …} first") from None
    if first["type"] == "websocket.disconnect":
        raise WebSocketDisconnect
    if not exchange.config.real_time:
        raise TokenRefused(TOO_FAST)
    return identity_of(_read(first.get("text")).get("token"), exchange.config)


def _read(text: str | None) -> dict[str, Any]:
    """A message; what is none says nothing."""
    try:
        said = json.loads(text or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
