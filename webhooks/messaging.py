"""Message webhooks: progress of what was sent, and what people text us. Signed as the voice webhooks are."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import HTTPException

from dialer.operation import Operation
from dialer.texts import messaging, replying
from webhooks import reading
from webhooks.signature import SignatureCheck, read_form
from webhooks.writing import EMPTY, texted


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
        reply = await replying.receive(op, text)
        document = texted(reply.body, op.addresses.message_status(reply.token)) if reply else EMPTY
        return Response(document, media_type="text/xml")

    @router.post("/{token}/status", include_in_schema=False)
    async def status(token: str, form: dict[str, str] = Depends(signed)) -> Response:
        """One status callback of a text message."""
        known = await messaging.heard(
            op,
            token,
            form.get("MessageStatus", ""),
            sid=form.get("MessageSid") or None,
            error=form.get("ErrorCode") or None,
        )
        return Response(EMPTY, 200 if known else 404, media_type="text/xml")

    return router
