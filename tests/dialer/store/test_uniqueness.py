"""I1 and I7: held by partial unique indexes, so by the database itself, over all workers."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from dialer.rules.lifecycle import LIVE
from dialer.store.database import Database
from dialer.store.models import LIVE_STATUSES, Attempt, Reservation
from tests.dialer.records import KEYS, add, agent_of, attempt_of, campaign_of, reservation_of


def test_the_database_and_the_lifecycle_mean_the_same_by_live() -> None:
    assert set(LIVE_STATUSES) == LIVE


@pytest.mark.parametrize("status", LIVE_STATUSES)
async def test_a_number_is_on_one_live_attempt_though_two_people_share_it(database: Database, status: str) -> None:
    rows = await campaign_of(database, 2)
    (first,) = await add(database, attempt_of(rows, 0, to_number="+5511990000001", status=status))
    with pytest.raises(IntegrityError):
        await add(database, attempt_of(rows, 1, to_number="+5511990000001"))
    await _end(database, first)
    await add(database, attempt_of(rows, 1, to_number="+5511990000001"))


@pytest.mark.parametrize("status", LIVE_STATUSES)
async def test_a_person_is_on_one_live_attempt_over_all_numbers_and_campaigns(
    database: Database, status: str
) -> None:
    rows, other = await campaign_of(database, 1), await campaign_of(database, 1)
    (first,) = await add(database, attempt_of(rows, 0, status=status))
    elsewhere = {"person_id": rows.people[0], "number_id": rows.numbers[0]}
    with pytest.raises(IntegrityError):
        await add(database, attempt_of(other, 0, **elsewhere))
    await _end(database, first)
    await add(database, attempt_of(other, 0, **elsewhere))


async def test_any_number_of_ended_attempts_is_fine(database: Database) -> None:
    rows = await campaign_of(database, 1)
    await add(database, *(attempt_of(rows, 0, to_number="+5511990000002", status="ended") for _ in range(3)))


async def test_of_many_who_dial_one_number_at_once_one_commits(database: Database, database_url: str) -> None:
    rows = await campaign_of(database, 6)
    workers = [Database(database_url, KEYS, pool_size=1) for _ in range(3)]

    async def dial(index: int) -> bool:
        try:
            await add(workers[index % 3], attempt_of(rows, index, to_number="+5511990000003"))
        except IntegrityError:
            return False
        return True

    committed = await asyncio.gather(*(dial(index) for index in range(6)))
    for worker in workers:
        await worker.close()
    assert sum(committed) == 1


async def test_an_agent_is_reserved_for_one_call(database: Database) -> None:
    rows = await campaign_of(database, 2)
    one, other = await add(database, attempt_of(rows, 0), attempt_of(rows, 1))
    (agent,) = await add(database, agent_of(rows))
    (held,) = await add(database, reservation_of(rows, one, agent))
    for status in ("reserved", "connected"):
        with pytest.raises(IntegrityError):
            await add(database, reservation_of(rows, other, agent, status))
    await add(database, reservation_of(rows, other, None, "waiting"))
    await _finish(database, held)
    (third,) = await add(database, reservation_of(rows, one, agent))
    assert third != held


async def test_a_call_holds_one_agent_and_one_place_in_the_queue(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (call,) = await add(database, attempt_of(rows, 0))
    rita, joana = await add(database, agent_of(rows), agent_of(rows))
    (held,) = await add(database, reservation_of(rows, call, rita))
    for status, agent in (("reserved", joana), ("connected", joana), ("waiting", None)):
        with pytest.raises(IntegrityError):
            await add(database, reservation_of(rows, call, agent, status))
    await _finish(database, held)
    await add(database, reservation_of(rows, call, joana))


async def test_of_many_calls_that_want_one_agent_at_once_one_gets_her(database: Database, database_url: str) -> None:
    rows = await campaign_of(database, 6)
    calls = await add(database, *(attempt_of(rows, index) for index in range(6)))
    (agent,) = await add(database, agent_of(rows))
    workers = [Database(database_url, KEYS, pool_size=1) for _ in range(3)]

    async def reserve(index: int) -> bool:
        try:
            await add(workers[index % 3], reservation_of(rows, calls[index], agent))
        except IntegrityError:
            return False
        return True

    got = await asyncio.gather(*(reserve(index) for index in range(6)))
    for worker in workers:
        await worker.close()
    assert sum(got) == 1


async def _end(database: Database, attempt: int) -> None:
    async with database.write() as session:
        await session.execute(update(Attempt).where(Attempt.id == attempt).values(status="ended"))


async def _finish(database: Database, reservation: int) -> None:
    async with database.write() as session:
        await session.execute(update(Reservation).where(Reservation.id == reservation).values(status="ended"))
