"""Why somebody was called or was not: what was decided, by which rule, and when the gate will say yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialer import explaining, placing, suppressing
from dialer.clock import real_ms
from dialer.errors import NotFound
from dialer.explaining import Why
from dialer.operation import Operation
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import Attempt, Interaction, Person
from tests.dialer.records import NOON, Rows, accepts, campaign_of, operation_on
from tests.dialer.switchboard import Later

EVENING = 9 * 3600.0  # seconds from noon: 21:00 in São Paulo
OWNER = "w"


def later(op: Operation, seconds: float) -> Operation:
    return replace(op, clock=Later(seconds))


async def person_of(database: Database, rows: Rows) -> Person:
    async with database.read() as session:
        return await session.get_one(Person, rows.people[0])


async def tried(op: Operation, rows: Rows) -> bool:
    """The worker takes the contact and places it, if the gate lets it; whether a call was asked for."""
    async with op.database.write() as session:
        await contacts.change(session, rows.contacts[0], status="waiting", due_at=NOON)
        until = real_ms() + 60_000
        now = op.clock.now()
        await contacts.claim(session, rows.campaign, limit=1, owner=OWNER, now=now, until_real=until)
    return await placing.place(op, rows.contacts[0], owner=OWNER)


async def why(op: Operation, rows: Rows) -> Why:
    return await explaining.why(op, (await person_of(op.database, rows)).key)


async def test_a_block_of_the_hours_says_its_law_and_the_next_morning(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = later(operation_on(database, accepts), EVENING)
    assert not await tried(op, rows)
    told = await why(op, rows)
    dialled, by_hand = told.standings
    assert (dialled.allowed, dialled.rule, by_hand.rule) == (False, "BR_HOURS", "BR_HOURS")
    assert dialled.citation
    assert str(dialled.link).startswith("https://")
    assert dialled.next_at == NOON + timedelta(hours=20), "08:00 of the next day"
    (denied,) = told.happened
    assert (denied.what, denied.rule, denied.pack) == ("call_denied", "BR_HOURS", dialled.pack)
    assert denied.link == dialled.link
    person = await person_of(database, rows)
    assert person.name not in repr(told)


async def test_the_same_no_is_kept_once_and_another_no_as_well(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = later(operation_on(database, accepts), EVENING)
    for _ in range(3):
        assert not await tried(op, rows)
    assert [one.rule for one in (await why(op, rows)).happened] == ["BR_HOURS"]
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.suppress(session, person, "do_not_call", at=op.clock.now())
    assert not await tried(op, rows)
    told = await why(op, rows)
    said = [one for one in told.happened if one.what == "call_denied"]
    assert [one.rule for one in said] == ["BR_HOURS", "DO_NOT_CALL"]
    assert "BR_HOURS" in said[1].also, "what else failed is kept beside it"
    assert told.standings[0].next_at is None, "nobody knows when it ends"


async def test_a_yes_is_kept_with_its_intent_and_what_it_rested_on(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    assert await tried(op, rows)
    async with database.read() as session:
        (attempt,) = await session.scalars(select(Attempt))
        (said,) = await session.scalars(select(Interaction).where(Interaction.kind == "call_allowed"))
    assert (said.attempt_id, said.at, said.detail["pack"]) == (attempt.id, attempt.intent_at, attempt.pack)
    assert len(said.detail["inputs"]) == 32
    assert attempt.counted_debts == attempt.debts, "one debt: it counts for it"
    assert attempt.to_number not in repr(said.detail)
    told = await why(op, rows)
    assert [one.rule for one in told.standings] == ["LIVE_ATTEMPT"] * 2
    (call,) = told.happened
    assert (call.what, call.attempt, call.mode) == ("call_allowed", attempt.id, "prerecorded")
    assert attempt.to_number[-8:] not in repr(told)


async def test_an_opt_out_of_automated_calls_stands_beside_a_free_hand(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="automated", attempt_id=None, source="api")
    dialled, by_hand = (await why(op, rows)).standings
    assert (dialled.rule, dialled.contact) == ("OPT_OUT", "opted_out")
    assert (by_hand.allowed, by_hand.next_at) == (True, NOON)


async def test_nobody_of_that_key_and_no_campaign_of_that_name(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    with pytest.raises(NotFound, match="no person"):
        await explaining.why(op, "loja:nobody")
    with pytest.raises(NotFound, match="no campaign"):
        await explaining.why(op, (await person_of(database, rows)).key, campaign="nothing")
