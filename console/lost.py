"""What is said where there is no page: a mistyped address, one that only takes forms, a page that broke, and any page
while the database is away.

Programs that ask for no HTML get the plain answer of the server, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from starlette.exceptions import HTTPException

from console.entrance import said
from console.guard import texts_of
from dialer.operation import Operation
from dialer.store.database import is_away

AWAY = (
    "The database does not answer. Nothing is dialled until it does, and then all goes on by itself."
    " See that its server runs, and TOQUE_DATABASE_URL."
)


def add_lost(app: FastAPI, op: Operation) -> None:
    """Pages in place of the server's own words."""
    telling = _telling(op)

    @app.exception_handler(HTTPException)
    async def nowhere(request: Request, fault: HTTPException) -> Response:
        if not _reads_pages(request):
            return PlainTextResponse(fault.detail, fault.status_code, headers=fault.headers)
        return telling(request, fault.status_code)

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, _fault: RequestValidationError) -> Response:
        return telling(request, 404)

    @app.exception_handler(Exception)
    async def broken(request: Request, fault: Exception) -> Response:
        """The server's log has the fault itself, without what was typed."""
        return telling(request, 503 if is_away(fault) else 500)


def _telling(op: Operation) -> Callable[[Request, int], Response]:
    def telling(request: Request, status: int) -> Response:
        say = texts_of(request, op.settings.time_zone)
        if status == 503:
            why = say(AWAY)
        elif status >= 500:
            why = say("This page broke. Look whether what you asked for was done before you ask again.")
        elif status in (404, 405):
            why = say("There is no page at this address. It may be mistyped, or was only the answer to a form.")
        else:
            why = say("This cannot be read. Go back and send it again.")
        return said(request, op, why, status)

    return telling


def _reads_pages(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers
