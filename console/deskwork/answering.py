"""What the desk's own requests are answered when there is nothing to draw: done, refused, or called."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

from console import pages
from console.wording import Words
from dialer import calling
from dialer.calling import Order
from dialer.errors import NotFound, ToqueError
from dialer.operation import Operation
from dialer.rules.gate import Deny

TEXT = "text/plain; charset=utf-8"


def done(words: str) -> Response:
    """It was done; headers are Latin-1: the words go percent-encoded."""
    return Response(status_code=204, headers={**pages.HEADERS, "X-Toque-Said": quote(words)})


def fault(error: ToqueError, words: Words) -> Response:
    """It was not done, and why."""
    status = 404 if isinstance(error, NotFound) else 409
    return Response(words.told(str(error)), status, headers=pages.HEADERS, media_type=TEXT)


async def called(op: Operation, order: Order, words: Words) -> Response:
    """Call by hand; the gate's no is an answer. Raises ToqueError when the agent or the person is not free."""
    said = await calling.call(op, order)
    if isinstance(said, Deny):
        return Response(words.told(calling.refusal(said)), 409, headers=pages.HEADERS, media_type=TEXT)
    return done(words("calling"))
