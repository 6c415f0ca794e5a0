"""A request that was answered in its place is not answered a second time, whatever becomes of its own work."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from webhooks import patience
from webhooks.in_time import InTime, Reply


async def test_work_that_outlives_its_cancellation_answers_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LONGEST_NEWS", 0.02)
    sent: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    async def route(*_: object) -> Reply:
        with suppress(asyncio.CancelledError):  # as a driver may, whose connection ends under it
            await asyncio.sleep(10)
        return Reply("too late")

    await InTime(SimpleNamespace(calls={}), SimpleNamespace(), route).answer(["token", "status"], {}, send)  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    assert sent == ["http.response.start", "http.response.body"]
