"""How long a voice turn takes while one web process gives half of what it can: whole calls, opening turns included.

Turns are sent when they are due, whatever has become of those of other calls; what counts is the time from that
instant to the answer's last byte, so that a turn which had to wait for the one before it is late as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import median

from toque.bench.databases import fresh_database
from toque.bench.load import post, read_answer, send
from toque.bench.measuring import PASSES, Figure, Pass
from toque.bench.servers import served
from toque.bench.webhook import (
    COMMON,
    FORM,
    OPENING,
    PUBLIC_URL,
    SECRET,
    bench_settings,
    prepare,
    requests_of,
)

KEYS = OPENING + COMMON
SATURATING = 160  # calls by which the saturation is found, a half of them to become warm
AT_ONCE = 16
SECONDS = 8.0  # in which the calls of a pass begin
MOST = 320  # calls of a pass: 40 a second
GAP = 0.5  # seconds from one turn of a call to the next


def measure(kind: str, scale: float) -> Figure:
    """The 99th percentile in milliseconds; the floor is that of a constant answer, asked for as often."""
    return asyncio.run(
        _measure(kind, max(4, round(SATURATING * scale)), SECONDS * scale, max(4, round(MOST * scale)))
    )


async def _measure(kind: str, first: int, seconds: float, most: int) -> Figure:
    tokens = [f"bench-token-{n:06d}" for n in range(first + most * PASSES)]
    async with fresh_database(kind) as url:
        settings = bench_settings(url)
        await prepare(settings, tokens)
        with served({"serve": "app", "settings": settings}) as port:
            saturated = await _saturated(port, tokens[:first])
            calls = max(2, min(most, round(saturated / 2 * seconds)))
            passes, middle = [], []
            for n in range(first, first + most * PASSES, most):
                constant = [[_constant(port)] * len(KEYS)] * calls
                floor = await _late(port, constant, seconds)
                ours = await _late(port, [_whole(port, token) for token in tokens[n : n + calls]], seconds)
                passes.append(Pass(floor=_percentile(floor, 99), value=_percentile(ours, 99)))
                middle.append(median(ours))
    more = {
        "median": round(median(middle), 1),
        "saturated_turns_a_second": round(saturated * len(KEYS)),
        "turns_a_second": round(calls / seconds * len(KEYS)),
    }
    return Figure(tuple(passes), calls * len(KEYS), "ms, 99th percentile", "a constant answer as often", more)


async def _saturated(port: int, tokens: Sequence[str]) -> float:
    """Whole calls a second that the process answers when every turn follows at once."""
    half = len(tokens) // 2
    await _answered(port, tokens[:half])
    began = time.perf_counter()
    await _answered(port, tokens[half:])
    return (len(tokens) - half) / (time.perf_counter() - began)


async def _answered(port: int, tokens: Sequence[str]) -> None:
    for status, body in await send(port, [_whole(port, token) for token in tokens], connections=AT_ONCE):
        _must_go_on(status, body)


async def _late(port: int, calls: Sequence[Sequence[bytes]], seconds: float) -> list[float]:
    """Milliseconds of every turn, from the instant at which it was due. The calls begin evenly within the seconds."""
    began = time.perf_counter() + 0.2
    each = [_call(port, requests, began + n * seconds / len(calls)) for n, requests in enumerate(calls)]
    return [late for one in await asyncio.gather(*each) for late in one]


async def _call(port: int, requests: Sequence[bytes], begins: float) -> list[float]:
    await _until(begins - 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    late = []
    for n, request in enumerate(requests):
        await _until(begins + n * GAP)
        writer.write(request)
        _must_go_on(*await read_answer(reader))
        late.append((time.perf_counter() - begins - n * GAP) * 1000)
    writer.close()
    await writer.wait_closed()
    return late


async def _until(instant: float) -> None:
    await asyncio.sleep(max(0.0, instant - time.perf_counter()))


def _must_go_on(status: int, body: bytes) -> None:
    if status != 200 or not (b"<Gather" in body or b"<Hangup" in body):
        raise RuntimeError(f"a turn was answered with {status}, not as the flow would: nothing measured")


def _whole(port: int, token: str) -> list[bytes]:
    return requests_of(port, token, KEYS, first=0)


def _constant(port: int) -> bytes:
    return post(port, "/floor", FORM, secret=SECRET, public_url=PUBLIC_URL)


def _percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]
