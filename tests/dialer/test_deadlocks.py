"""Two acts that want the same rows at the same time: neither is lost to a deadlock."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import update

from dialer import closing, placing, staffing, talking, transferring
from dialer.campaigns import campaigning
from dialer.clock import real_ms
from dialer.errors import Refused
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import Agent, Campaign
from dialer.talking import Heard
from tests.dialer.records import NOON, accepts, add, agent_of, attempt_of, campaign_of, operation_on

SID, OTHER = "CA" + "1" * 32, "CA" + "2" * 32


async def queued_caller(database: Database) -> tuple[object, str, int]:
    """A caller who asked for an agent while all were busy."""
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    (agent_id,) = await add(database, agent_of(rows, status="in_call", leg_sid=OTHER))
    attempt = attempt_of(rows, status="placed", sid=SID)
    await add(database, attempt)
    await talking.take_turn(op, attempt.token, 0, Heard(sid=SID))
    await talking.take_turn(op, attempt.token, 1, Heard(digits="1", sid=SID))
    answer = await talking.take_turn(op, attempt.token, 2, Heard(digits="0", sid=SID))
    assert answer is not None
    assert answer.queued, answer
    return op, attempt.token, agent_id


async def test_a_caller_who_polls_while_the_worker_assigns_does_not_deadlock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    op, token, agent_id = await queued_caller(database)
    async with database.write() as session:
        await session.execute(update(Agent).where(Agent.id == agent_id).values(status="ready"))
    write = transferring.write_packet
    first = True

    async def slowly(*arguments):
        nonlocal first
        if first:
            first = False
            await asyncio.sleep(0.4)
        await write(*arguments)

    monkeypatch.setattr(transferring, "write_packet", slowly)

    async def poll():
        await asyncio.sleep(0.15)
        return await talking.take_turn(op, token, 3, Heard(sid=SID))

    results = await asyncio.gather(staffing.assign_waiting(op), poll(), return_exceptions=True)
    assert not [type(one).__name__ + str(one)[:200] for one in results if isinstance(one, Exception)]


async def test_a_pause_and_a_refusal_do_not_deadlock(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = await campaign_of(database, 1)
    refused = operation_on(
        database, lambda _: httpx.Response(401, json={"code": 20003, "message": "Authenticate", "status": 401})
    )
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
    intent = await placing._intend(refused, rows.contacts[0], owner="w")
    assert intent is not None
    async with database.read() as session:
        name = (await session.get_one(Campaign, rows.campaign)).name
    hear_in = closing.hear_in

    async def slowly(*a, **k):
        heard = await hear_in(*a, **k)
        await asyncio.sleep(0.4)
        return heard

    monkeypatch.setattr(closing, "hear_in", slowly)

    async def pause() -> None:
        await asyncio.sleep(0.2)
        await campaigning.pause(refused, name)

    results = await asyncio.gather(placing.submit(refused, intent), pause(), return_exceptions=True)
    assert not [
        type(one).__name__ + ": " + str(one)[:120]
        for one in results
        if isinstance(one, Exception) and not isinstance(one, Refused)
    ]
