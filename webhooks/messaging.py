"""Message webhooks: progress of what was sent, and what people text us. Signed as the voice webhooks are.

What cannot be put on record because the database is away is answered with 503, so that the carrier tells it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import HTTPException
from sqlalchemy.exc import SQLAlchemyError

from dialer.operation import Operation
from dialer.store.database import is_away
from dialer.texts import messaging, replying
from webhooks import counting, patience, reading
from webhooks.signature import SignatureCheck, read_form
from webhooks.writing import EMPTY, texted

log = structlog.get_logger("toque.messaging")

T = TypeVar("T")


def messaging_router(op: Operation, check: SignatureCheck) -> APIRouter:
    """Routes under /messaging."""
    router = APIRouter()

    async def signed(request: Request) -> dict[str, str]:
        """The form of a request that the carrier has signed."""
        body = await request.body()
        scope = request.scope
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if not check.accepts(
            raw_path=raw_path.split(b"?")[0], query=scope["query_string"], headers=dict(scope["headers"]), body=body
        ):
            raise HTTPException(403, "signature does not fit")
        return dict(read_form(body))

    @router.post("/inbound", include_in_schema=False)
    async def inbound(form: dict[str, str] = Depends(signed)) -> Response:
        """One text message to a number of ours."""
        text = reading.incoming_text(form)
        if text is None:
            return Response("a message without a sid or a sender", 400)
        reply = await _recorded(partial(replying.receive, op, text))
        document = texted(reply.body, op.addresses.message_status(reply.token)) if reply else EMPTY
        return Response(document, media_type="text/xml")

    @router.post("/{token}/status", include_in_schema=False)
    async def status(token: str, form: dict[str, str] = Depends(signed)) -> Response:
        """One status callback of a text message."""
        sid, error = form.get("MessageSid") or None, form.get("ErrorCode") or None
        word = form.get("MessageStatus", "")
        known = await _recorded(partial(messaging.heard, op, token, word, sid=sid, error=error))
        return Response(EMPTY, 200 if known else 404, media_type="text/xml")

    return router


async def _recorded(act: Callable[[], Awaitable[T]]) -> T:
    try:
        return await patience.patiently(act, patience.NEWS)
    except (SQLAlchemyError, OSError) as fault:
        if not is_away(fault):
            raise
        todo = "see that the database answers: /readyz"
        log.error("webhook_failed", kind="message", fault=type(fault).__name__, todo=todo)
        counting.refused(spoken=False)
        raise HTTPException(503, "not on record: tell it again") from None
