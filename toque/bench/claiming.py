"""How fast due contacts are claimed by several workers at once, beside the bare statement in the same run.

Each worker is a process. No contact may be claimed twice: the bench looks at every id, else it gives no figure.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from dialer.clock import real_ms
from dialer.store import bulk, contacts, upgrading
from dialer.store.columns import milliseconds
from dialer.store.database import Database
from dialer.store.models import Person
from dialer.store.sealing import Keyring
from toque.bench.crowd import MONDAY_NOON, insert_people
from toque.bench.databases import fresh_database
from toque.bench.measuring import PASSES, Figure, Pass

PENDING = 100_000
WORKERS = 4
BATCH = 50
BATCHES = 60  # of each worker in each pass, at the most
LEASE_MS = 60_000
LONGEST = 60  # seconds until all workers are connected
KEYRING = Keyring("bench secret", "bench hash")
BARE = """UPDATE contact SET status = 'claimed', claim_owner = $1, claim_until = $2 WHERE id = ANY(ARRAY(
SELECT id FROM contact WHERE campaign_id = $3 AND status = 'waiting' AND due_at <= $4
ORDER BY due_at, rank LIMIT $5 FOR UPDATE SKIP LOCKED)) RETURNING id"""
CROWD = (
    """INSERT INTO person (tenant_id, key, kind, name, language, country, created_at, version, record_n)
SELECT tenant_id, 'bench:' || n, kind, name, language, country, created_at, 0, 0
FROM (SELECT * FROM person LIMIT 1) AS first, generate_series(1, :more) AS n""",
    """INSERT INTO contact (tenant_id, campaign_id, person_id, status, due_at, rank, tries, claim_until)
SELECT first.tenant_id, first.campaign_id, person.id, 'waiting', first.due_at, person.id, 0, 0
FROM (SELECT * FROM contact LIMIT 1) AS first, person WHERE person.id <> first.person_id""",
)
GIVE_BACK = "UPDATE contact SET status = 'waiting', claim_owner = NULL WHERE status = 'claimed'"


Claim = Callable[[int], Awaitable[Sequence[int]]]  # of a campaign; the contacts' ids


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told: "ours" or "bare", where, of which campaign, how many batches."""

    side: str
    url: str
    campaign: int
    batches: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the workers of one side did: contacts a second all together, CPU microseconds of them for each."""

    rate: float
    cpu: float


def measure(scale: float) -> Figure:
    """Contacts a second; PostgreSQL writes to its disk with every commit, on both sides. More is better."""
    pending = max(WORKERS * BATCH * 4, round(PENDING * scale))
    batches = min(BATCHES, pending // (WORKERS * BATCH * 2))  # half of them stay pending
    with asyncio.Runner() as runner:  # workers are forked while nothing runs on the loop
        opened = fresh_database("postgresql")
        url = runner.run(opened.__aenter__())
        try:
            campaign = runner.run(_fill(url, pending))
            seen = []
            for _ in range(PASSES + 1):
                bare = _side(runner, Task("bare", url, campaign, batches))
                seen.append((bare, _side(runner, Task("ours", url, campaign, batches))))
        finally:
            runner.run(opened.__aexit__(None, None, None))
    return _figure(seen[1:], pending, batches * BATCH * WORKERS)


def _figure(seen: Sequence[tuple[Claimed, Claimed]], pending: int, claimed: int) -> Figure:
    passes = tuple(Pass(floor=bare.rate, value=ours.rate) for bare, ours in seen)
    more = {
        "pending": pending,
        "cpu": round(median(ours.cpu for _, ours in seen), 1),
        "floor_cpu": round(median(bare.cpu for bare, _ in seen), 1),
    }
    return Figure(passes, claimed, "contacts per second", "the bare statement, by asyncpg", more)


async def _fill(url: str, pending: int) -> int:
    """So many people who are due, in one campaign; its id."""
    database = Database(url, KEYRING)
    await upgrading.upgrade(database)
    campaign = await insert_people(database, 1)
    async with database.write() as session:
        await session.execute(text(CROWD[0]), {"more": pending - 1})
        await bulk.learn_sizes(session, [Person.metadata.tables["person"]])
        await session.execute(text(CROWD[1]))
    await database.close()
    await _give_back(url)
    return campaign


def _side(runner: asyncio.Runner, task: Task) -> Claimed:
    """All workers of one side at once; afterwards everything waits again, and the table is as if new."""
    forked = multiprocessing.get_context("fork")  # what is imported need not be imported again by each
    with ProcessPoolExecutor(WORKERS, forked, _meet_at, (forked.Barrier(WORKERS, timeout=LONGEST),)) as pool:
        found = list(pool.map(_work, [task] * WORKERS))
    runner.run(_give_back(task.url))
    ids = [contact for one in found for contact in one["ids"]]
    if len(ids) != len(set(ids)) or len(ids) != WORKERS * task.batches * BATCH:
        raise RuntimeError(f"{len(ids)} contacts were claimed, {len(set(ids))} different ones: nothing measured")
    took = max(one["ended"] for one in found) - min(one["begun"] for one in found)
    return Claimed(rate=len(ids) / took, cpu=sum(one["cpu"] for one in found) / len(ids) * 1e6)


async def _give_back(url: str) -> None:
    connection = await _connected(url)
    for statement in (GIVE_BACK, "VACUUM ANALYZE contact"):
        await connection.execute(statement)
    await connection.close()


_together: list[Any] = []  # in a worker: where all of them wait for each other


def _meet_at(barrier: Any) -> None:
    _together.append(barrier)


def _work(task: Task) -> dict[str, Any]:
    """What a worker does. The clock is the machine's, the same for all of them."""
    return asyncio.run(_claim_all(task))


async def _claim_all(task: Task) -> dict[str, Any]:
    claim, close = await (_ours(task.url) if task.side == "ours" else _bare(task.url))
    await claim(0)  # of no campaign: connects, compiles
    _together[0].wait()
    begun, spent = time.monotonic(), time.process_time()
    ids = [contact for _ in range(task.batches) for contact in await claim(task.campaign)]
    told = {"begun": begun, "ended": time.monotonic(), "cpu": time.process_time() - spent, "ids": ids}
    await close()
    return told


async def _ours(url: str) -> tuple[Claim, Callable[[], Awaitable[None]]]:
    """The claim in a transaction, as `placing.claim` makes it."""
    database = Database(url, KEYRING)

    async def claim(campaign: int) -> Sequence[int]:
        until = real_ms() + LEASE_MS
        async with database.write() as session:
            return await contacts.claim(
                session, campaign, limit=BATCH, owner="bench", now=MONDAY_NOON, until_real=until
            )

    return claim, database.close


async def _bare(url: str) -> tuple[Claim, Callable[[], Awaitable[None]]]:
    connection = await _connected(url)
    due = milliseconds(MONDAY_NOON)

    async def claim(campaign: int) -> Sequence[int]:
        rows = await connection.fetch(BARE, "bench", real_ms() + LEASE_MS, campaign, due, BATCH)
        return [row["id"] for row in rows]

    return claim, connection.close


async def _connected(url: str) -> Any:
    import asyncpg

    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
