"""How much of the cap the account's window grants, and whether any sliding second ever saw more.

Instants are those by which the window itself decides: this process's clock, or that of Redis. What asks is two
processes on Redis and one without, eight askers in each, every grant followed by some work on the loop.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dialer.limits import CpsWindow, LocalWindow, RedisWindow
from toque.bench.databases import fresh_redis
from toque.bench.measuring import Figure, Pass

if TYPE_CHECKING:
    from redis.asyncio import Redis

SECONDS = 3
MORE_SECONDS = 1.5  # an empty first second of a fresh Redis, and what comes late
ASKERS = 8
PROCESSES = 2
WORK_SECONDS = 0.001
LOOK_SECONDS = 0.1
ROUNDING = 1e-9  # seconds: what adding floats costs
ACCOUNT = "bench"


def measure(kind: str, cap: int, scale: float) -> Figure:
    """Grants a second beside the cap. A pass is one second's worth of grants, from a grant to the cap-th after it."""
    seconds = max(1, round(SECONDS * scale))
    granted = asyncio.run(_on_redis(cap, seconds) if kind == "redis" else _in_one_process(cap, seconds))
    whole = (len(granted) - 1) // cap * cap
    if not whole:
        raise RuntimeError(f"{len(granted)} calls were granted at a cap of {cap} a second: nothing measured")
    rates = [cap / (later - sooner) for sooner, later in itertools.pairwise(granted[: whole + 1 : cap])]
    more = {
        "share": round(whole / (granted[whole] - granted[0]) / cap, 4),
        "highest_in_a_second": highest_in_a_second(granted),
        "askers": ASKERS * (PROCESSES if kind == "redis" else 1),
    }
    return Figure(tuple(Pass(cap, rate) for rate in rates), whole, "grants per second", "the cap", more)


def highest_in_a_second(granted: Sequence[float]) -> int:
    """The largest number of these instants (seconds, ascending) in any half-open second."""
    highest = first = 0
    for last, instant in enumerate(granted):
        while instant - granted[first] >= 1 - ROUNDING:
            first += 1
        highest = max(highest, last - first + 1)
    return highest


def joined(seen: Sequence[int], last: Sequence[int]) -> list[int]:
    """What was seen so far and the last instants of all, each once: both ascend, the second may repeat the first."""
    most = min(len(seen), len(last))
    known = next(size for size in range(most, -1, -1) if list(seen[len(seen) - size :]) == list(last[:size]))
    return [*seen, *last[known:]]


async def _in_one_process(cap: int, seconds: int) -> list[float]:
    asked = 0.0

    def now() -> float:
        nonlocal asked
        asked = time.monotonic()
        return asked

    granted: list[float] = []
    await _ask_eagerly(LocalWindow(cap, now=now), seconds + MORE_SECONDS, lambda: granted.append(asked))
    return granted


async def _ask_eagerly(window: CpsWindow, seconds: float, note: Callable[[], None]) -> None:
    """Several askers for so long; `note` is called at once after each grant."""
    until = time.monotonic() + seconds

    async def ask() -> None:
        while (left := until - time.monotonic()) > 0:
            wait = await window.ask()
            if wait == 0:
                note()
                _work()
            await asyncio.sleep(min(wait, left))

    await asyncio.gather(*(ask() for _ in range(ASKERS)))


def _work() -> None:
    until = time.perf_counter() + WORK_SECONDS
    while time.perf_counter() < until:
        pass


async def _on_redis(cap: int, seconds: int) -> list[float]:
    """Two processes that share a window, watched by this one: Redis remembers the last second's grants."""
    from redis.asyncio import Redis

    with fresh_redis() as url:
        client = Redis.from_url(url)
        command = (sys.executable, "-m", "toque.bench.granting", url, str(cap), str(seconds + MORE_SECONDS))
        asking = [
            await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(PROCESSES)
        ]
        ended = asyncio.gather(*(one.communicate() for one in asking))
        seen: list[int] = []
        while not ended.done():
            await asyncio.sleep(LOOK_SECONDS)
            seen = joined(seen, await _last_grants(client))
        counted = sum(json.loads(output or b"0") for output, _ in await ended)
        seen = joined(seen, await _last_grants(client))
        await client.aclose()
    if counted != len(seen):
        raise RuntimeError(f"{counted} calls were granted, and the window kept {len(seen)}: nothing measured")
    return [instant / 1e6 for instant in seen]


async def _last_grants(client: Redis) -> list[int]:
    """Microseconds, ascending."""
    newest_first = await client.lrange(f"toque:{{cps:{ACCOUNT}}}:grants", 0, -1)  # as RedisWindow keeps them
    return [int(instant) for instant in reversed(newest_first)]


async def _ask_redis(url: str, cap: int, seconds: float) -> int:
    """What one of the processes does; how many grants it got."""
    from redis.asyncio import Redis

    granted: list[None] = []
    async with Redis.from_url(url) as client:
        await _ask_eagerly(RedisWindow(client, ACCOUNT, cap), seconds, lambda: granted.append(None))
    return len(granted)


if __name__ == "__main__":
    where, most, long = sys.argv[1:]
    print(asyncio.run(_ask_redis(where, int(most), float(long))))
