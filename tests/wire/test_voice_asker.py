"""How the voice webhooks treat whoever asks: gone, too large, unsigned. No socket and no database."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import Response
from structlog.testing import capture_logs

from dialer.addresses import Addresses
from webhooks.signature import SignatureCheck
from webhooks.voice import BODY_LIMIT, VoiceApp
from webhooks.voicing import Voicing

ROOT = "https://ours.example"


async def ask(*messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that is sent back to one request made of these ASGI messages."""
    op: Any = SimpleNamespace(addresses=Addresses(ROOT), settings=SimpleNamespace(pay_connector=""))
    app = VoiceApp(Response(status_code=404), op, SignatureCheck(ROOT, "secret"), Voicing(None))
    coming, sent = iter(messages), []

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/voice/tok/conference", "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return sent


async def test_who_goes_away_before_the_end_of_a_request_is_not_called_a_forger() -> None:
    with capture_logs() as logs:
        sent = await ask(
            {"type": "http.request", "body": b"CallSid=CA", "more_body": True}, {"type": "http.disconnect"}
        )
    assert (sent, logs) == ([], [])


@pytest.mark.parametrize(("size", "status", "why"), [(BODY_LIMIT + 1, 413, "size"), (BODY_LIMIT, 403, "signature")])
async def test_refusals_say_why(size: int, status: int, why: str) -> None:
    with capture_logs() as logs:
        sent = await ask({"type": "http.request", "body": b"x" * size})
    assert sent[0]["status"] == status
    assert [(log["event"], log["why"], log["kind"]) for log in logs] == [("webhook_refused", why, "conference")]


async def test_a_body_without_end_is_read_only_to_the_limit() -> None:
    endless = [{"type": "http.request", "body": b"x" * BODY_LIMIT, "more_body": True} for _ in range(2)]
    assert (await ask(*endless))[0]["status"] == 413
