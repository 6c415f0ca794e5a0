"""Waiting for one of two things at once, without leaving anything running behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until(event: asyncio.Event, meanwhile: Coroutine[Any, Any, None]) -> bool:
    """Run `meanwhile` until the event is set or it ends; True when the event came. Its exceptions are raised."""
    work = asyncio.ensure_future(meanwhile)
    signal = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({work, signal}, return_when=asyncio.FIRST_COMPLETED)
        if work.done() and not signal.done():
            work.result()
            return False
        return True
    finally:
        signal.cancel()
        if not work.done():
            work.cancel()
        await asyncio.gather(work, signal, return_exceptions=True)
