"""A worker's beats are on record while it runs, cheaply, and with them what it found when it counted meters anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dialer import beating
from dialer.beating import Beating
from dialer.store import beats, meters
from dialer.store.database import Database
from dialer.store.meters import counted_for
from dialer.worker import Worker
from tests.dialer.records import CALLER_ID, NOON, accepts, add, attempt_of, campaign_of, operation_on
from tests.dialer.test_worker import PassingClock


async def _last(database: Database) -> beats.LastBeats:
    async with database.read() as session:
        return await beats.last(session)


async def test_a_worker_that_runs_is_on_record_and_one_that_stopped_is_not(database: Database) -> None:
    worker = Worker(replace(operation_on(database, accepts), clock=PassingClock()))
    assert (await _last(database)).beat_at is None
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(20):
        while (await _last(database)).recounted_at is None:  # noqa: ASYNC110 - the row tells, nothing else
            await asyncio.sleep(0.01)
    assert (await _last(database)).beat_at
    await worker.stop()
    await running
    assert await _last(database) == beats.LastBeats(None, None, None)


async def test_beats_of_one_moment_are_one_write(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [1_000_000]
    monkeypatch.setattr(beating, "real_ms", lambda: at[0])
    one, other = (Beating(operation_on(database, accepts), name) for name in ("one", "other"))
    await one.tell()
    await other.tell()
    for later, on_record in ((4_999, 1_000_000), (5_000, 1_005_000), (9_000, 1_005_000), (-60_000, 1_000_000)):
        at[0] = 1_000_000 + later
        await one.tell()
        assert (await _last(database)).beat_at == on_record


async def test_a_killed_worker_is_forgotten_and_the_newest_counts(database: Database) -> None:
    async with database.write() as session:
        await beats.renew(session, "killed", at=1)
        await beats.recounted(session, "killed", drifting=3, at=1)
        await beats.renew(session, "alive", at=beats.FORGOTTEN_AFTER + 2)
        await beats.renew(session, "slow", at=beats.FORGOTTEN_AFTER + 1)
    assert await _last(database) == beats.LastBeats(beats.FORGOTTEN_AFTER + 2, None, None)


async def test_a_counter_that_drifted_is_found_by_the_recount(database: Database) -> None:
    rows, op = await campaign_of(database, 1), operation_on(database, accepts)
    async with database.write() as session:
        whose = counted_for(rows.campaign, "BR", CALLER_ID)
        await meters.add(session, rows.tenant, NOON.date(), {(one, "calls"): 1 for one in whose})
    await add(database, attempt_of(rows, status="placed"))
    worker = Beating(op, "one")
    await worker.tell()
    await worker.recount()
    assert (await _last(database)).drifting == 0
    async with database.write() as session:
        await meters.add(session, rows.tenant, NOON.date(), {(whose[0], "calls"): 2})
    await worker.recount()
    assert (await _last(database)).drifting == 1
