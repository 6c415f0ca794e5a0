"""A campaign ends when nobody waits any more, and not a moment before."""

from __future__ import annotations

import asyncio

from sqlalchemy import update

from dialer.campaigns import campaigning
from dialer.store import lists
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact
from tests.dialer.records import NOON, accepts, campaign_of, operation_on


async def test_somebody_who_joins_as_it_ends_is_not_left_in_a_finished_campaign(database: Database) -> None:
    rows = await campaign_of(database, 2)
    op, joined = operation_on(database, accepts), asyncio.Event()
    async with database.write() as session:
        await session.execute(update(Contact).where(Contact.id == rows.contacts[0]).values(status="done"))
        await session.delete(await session.get_one(Contact, rows.contacts[1]))

    async def join() -> None:
        async with database.write() as session:
            list_id = (await session.get_one(Campaign, rows.campaign)).list_id
            assert list_id is not None
            await lists.add_members(session, list_id, [rows.people[1]])
            assert await lists.join_campaigns(session, list_id, [rows.people[1]], at=NOON) == {rows.campaign: 1}
            joined.set()
            await asyncio.sleep(0.2)  # held: the other side looks meanwhile

    async def finish() -> bool:
        await joined.wait()
        return await campaigning.finish_if_done(op, rows.campaign)

    _, finished = await asyncio.gather(join(), finish())
    async with database.read() as session:
        assert (finished, (await session.get_one(Campaign, rows.campaign)).status) == (False, "running")
