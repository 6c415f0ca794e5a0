"""Promises that lapse and are remembered, holds that people answer, and the deadlines of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer.debts import holding, promising
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import (
    Attempt,
    Contact,
    Debt,
    Interaction,
    Message,
    Number,
    Person,
    Promise,
    Suppression,
    Task,
)
from ivr_flows.turn import HoldAsked, Money, Promised
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on
from tests.dialer.switchboard import Later


class Call:
    """A call in which the debtor says things, and what it leaves behind."""

    def __init__(self, database: Database, rows: Rows, attempt: int) -> None:
        self.database, self.rows, self.attempt = database, rows, attempt
        self.op: Operation = operation_on(database, accepts)

    def at(self, **after: float) -> Operation:
        return replace(self.op, clock=Later(timedelta(**after).total_seconds()))

    async def promise(self, on: date, minor: int = 12345, debts: Sequence[int] = ()) -> None:
        made = Promised(Money(minor, "BRL"), on, tuple(map(str, debts)))
        async with self.database.write() as session:
            attempt, person = await self._who(session)
            await promising.keep(session, self.op, attempt, person, made)
            await session.execute(
                update(Contact).where(Contact.person_id == person.id).values(status="done", outcome="promised")
            )

    async def hold(self, kind: Any, debts: Sequence[int] = ()) -> None:
        async with self.database.write() as session:
            attempt, person = await self._who(session)
            await holding.hold(
                session, self.op, attempt, person, HoldAsked(kind, "pix", date(2026, 3, 1), tuple(map(str, debts)))
            )
            word = {"already_paid": "already_paid", "dispute": "disputed"}[kind]
            await session.execute(
                update(Contact).where(Contact.person_id == person.id).values(status="done", outcome=word)
            )

    async def _who(self, session: Any) -> tuple[Attempt, Person]:
        return await session.get_one(Attempt, self.attempt), await session.get_one(Person, self.rows.people[0])

    async def all(self, model: Any) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.scalars(select(model).order_by(model.id))).all()

    async def second_debt(self) -> int:
        debt = Debt(
            tenant_id=self.rows.tenant, person_id=self.rows.people[0], creditor_id=self.rows.creditor,
            contract="SECOND", amount_minor=5000, currency="BRL", due_on=date(2026, 2, 20),
        )  # fmt: skip
        return (await add(self.database, debt))[0]


@pytest.fixture
async def call(database: Database) -> Call:
    rows = await campaign_of(database, 1)
    attempt = attempt_of(rows, status="ended", level="checked", number_id=rows.numbers[0])
    (attempt_id,) = await add(database, attempt)
    return Call(database, rows, attempt_id)


async def test_a_promise_about_one_debt_leaves_the_other_open(call: Call) -> None:
    second = await call.second_debt()
    await call.promise(date(2026, 3, 6), 5000, [second])
    (promise,) = await call.all(Promise)
    assert promise.debts == [second]
    assert [one.status for one in await call.all(Debt)] == ["open", "promised"]


async def test_the_last_word_of_a_call_stands(call: Call) -> None:
    second = await call.second_debt()
    await call.promise(date(2026, 3, 9))
    await call.promise(date(2026, 3, 4), 5000, [second])
    (promise,) = await call.all(Promise)
    assert (promise.due_on, promise.debts) == (date(2026, 3, 4), [second])
    assert [one.status for one in await call.all(Debt)] == ["open", "promised"]
    standing = [bar for bar in await call.all(Suppression) if bar.until > NOON]
    assert [bar.until for bar in standing] == [datetime(2026, 3, 6, 3, tzinfo=UTC)], "the end of the 5th in São Paulo"


async def test_a_newer_call_replaces_what_was_promised_about_the_same_debt(call: Call) -> None:
    await call.promise(date(2026, 3, 9))
    (call.attempt,) = await add(call.database, attempt_of(call.rows, status="ended", number_id=call.rows.numbers[0]))
    await call.promise(date(2026, 3, 4))
    assert [one.status for one in await call.all(Promise)] == ["ended", "open"]


async def test_a_promise_breaks_after_its_day_and_grace_once(call: Call) -> None:
    await call.promise(date(2026, 3, 6))  # a Friday: grace is Monday the 9th
    assert await promising.break_due(call.at(days=7, hours=11)) == 0  # Monday, 23:00 in São Paulo
    after = call.at(days=7, hours=12, minutes=1)
    assert await promising.break_due(after) == 1
    assert await promising.break_due(after) == 0
    (promise,), (debt,), (contact,) = await call.all(Promise), await call.all(Debt), await call.all(Contact)
    assert (promise.status, debt.status) == ("broken", "open")
    assert (contact.status, contact.outcome) == ("waiting", "broken_promise")
    assert all(bar.until <= after.clock.now() for bar in await call.all(Suppression))
    (line,) = [one for one in await call.all(Interaction) if one.kind == "promise_broken"]
    assert line.detail["missing_minor"] == 12345


async def test_a_kept_promise_never_breaks(call: Call) -> None:
    await call.promise(date(2026, 3, 4))
    async with call.database.write() as session:
        await session.execute(update(Promise).values(paid_minor=12345))
    assert await promising.break_due(call.at(days=30)) == 0


async def test_a_reminder_is_planned_once_and_only_where_it_may_go(call: Call) -> None:
    await call.promise(date(2026, 3, 6))
    assert await promising.remind_due(call.at(days=2)) == 0, "not two days before"
    assert await promising.remind_due(call.at(days=3)) == 1
    assert await promising.remind_due(call.at(days=3, hours=1)) == 0
    (text,) = await call.all(Message)
    words = call.database.keyring.unseal(text.body)
    assert "06/03/2026" in words
    assert (text.template, text.purpose, text.segments) == ("promise_reminder", "information", 1)


@pytest.mark.parametrize("why", ["landline", "unchecked", "same day"])
async def test_no_reminder_goes_where_it_may_not(call: Call, why: str) -> None:
    async with call.database.write() as session:
        if why == "landline":
            await session.execute(update(Number).values(line_type="landline"))
        if why == "unchecked":
            await session.execute(update(Attempt).values(level="claimed"))
    await call.promise(date(2026, 3, 2) if why == "same day" else date(2026, 3, 6))
    assert await promising.remind_due(call.at(days=3)) == 0
    assert not await call.all(Message)


@pytest.mark.parametrize(
    ("kind", "outcome", "debt", "contact"),
    [
        ("already_paid", "paid", "paid", "already_paid"),
        ("already_paid", "not_paid", "open", "not_paid"),
        ("dispute", "upheld", "withdrawn", "disputed"),
        ("dispute", "rejected", "open", "rejected"),
    ],
)
async def test_what_people_find_settles_the_hold(
    call: Call, kind: str, outcome: str, debt: str, contact: str
) -> None:
    await call.hold(kind)
    (task,) = await call.all(Task)
    assert {one.status for one in await call.all(Debt)} == {"held"}
    answered = await holding.answer(call.op, task.id, outcome)
    assert (answered.status, answered.outcome, answered.debts[0].status) == ("done", outcome, debt)
    assert all(bar.until == NOON for bar in await call.all(Suppression))
    (queued,) = await call.all(Contact)
    assert (queued.outcome, queued.status) == (contact, "waiting" if debt == "open" else "done")
    with pytest.raises(Refused, match="done already"):
        await holding.answer(call.op, task.id, outcome)


async def test_a_hold_on_one_debt_ends_a_promise_that_rests_on_it_alone(call: Call) -> None:
    await call.promise(date(2026, 3, 6))
    (call.attempt,) = await add(call.database, attempt_of(call.rows, status="ended", number_id=call.rows.numbers[0]))
    await call.hold("already_paid")
    (promise,) = await call.all(Promise)
    assert promise.status == "ended"
    assert await promising.break_due(call.at(days=30)) == 0


async def test_the_work_list_shows_what_is_late(call: Call) -> None:
    await call.hold("already_paid")
    (listed,) = await holding.listed(call.op)
    assert (listed.overdue, listed.escalated, listed.detail) == (False, False, {"reason": "pix", "on": "2026-03-01"})
    assert listed.due_at == datetime(2026, 3, 5, 3, tzinfo=UTC), "two working days: the end of Wednesday in São Paulo"
    (listed,) = await holding.listed(call.at(days=3))
    assert (listed.overdue, listed.escalated) == (True, False)
    (listed,) = await holding.listed(call.at(days=6))
    assert (listed.overdue, listed.escalated) == (True, True)


async def test_answers_that_cannot_be_are_refused_with_those_that_can(call: Call) -> None:
    await call.hold("dispute")
    (task,) = await call.all(Task)
    with pytest.raises(BadInput, match="upheld, rejected"):
        await holding.answer(call.op, task.id, "not_paid")
    with pytest.raises(NotFound):
        await holding.answer(call.op, 999, "paid")
