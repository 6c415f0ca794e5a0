"""What follows a call: late news, call-backs that were asked for, calls found after a pause."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from dialer import closing, placing, reconciling
from dialer.campaigns import campaigning
from dialer.clock import real_ms
from dialer.rules.lifecycle import CarrierStatus
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact
from tests.dialer.records import NOON, accepts, add, attempt_of, campaign_of, operation_on

SID, OTHER = "CA" + "1" * 32, "CA" + "2" * 32


class Later:
    """A clock that stands at an instant after noon."""

    def __init__(self, seconds: float) -> None:
        self.at = NOON + timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def test_a_promised_call_back_in_an_hour_is_made_in_an_hour(database: Database) -> None:
    rows = await campaign_of(database, 1)
    ended = attempt_of(rows, status="ended", sid=SID, carrier_status="completed", disposition="absent",
                       closed_at=NOON, callback_at=NOON + timedelta(minutes=60))  # fmt: skip
    await add(database, ended)
    op = replace(operation_on(database, accepts), clock=Later(61 * 60))
    async with database.write() as session:
        await contacts.change(session, rows.contacts[0], wished_at=ended.callback_at, due_at=ended.callback_at)
        await contacts.claim(
            session, rows.campaign, limit=1, owner="w", now=op.clock.now(), until_real=real_ms() + 60_000
        )
    placed = await placing.place(op, rows.contacts[0], owner="w")
    async with database.read() as session:
        contact = await session.get_one(Contact, rows.contacts[0])
    assert placed, (contact.blocked_rule, contact.due_at - NOON)


async def test_late_news_of_an_old_call_does_not_reopen_what_a_newer_call_settled(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    old = attempt_of(rows, status="ended", sid=SID, carrier_status="lost", disposition="lost", closed_at=NOON)
    new = attempt_of(rows, status="ended", sid=OTHER, carrier_status="completed", disposition="transferred",
                     closed_at=NOON)  # fmt: skip
    await add(database, old, new)
    async with database.write() as session:
        await contacts.change(session, rows.contacts[0], status="done", outcome="transferred", tries=2)
    await closing.hear(op, old.token, CarrierStatus("completed", sid=SID))
    async with database.read() as session:
        contact = await session.get_one(Contact, rows.contacts[0])
    assert (contact.status, contact.outcome) == ("done", "transferred")


async def test_a_call_found_after_the_pause_is_taken_back(database: Database) -> None:
    rows = await campaign_of(database, 1)
    posts: list[str] = []
    attempt = attempt_of(rows, status="unknown", intent_real=real_ms() - 60_000)
    await add(database, attempt)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posts.append(request.content.decode())
            return httpx.Response(200, json={"sid": SID, "status": "canceled"})
        call = {"sid": SID, "to": attempt.to_number, "from": attempt.from_number, "status": "queued",
                "date_created": "Mon, 02 Mar 2026 15:00:01 +0000"}  # fmt: skip
        return httpx.Response(200, json={"calls": [call]})

    op = operation_on(database, answer)
    async with database.read() as session:
        name = (await session.get_one(Campaign, rows.campaign)).name
    await campaigning.pause(op, name)
    await reconciling.heal(op)
    assert "Status=canceled" in posts
