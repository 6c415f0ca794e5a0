"""Business time, which a demo may speed up. HTTP time-outs, the CPS window and leases never use it."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What anything that waits or dates in business time is given."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait so many business seconds."""
        ...


class ScaledClock:
    """The wall clock, or one that started at `start` when the wall clock read `epoch` and runs `speed` times as fast.

    Processes that share `start` and `epoch` (seconds since 1970) agree on the time.
    """

    def __init__(self, *, speed: float = 1.0, start: datetime | None = None, epoch: float | None = None) -> None:
        self._speed = speed
        self._epoch = time.time() if epoch is None else epoch
        self._start = start.astimezone(UTC) if start else datetime.fromtimestamp(self._epoch, UTC)

    def now(self) -> datetime:
        """The present business instant."""
        return self._start + timedelta(seconds=(time.time() - self._epoch) * self._speed)

    def restart(self) -> None:
        """Begin again at the start instant, now. For one process alone: others keep the epoch that they share."""
        self._epoch = time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of business time: `seconds / speed` of real time."""
        await asyncio.sleep(max(0.0, seconds) / self._speed)


def real_ms() -> int:
    """Wall-clock milliseconds since 1970: for leases and cut-offs that simulated time must not touch."""
    return time.time_ns() // 1_000_000
