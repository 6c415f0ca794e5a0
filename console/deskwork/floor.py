"""The supervisors' floor: its page, its events, and the supervisor's part in a talk.

Names no debtor: a masked number leads to the person's page. What a supervisor does there is dialer/supervising's.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from console.deskwork.seats import seen
from console.frame import page, part, rendered
from console.guard import CHANGES, Guard, Visitor
from console.live import RETRY_MS, next_news
from console.pages import HEADERS
from dialer.errors import BadInput, NotFound, ToqueError
from dialer.operation import Operation
from dialer.store import users
from dialer.supervising import asking, telling
from dialer.supervising.asking import Wish

MAY_WATCH = (*CHANGES, "supervisor")
LOOK_SECONDS = 1.0  # real time between two looks when there is no news; the browser misses seven of them
MAY_LOOK_EVERY = 5.0  # real seconds: whoever is signed out, or moved to another scope, stops seeing


def floor_routes(op: Operation, guard: Guard) -> APIRouter:
    """/desk/floor: the page, its events, and the one act on it."""
    router = APIRouter(prefix="/desk/floor", include_in_schema=False)
    watches = Depends(guard.lets(*MAY_WATCH))

    @router.get("")
    async def whole(request: Request, visitor: Visitor = watches) -> Response:
        """The page."""
        return page(request, "desk/floor.html", visitor, **(await _page(op, visitor)))

    @router.get("/table")
    async def table(visitor: Visitor = watches) -> Response:
        """The part of it that changes by itself."""
        return part("desk/floor_table.html", visitor, **(await seen(op, visitor)))

    @router.get("/events")
    async def events(request: Request, visitor: Visitor = watches) -> Response:
        """The same as server-sent events, for as long as the viewer may look."""

        async def still() -> bool:
            now = await guard.visitor(request)
            return now is not None and (now.role, now.creditors) == (visitor.role, visitor.creditors)

        headers = {**HEADERS, "X-Accel-Buffering": "no"}  # proxies must not hold events back
        return StreamingResponse(stream(op, visitor, still), media_type="text/event-stream", headers=headers)

    @router.post("/supervise")
    async def supervise(request: Request, visitor: Visitor = watches) -> Response:
        """Listen, whisper, barge in or leave; the field `do` says which, and of which agent."""
        form = await request.form()
        via, fault, status = str(form.get("via", "")), "", 200
        try:
            await _do(op, visitor, str(form.get("do", "")), via)
        except ToqueError as error:
            fault = str(error)
            status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, BadInput) else 409
        if request.headers.get("hx-request"):
            values = await seen(op, visitor) | {"fault": fault}
            return part("desk/floor_table.html", visitor, status=status, **values)
        if fault:
            values = await _page(op, visitor) | {"fault": fault, "via": via}
            return page(request, "desk/floor.html", visitor, status=status, **values)
        return RedirectResponse("/desk/floor", status_code=303, headers=HEADERS)

    return router


async def _do(op: Operation, visitor: Visitor, what: str, via: str) -> None:
    mode, _, agent = what.partition(":")
    if mode == "leave":
        await asking.leave(op, visitor.user_id)
    elif agent.isdecimal() and len(agent) < 18:
        await asking.begin(op, Wish(visitor.user_id, int(agent), mode, via))
    else:
        raise BadInput("Choose an agent who is in a call, and what to do: listen, whisper or barge in")


async def _page(op: Operation, visitor: Visitor) -> dict[str, Any]:
    async with op.database.read() as session:
        user = await users.named(session, visitor.tenant_id, visitor.user_id)
    return await seen(op, visitor) | {"via": user.line or "", "kept": user.line, "speed": op.settings.clock_speed}


async def stream(op: Operation, visitor: Visitor, still: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
    """Events until the viewer may not look any more: the whole floor when it has changed, else a beat."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    shown, asked = "", time.monotonic()
    async with op.fanout.listen(telling.topic(visitor.tenant_id)) as news:
        while time.monotonic() - asked < MAY_LOOK_EVERY or await still():
            if time.monotonic() - asked >= MAY_LOOK_EVERY:
                asked = time.monotonic()
            values = await seen(op, visitor) | {"ticks": True}
            html = rendered("desk/floor_table.html", visitor, **values)
            yield _event(values["now"], html if html != shown else None)
            shown = html
            await next_news(news, within=LOOK_SECONDS)
    yield b"event: closed\ndata: {}\n\n"


def _event(now: datetime, html: str | None) -> bytes:
    name = "beat" if html is None else "state"
    body = {"now": int(now.timestamp() * 1000), **({} if html is None else {"html": html})}
    return f"event: {name}\ndata: ".encode() + orjson.dumps(body) + b"\n\n"
