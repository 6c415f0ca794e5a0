"""The account-wide CPS window: one atomic grant per call, never more than the cap in any sliding second.

Grants follow an absolute schedule (a slot each 1/cap seconds) with at most two slots and BACKLOG_SECONDS of backlog:
a late wake-up is made good without a burst. Three calls at once and three more a second later would arrive within one
second as soon as one of them travels longer. Losing the window's memory costs a second of silence, never a burst.
No fraction of a call fits into a second: a cap of 2.5 is kept as 2; one below 1 is one call in 1/cap seconds.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import structlog

from dialer.clock import real_ms

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger("toque.limits")

BACKLOG_SLOTS, BACKLOG_SECONDS = 2, 0.05
AWAY_SECONDS = 1.0
LOOK_SECONDS = 1.0  # real time; one look at whether the window's server answers
LOOK_UP_SECONDS = 0.5  # how long a stopping worker may take to notice that it need not wait any more


class CpsWindow(Protocol):
    """Asks for one grant; the answer is 0.0 (granted now) or the seconds after which to ask again."""

    async def away_since(self) -> int | None:
        """Since when it cannot be reached (wall-clock ms), looked at now; None: it can."""
        ...

    async def ask(self) -> float:
        """Seconds to wait before asking again; 0.0 means that one call may start now."""
        ...


async def grant(window: CpsWindow) -> None:
    """Wait until the window grants one call."""
    while (wait := await window.ask()) > 0:  # noqa: ASYNC110 - the window may be in another process
        await asyncio.sleep(wait)


class Closed(TimeoutError):
    """The worker stops: nobody waits for a grant any more, like one whose patience has ended."""


class UntilStopped:
    """A window that closes when its worker stops, so that nothing new begins and nobody waits on."""

    def __init__(self, window: CpsWindow, stopping: asyncio.Event) -> None:
        self._window = window
        self._stopping = stopping

    async def ask(self) -> float:
        """See CpsWindow.ask. Raises Closed once the worker stops."""
        if self._stopping.is_set():
            raise Closed
        return min(await self._window.ask(), LOOK_UP_SECONDS)

    async def away_since(self) -> int | None:
        """See CpsWindow.away_since."""
        return await self._window.away_since()


def whole(cap: float) -> float:
    """The cap that any sliding second can keep: calls per second."""
    return cap if cap < 1 else float(math.floor(cap))


def lasts(cap: float) -> float:
    """How old a grant may be when its call leaves (seconds): so no second sees more than the cap, a tenth and one."""
    kept = whole(cap)
    return 1 / kept - 1 if kept < 1 else math.floor(kept / 10 + 1) / kept


def backlog(cap: float) -> float:
    """By how many seconds a grant may make good that the one before it was late; `cap` as `whole` gives it."""
    return min(BACKLOG_SLOTS / cap, BACKLOG_SECONDS)


class LocalWindow:
    """The window of a single process. `now` is a monotonic clock in seconds."""

    def __init__(self, cap: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._cap = whole(cap)
        self._now = now
        self._burst = max(1, math.floor(cap))
        self._period = self._burst / self._cap
        self._granted: deque[float] = deque(maxlen=self._burst)
        self._slot = -math.inf

    async def ask(self) -> float:
        """See CpsWindow.ask."""
        now = self._now()
        slot = max(self._slot + 1 / self._cap, now - backlog(self._cap))
        full = self._granted[0] + self._period if len(self._granted) == self._burst else -math.inf
        ready = max(slot, full)
        if ready > now:
            return ready - now
        self._slot = slot
        self._granted.append(now)
        return 0.0

    async def away_since(self) -> int | None:
        """See CpsWindow.away_since: it is always at hand."""
        return None


# KEYS[1] list of the last `burst` grants (microseconds, newest first), KEYS[2] the last slot.
# ARGV: cap, burst, backlog (microseconds), ms to keep the keys. Redis' own clock is the account's clock. After a loss
# of memory the first caller starts an empty second, because grants of the past second may be forgotten.
_LUA = """
local t = redis.call('TIME'); local now = t[1] * 1000000 + t[2]
local cap = tonumber(ARGV[1]); local burst = tonumber(ARGV[2]); local backlog = tonumber(ARGV[3])
local keep = tonumber(ARGV[4])
local gap = 1000000 / cap; local period = burst * gap
local last = redis.call('GET', KEYS[2])
if not last then
  redis.call('SET', KEYS[2], string.format('%.0f', now + period), 'PX', keep)
  return math.ceil(period)
end
last = tonumber(last)
local slot = math.max(last + gap, now - backlog)
local oldest = redis.call('LINDEX', KEYS[1], burst - 1)
local ready = slot
if oldest then ready = math.max(ready, tonumber(oldest) + period) end
if ready > now then
  redis.call('PEXPIRE', KEYS[1], keep); redis.call('PEXPIRE', KEYS[2], keep)
  return math.ceil(ready - now)
end
redis.call('SET', KEYS[2], string.format('%.0f', slot), 'PX', keep)
redis.call('LPUSH', KEYS[1], string.format('%.0f', now)); redis.call('LTRIM', KEYS[1], 0, burst - 1)
redis.call('PEXPIRE', KEYS[1], keep)
return 0
"""


class RedisWindow:
    """The window shared by every worker of an account, kept in Redis."""

    def __init__(self, redis: Redis, account: str, cap: float) -> None:
        self._redis = redis
        self._script = redis.register_script(_LUA)
        self._keys = [f"toque:{{cps:{account}}}:grants", f"toque:{{cps:{account}}}:slot"]
        self._looked = f"toque:{{cps:{account}}}:looked"
        self._away: int | None = None
        late = round(backlog(whole(cap)) * 1e6)
        self._args = [whole(cap), max(1, math.floor(cap)), late, max(60_000, math.ceil(3000 / cap))]

    async def ask(self) -> float:
        """See CpsWindow.ask. A Redis that does not answer grants nothing; it is asked again in a second."""
        from redis.exceptions import RedisError

        try:
            microseconds = await self._script(keys=self._keys, args=self._args)
        except (RedisError, OSError) as fault:
            self._is_away(fault)
            return AWAY_SECONDS
        self._is_back()
        return float(microseconds) / 1e6

    async def away_since(self) -> int | None:
        """See CpsWindow.away_since. It is written to, as by a grant: a server that only lets read grants nothing."""
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._redis.set(self._looked, 1, px=60_000)
        except (RedisError, OSError) as fault:
            self._is_away(fault)
        else:
            self._is_back()
        return self._away

    def _is_away(self, fault: Exception) -> None:
        if self._away is None:
            self._away = real_ms()
            log.warning("window_unreachable", fault=type(fault).__name__, todo="check that TOQUE_REDIS_URL answers")

    def _is_back(self) -> None:
        if self._away is not None:
            log.info("window_reached_again", seconds=round((real_ms() - self._away) / 1000))
            self._away = None
