"""What one beat of a worker costs while so many calls are under way: everything that it looks at once a second.

PostgreSQL only. The calls are answered and were just heard of, in one running campaign; nobody else is due.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from sqlalchemy import update

from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store.bulk import learn_sizes
from dialer.store.models import Attempt, Contact, Model
from dialer.worker import Worker
from toque.bench import webhook
from toque.bench.crowd import MONDAY_NOON, NoonClock, insert_calls, insert_people
from toque.bench.databases import fresh_database
from toque.bench.measuring import PASSES, Figure, Pass
from toque.composition import operation

BEATS = 40  # in each pass
GROWN: tuple[type[Model], ...] = (Attempt, Contact)


def measure(calls: int, scale: float) -> Figure:
    """CPU microseconds of the worker for one beat, beside the same beat with nothing under way."""
    return asyncio.run(_measure(calls, max(2, round(BEATS * scale))))


async def _measure(calls: int, beats: int) -> Figure:
    async with fresh_database("postgresql") as busy, fresh_database("postgresql") as idle:
        here, there = (Settings(**webhook.bench_settings(url)) for url in (busy, idle))
        async with operation(here, clock=NoonClock()) as op, operation(there, clock=NoonClock()) as nothing:
            await _fill(op, calls)
            await _fill(nothing, 0)
            at_work, at_rest = Worker(op), Worker(nothing)
            for worker in (at_work, at_rest):
                await _beats(worker, 2)  # what is done now and then is done, statements are compiled
            passes = [
                Pass(floor=await _beats(at_rest, beats), value=await _beats(at_work, beats)) for _ in range(PASSES)
            ]
    return Figure(tuple(passes), beats, "CPU µs per beat", "a beat with nothing under way", {"under_way": calls})


async def _fill(op: Operation, calls: int) -> None:
    """So many answered calls, and one person whose call is over and whose turn is tomorrow: the campaign goes on."""
    campaign = await insert_people(op.database, calls + 1)
    await insert_calls(op.database, campaign, [f"bench-token-{n:06d}" for n in range(calls + 1)])
    async with op.database.write() as session:
        heard = {"status": "live", "answered_at": MONDAY_NOON, "heard_at": MONDAY_NOON}
        await session.execute(update(Attempt).values(heard))
        over = {"status": "ended", "closed_at": MONDAY_NOON, "disposition": "no_answer"}
        await session.execute(update(Attempt).where(Attempt.id == calls + 1).values(over))
        await session.execute(update(Contact).values(status="calling"))
        waits = {"status": "waiting", "due_at": MONDAY_NOON + timedelta(days=1)}
        await session.execute(update(Contact).where(Contact.rank == calls).values(waits))
        await learn_sizes(session, (model.metadata.tables[model.__tablename__] for model in GROWN))


async def _beats(worker: Worker, beats: int) -> float:
    """CPU µs of each of so many beats, whatever they begin included."""
    begun = time.process_time()
    for _ in range(beats):
        await worker.tick()
        while worker.busy:  # noqa: ASYNC110 - a worker offers no event
            await asyncio.sleep(0)
    return (time.process_time() - begun) / beats * 1e6
