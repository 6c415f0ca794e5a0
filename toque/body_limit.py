"""How much anybody may send us: a limit for every route, before anything reads a body or asks who sent it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 64 * 1024  # bytes; the longest lawful request is a carrier's form of a few kilobytes
RECORDS, RECORDS_LIMIT = "/api/v1/lists/", 512 * 1024  # a thousand records of a creditor's system
_HEADERS = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
_TOO_LONG = b'{"title": "Too long", "status": 413, "detail": "A request may have 64 KB; send less"}'


class BodyLimit:
    """ASGI middleware: a longer body is answered with 413 and read no further."""

    def __init__(self, app: ASGIApp, limit: int = LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: its whole body is at hand before the application sees it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = max(self._limit, RECORDS_LIMIT) if scope["path"].startswith(RECORDS) else self._limit
        if _announced(scope) > limit:
            await _refuse(send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await _refuse(send)
                return
        await self._app(scope, _again(body, receive), send)


def _again(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _announced(scope: Scope) -> int:
    """The length that the headers give; what they do not give, or give wrongly, is counted as it comes."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:18])
    return 0


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _TOO_LONG})
