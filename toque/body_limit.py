"""How much anybody may send us: a limit for every route, before anything reads a body or asks who sent it."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 64 * 1024  # bytes; the longest lawful request is a carrier's form of a few kilobytes
RECORDS, RECORDS_LIMIT = "/api/v1/lists/", 512 * 1024  # a thousand records of a creditor's system
# Where people hand files in.
FILES = re.compile(r"/lists/(new|\d+/(update|withdraw|payments|return))|/rules/do-not-call/import")
FORM = 64 * 1024  # what a form brings beside its file
# Where the text of a flow is typed: 200 kB, which as a form are some times as many.
TEXTS, TEXTS_LIMIT = re.compile(r"/flows/(new|(own/)?[^/]+/(text|save|call))"), 1024 * 1024
_HEADERS = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
_TOO_LONG = (
    b'{"title": "Too long", "status": 413, "detail": "A request may have 64 KB, and a file what TOQUE_LIST_MEGABYTES'
    b' says; send less"}'
)


class BodyLimit:
    """ASGI middleware: a longer body is answered with 413 and read no further; a WebSocket is refused."""

    def __init__(self, app: ASGIApp, limit: int = LIMIT, files: int = 0) -> None:
        self._app = app
        self._limit = limit
        self._files = files + FORM

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: its whole body is at hand before the application sees it."""
        if scope["type"] == "websocket":  # nothing of ours speaks it, and its messages have no length beforehand
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and (most := self._to_pass(scope["path"])):
            await self._pass(most, scope, receive, send)
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

    def _to_pass(self, path: str) -> int:
        """The most that goes through unread on this path; 0: the body is read here."""
        return self._files if FILES.fullmatch(path) else TEXTS_LIMIT if TEXTS.fullmatch(path) else 0

    async def _pass(self, most: int, scope: Scope, receive: Receive, send: Send) -> None:
        """It goes through as it comes, after the application has asked who sends it; nothing is kept here."""
        come = 0

        async def counted() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                raise _TooMuch
            return message

        if _announced(scope) > most:
            await _refuse(send)
            return
        try:
            await self._app(scope, counted, send)
        except _TooMuch:
            await _refuse(send)


class _TooMuch(Exception):
    """More has come than was announced."""


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
