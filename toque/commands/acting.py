"""Runs one act on a whole operation and closes everything after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dialer.operation import Operation
from dialer.settings import Settings
from toque.composition import operation
from toque.logging import set_up_logging

T = TypeVar("T")


def act(what: Callable[[Operation], Awaitable[T]], *, settings: Settings | None = None) -> T:
    """What the act returns; logs go to standard error."""

    async def run() -> T:
        async with operation(chosen) as op:
            return await what(op)

    chosen = settings or Settings()
    set_up_logging("WARNING")
    return asyncio.run(run())
