"""The queue and the leases: several workers claim at once, and what a dead worker held comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from dialer.clock import real_ms
from dialer.store import campaigns, contacts
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact
from tests.dialer.records import KEYS, NOON, campaign_of


@pytest.fixture
async def workers(database_url: str) -> AsyncIterator[list[Database]]:
    """Several workers, each with connections of its own to the one database."""
    opened = [Database(database_url, KEYS, pool_size=2) for _ in range(4)]
    yield opened
    for one in opened:
        await one.close()


async def test_concurrent_claimers_never_get_the_same_contact(database: Database, workers: list[Database]) -> None:
    rows = await campaign_of(database, 60)
    taken: list[int] = []

    async def work(name: int, worker: Database) -> None:
        while True:
            async with worker.write() as session:
                got = await contacts.claim(
                    session, rows.campaign, limit=7, owner=f"w{name}", now=NOON, until_real=real_ms() + 60_000
                )
                await asyncio.sleep(0)  # the others run while this transaction is open
            if not got:
                return
            taken.extend(got)

    await asyncio.gather(*(work(index, worker) for index, worker in enumerate(workers)))
    # A claimer that finds everything locked by others goes home empty: one more look takes the rest.
    await work(9, database)
    assert Counter(taken) == Counter(rows.contacts)


async def test_a_claim_takes_the_due_ones_in_their_order(database: Database) -> None:
    rows = await campaign_of(database, 4)
    first, second, third, fourth = rows.contacts
    async with database.write() as session:
        await contacts.change(session, first, due_at=NOON + timedelta(milliseconds=1))
        await contacts.change(session, second, due_at=NOON - timedelta(hours=1), rank=9)
        await contacts.change(session, fourth, status="done")
    async with database.write() as session:
        got = await contacts.claim(session, rows.campaign, limit=10, owner="w", now=NOON, until_real=real_ms())
    assert list(got) == [second, third]


async def test_claims_of_a_dead_worker_come_back_and_those_of_a_living_one_stay(database: Database) -> None:
    rows = await campaign_of(database, 2)
    now = real_ms()
    async with database.write() as session:
        dead = await contacts.claim(session, rows.campaign, limit=1, owner="dead", now=NOON, until_real=now - 1)
        living = await contacts.claim(
            session, rows.campaign, limit=1, owner="living", now=NOON, until_real=now + 60_000
        )
    async with database.write() as session:
        assert await contacts.recover(session, now_real=now) == 1
    async with database.read() as session:
        found = {one.id: (one.status, one.claim_owner) for one in await session.scalars(select(Contact))}
    assert found == {dead[0]: ("waiting", None), living[0]: ("claimed", "living")}


async def test_only_the_owner_gives_a_claim_back(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="one", now=NOON, until_real=real_ms() + 60_000)
        await contacts.release(session, rows.contacts, owner="another")
        assert (await session.get_one(Contact, rows.contacts[0], populate_existing=True)).status == "claimed"
        await contacts.release(session, rows.contacts, owner="one")
        assert (await session.get_one(Contact, rows.contacts[0], populate_existing=True)).status == "waiting"


async def test_of_many_workers_one_leads_all_campaigns_of_a_company(
    database: Database, workers: list[Database]
) -> None:
    rows = await campaign_of(database, 1)
    await campaign_of(database, 1)

    async def lead(name: str, worker: Database) -> bool:
        async with worker.write() as session:
            led = await campaigns.lead(session, rows.tenant, name, seconds=15)
        assert len(led) in (0, 2), "all or none"
        return bool(led)

    led = await asyncio.gather(*(lead(f"w{index}", worker) for index, worker in enumerate(workers)))
    assert sum(led) == 1
    leader = f"w{led.index(True)}"
    assert await lead(leader, database), "the leader renews"
    async with database.write() as session:
        await campaigns.release_leases(session, leader)
    assert await lead("another", database), "a lease that was given back is free at once"


async def test_the_lease_of_a_dead_leader_runs_out(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        assert await campaigns.lead(session, rows.tenant, "dead", seconds=15)
        await session.execute(update(Campaign).values(lease_until=real_ms() - 1))
    async with database.write() as session:
        assert await campaigns.lead(session, rows.tenant, "next", seconds=15)
        assert not await campaigns.lead(session, rows.tenant, "dead", seconds=15)


async def test_nobody_leads_a_second_campaign_while_another_worker_leads_the_first(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        assert await campaigns.lead(session, rows.tenant, "one", seconds=15)
    later = await campaign_of(database, 1)
    async with database.write() as session:
        assert not await campaigns.lead(session, rows.tenant, "another", seconds=15)
        assert {one.id for one in await campaigns.lead(session, rows.tenant, "one", seconds=15)} == {
            rows.campaign,
            later.campaign,
        }


async def test_whoever_asked_to_be_called_now_comes_before_everybody_who_waits(database: Database) -> None:
    rows = await campaign_of(database, 4)
    async with database.write() as session:
        await contacts.change(session, rows.contacts[3], wished_at=NOON, due_at=NOON)
        await contacts.change(session, rows.contacts[0], due_at=NOON - timedelta(days=1))
    async with database.write() as session:
        got = await contacts.claim(session, rows.campaign, limit=2, owner="w", now=NOON, until_real=real_ms())
    assert list(got) == [rows.contacts[3], rows.contacts[0]]


async def test_promised_times_come_first_and_whoever_was_not_promised_one_only_fills_what_is_left(
    database: Database, workers: list[Database]
) -> None:
    """Though they are due last. Nobody holds places besides that another worker could take meanwhile."""
    rows = await campaign_of(database, 8)
    promised, others = rows.contacts[5:], rows.contacts[:5]
    async with database.write() as session:
        for n, contact in enumerate(promised):
            await contacts.change(session, contact, wished_at=NOON, due_at=NOON - timedelta(minutes=n))
        for n, contact in enumerate(others):
            await contacts.change(session, contact, due_at=NOON - timedelta(days=1, minutes=n))

    async def claim(worker: Database, limit: int, *, beside: bool = False) -> list[int]:
        """`beside` another claim that is not committed yet, where two may write at once."""
        async with worker.write() as session:
            found = list(
                await contacts.claim(
                    session, rows.campaign, limit=limit, owner="w", now=NOON, until_real=real_ms() + 60_000
                )
            )
            return found + (await claim(workers[1], limit) if beside and not worker.is_sqlite else [])

    got = await claim(workers[0], 2, beside=True)
    while len(got) < len(rows.contacts):
        got += await claim(database, 2)
    assert got == [*reversed(promised), *reversed(others)]
