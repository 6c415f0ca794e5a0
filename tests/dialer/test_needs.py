"""What needs a person, and the answers by hour, are the same on every database."""

from __future__ import annotations

from datetime import timedelta

from dialer.operation import Operation
from dialer.results.needs import Need, Scope, answers_by_hour, needs
from dialer.store.database import Database
from dialer.store.models import Task
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, message_of, operation_on


async def wanted(op: Operation, rows: Rows, *creditors: str) -> list[Need]:
    async with op.database.read() as session:
        return await needs(session, op, Scope(rows.tenant, creditors or None))


async def test_only_what_is_due_or_astray_and_of_these_creditors_needs_a_person(database: Database) -> None:
    op = operation_on(database, accepts)
    rows = await campaign_of(database, 2)
    assert await wanted(op, rows) == []
    about = {"tenant_id": rows.tenant, "kind": "call_back", "detail": {}, "created_at": NOON}
    late, lost = NOON - timedelta(hours=3), NOON - timedelta(minutes=9)
    await add(
        database,
        Task(person_id=rows.people[0], due_at=late, status="open", **about),
        Task(person_id=rows.people[0], due_at=late, status="done", **about),
        Task(person_id=rows.people[1], due_at=NOON + timedelta(minutes=1), status="open", **about),
        attempt_of(rows, 0, status="unknown", intent_at=lost),
        message_of(rows, 0, status="failed", finished_at=NOON),
    )
    found = [Need("tasks", 1, late), Need("unknown_calls", 1, lost), Need("failed_messages", 1)]
    assert await wanted(op, rows) == found
    assert await wanted(op, rows, "loja") == found
    assert await wanted(op, rows, "another") == []


async def test_without_an_account_that_comes_first(database: Database) -> None:
    op = operation_on(database, accepts, twilio_account_sid="")
    rows = await campaign_of(database, 1)
    await add(database, attempt_of(rows, 0, status="unknown"))
    assert [one.kind for one in await wanted(op, rows)] == ["no_account", "unknown_calls"]


async def test_an_answer_is_counted_in_the_hour_of_the_clock_in_which_it_came(database: Database) -> None:
    rows = await campaign_of(database, 4)
    now = NOON + timedelta(minutes=30)
    ages = (timedelta(minutes=29), timedelta(minutes=31), timedelta(hours=2, minutes=40), timedelta(hours=9))
    answered = [attempt_of(rows, n, status="ended", answered_at=now - age) for n, age in enumerate(ages)]
    await add(database, *answered)
    async with database.read() as session:
        assert await answers_by_hour(session, [rows.campaign], now, 4) == {rows.campaign: [1, 0, 1, 1]}
