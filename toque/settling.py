"""Sets aside what lives as long as the process, so that no collection of garbage looks at it again.

A full collection stops everything else for as long as it takes: 70 to 220 ms for the 300,000 objects of a web process
that has shown its desks, longer than a caller's card may take. What is set aside is never freed: some garbage of the
first hour stays, a few megabytes at most.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AFTER = (5.0, 25.0, 270.0, 3300.0)  # seconds between: much is loaded only when it is needed first


@asynccontextmanager
async def settled() -> AsyncIterator[None]:
    """Around the life of a process that answers or dials."""
    gc.collect()
    gc.freeze()
    task = asyncio.create_task(_as_it_grows())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _as_it_grows() -> None:
    for seconds in AFTER:
        await asyncio.sleep(seconds)
        gc.freeze()
