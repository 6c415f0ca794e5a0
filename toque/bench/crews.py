"""What a call costs, and how many are placed in a second, with several workers on one PostgreSQL.

Each worker is a process and places from the same campaign. Nobody may be called twice or left out: the bench looks
at every attempt, else it gives no figure.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from sqlalchemy import func, select

from dialer.limits import LocalWindow
from dialer.settings import Settings
from dialer.store import upgrading
from dialer.store.database import Database
from dialer.store.models import Attempt
from dialer.store.sealing import Keyring
from toque.bench import placing, webhook
from toque.bench.crowd import NoonClock, insert_people
from toque.bench.databases import fresh_database
from toque.bench.measuring import PASSES, Figure, Pass
from toque.bench.servers import served
from toque.composition import operation

CALLS = 200  # of each worker on average, in each pass
WARM = 32  # calls of each worker before it counts
LONGEST = 120  # seconds until all workers are warm
KEYRING = Keyring("bench secret", "bench hash")


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told: where, of which campaign, and the carrier's port."""

    url: str
    campaign: int
    port: int


def measure(workers: int, scale: float) -> Figure:
    """CPU microseconds of all workers for one call, beside a bare POST; `calls_a_second` of all of them together."""
    calls = workers * max(4, round(CALLS * scale))
    with asyncio.Runner() as runner, served({"serve": "stub"}) as port:  # forked while nothing runs on the loop
        opened = fresh_database("postgresql")
        url = runner.run(opened.__aenter__())
        try:
            seen = [_pass(runner, url, port, (workers, calls)) for _ in range(PASSES)]
        finally:
            runner.run(opened.__aexit__(None, None, None))
    rates = [rate for _, rate in seen]
    more = {
        "workers": workers,
        "calls_a_second": round(median(rates), 1),
        "rate_spread": [round(min(rates), 1), round(max(rates), 1)],
    }
    passes = tuple(one for one, _ in seen)
    return Figure(passes, calls, "CPU µs per call", "a bare POST of aiohttp to the same stub", more)


def _pass(runner: asyncio.Runner, url: str, port: int, size: tuple[int, int]) -> tuple[Pass, float]:
    workers, calls = size
    campaign = runner.run(_fill(url, calls + workers * WARM))
    begun = time.process_time()
    runner.run(placing.bare_posts(port, calls))
    floor = (time.process_time() - begun) / calls * 1e6
    forked = multiprocessing.get_context("fork")  # what is imported need not be imported again by each
    with ProcessPoolExecutor(workers, forked, _meet_at, (forked.Barrier(workers, timeout=LONGEST),)) as pool:
        found = list(pool.map(_work, [Task(url, campaign, port)] * workers))
    if sum(one["calls"] for one in found) != calls or runner.run(_called(url)) != (calls + workers * WARM,) * 2:
        raise RuntimeError("somebody was called twice, or not at all: nothing measured")
    took = max(one["ended"] for one in found) - min(one["begun"] for one in found)
    return Pass(floor=floor, value=sum(one["cpu"] for one in found) / calls * 1e6), calls / took


async def _fill(url: str, people: int) -> int:
    """An empty database with so many people due in one campaign; its id."""
    database = Database(url, KEYRING)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await upgrading.upgrade(database)
    campaign = await insert_people(database, people)
    await database.close()
    return campaign


async def _called(url: str) -> tuple[int, int]:
    """Attempts that the carrier has taken, and how many people they went to."""
    database = Database(url, KEYRING)
    async with database.read() as session:
        counted = select(func.count(), func.count(Attempt.person_id.distinct())).where(Attempt.status == "placed")
        calls, people = (await session.execute(counted)).one()
    await database.close()
    return calls, people


_together: list[Any] = []  # in a worker: where all of them wait for each other


def _meet_at(barrier: Any) -> None:
    _together.append(barrier)


def _work(task: Task) -> dict[str, float]:
    """What a worker does. The clock is the machine's, the same for all of them."""
    return asyncio.run(_place_all(task))


async def _place_all(task: Task) -> dict[str, float]:
    told = webhook.bench_settings(task.url) | {"twilio_api_root": f"http://127.0.0.1:{task.port}"}
    async with operation(Settings(**told), clock=NoonClock()) as op:
        op = replace(op, window=LocalWindow(placing.CAP))
        await placing.place_calls(op, task.campaign, WARM)
        _together[0].wait()
        begun, spent = time.monotonic(), time.process_time()
        calls = await placing.place_calls(op, task.campaign, placing.ALL)
        return {
            "begun": begun, "ended": time.monotonic(), "cpu": time.process_time() - spent, "calls": calls,
        }  # fmt: skip
