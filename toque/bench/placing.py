"""What one call costs to place: claimed, gated, intended, created at a carrier, recorded."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import replace

import aiohttp

from dialer import placing
from dialer.batching.looking import Look
from dialer.limits import LocalWindow
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import campaigns
from toque.bench import webhook
from toque.bench.crowd import CALLER_ID, NoonClock, insert_people
from toque.bench.databases import fresh_database
from toque.bench.measuring import PASSES, Figure, Pass
from toque.bench.servers import served
from toque.composition import operation

CALLS = 200  # in each pass
FLOORS = 400
IN_FLIGHT = 16
ALL = 10**9  # as many as there are
CAP = 1e6  # calls per second: the window is asked, and never in the way
FORM = {
    "To": "+5511990000000", "From": CALLER_ID, "Url": "https://bench.example/voice/t/0", "Timeout": "30",
    "StatusCallback": "https://bench.example/voice/t/status",
}  # fmt: skip


def measure(kind: str, scale: float) -> Figure:
    """CPU microseconds of the worker for one placed call, beside a bare POST to the same stub."""
    return asyncio.run(_measure(kind, max(10, round(CALLS * scale)), max(50, round(FLOORS * scale))))


async def _measure(kind: str, calls: int, floors: int) -> Figure:
    with served({"serve": "stub"}) as port:
        async with fresh_database(kind) as url:
            settings = Settings(**webhook.bench_settings(url) | {"twilio_api_root": f"http://127.0.0.1:{port}"})
            async with operation(settings, clock=NoonClock()) as op:
                op = replace(op, window=LocalWindow(CAP))
                campaign = await insert_people(op.database, calls * (PASSES + 1))
                passes = [await _one_pass(op, campaign, port, calls, floors) for _ in range(PASSES + 1)]
    return Figure(tuple(passes[1:]), calls, "CPU µs per call", "a bare POST of aiohttp to the same stub")


async def _one_pass(op: Operation, campaign_id: int, port: int, calls: int, floors: int) -> Pass:
    begun = time.process_time()
    await bare_posts(port, floors)
    between = time.process_time()
    placed = await place_calls(op, campaign_id, calls)
    ended = time.process_time()
    if placed != calls:
        raise RuntimeError(f"{placed} of {calls} calls were placed: nothing measured")
    return Pass(floor=(between - begun) / floors * 1e6, value=(ended - between) / calls * 1e6)


async def place_calls(op: Operation, campaign_id: int, calls: int) -> int:
    """Batches as a worker takes them, until so many are placed or nobody is due; how many were."""
    slots, owner = asyncio.Semaphore(IN_FLIGHT), f"bench:{os.getpid()}"

    async def one(seen: Look) -> bool:
        async with slots:
            return await placing.carry(op, seen, owner=owner)

    async with op.database.read() as session:
        campaign = next(one for one in await campaigns.running(session) if one.id == campaign_id)
    placed = 0
    while placed < calls:
        batch = min(50, calls - placed)
        claimed = await placing.claim(op, campaign, limit=batch, owner=owner, lease_seconds=60)
        seen = await placing.look(op, claimed, owner=owner)
        done = await asyncio.gather(*map(one, seen))
        if not any(done):
            break
        placed += sum(done)
    return placed


async def bare_posts(port: int, count: int) -> None:
    """The floor: so many creates, by nothing but the HTTP client."""
    url = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{webhook.ACCOUNT}/Calls.json"
    slots = asyncio.Semaphore(IN_FLIGHT)
    secret = base64.b64encode(f"{webhook.ACCOUNT}:{webhook.SECRET}".encode()).decode()
    async with aiohttp.ClientSession(headers={"Authorization": f"Basic {secret}"}) as session:

        async def one() -> None:
            async with slots, session.post(url, data=FORM) as response:
                await response.json()

        await asyncio.gather(*(one() for _ in range(count)))
