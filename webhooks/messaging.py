"""Message webhooks: progress of what was sent. Signed as the voice webhooks are."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dialer import messaging
from dialer.operation import Operation
from webhooks.signature import SignatureCheck, read_form
from webhooks.writing import EMPTY


def messaging_router(op: Operation, check: SignatureCheck) -> APIRouter:
    """Routes under /messaging."""
    router = APIRouter()

    @router.post("/{token}/status", include_in_schema=False)
    async def status(token: str, request: Request) -> Response:
        """One status callback of a text message."""
        body = await request.body()
        scope = request.scope
        raw_path = scope.get("raw_path") or scope["path"].encode()
        if not check.accepts(
            raw_path=raw_path.split(b"?")[0], query=scope["query_string"], headers=dict(scope["headers"]), body=body
        ):
            return Response("signature does not fit", 403)
        form = dict(read_form(body))
        known = await messaging.heard(
            op,
            token,
            form.get("MessageStatus", ""),
            sid=form.get("MessageSid") or None,
            error=form.get("ErrorCode") or None,
        )
        return Response(EMPTY, 200 if known else 404, media_type="text/xml")

    return router
