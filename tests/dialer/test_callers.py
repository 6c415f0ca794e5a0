"""What a flow is told of a person at the beginning of a call, and what an agreed time of day comes to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import collecting
from dialer.callers import Asked, caller, callers
from dialer.store.database import Database
from dialer.store.models import Attempt, Debt, Number, Person, Promise
from ivr_flows import engine
from ivr_flows.loading import load
from ivr_flows.turn import DEBT_VALUES, CallbackAsked, Caller, Money
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on

TODAY = NOON.date()


def debt_of(rows: Rows, contract: str, **changes: Any) -> Debt:
    values: dict[str, Any] = {
        "tenant_id": rows.tenant, "person_id": rows.people[0], "creditor_id": rows.creditor, "contract": contract,
        "amount_minor": 9900, "currency": "BRL", "due_on": TODAY - timedelta(days=5), "status": "open",
    }  # fmt: skip
    return Debt(**values | changes)


async def told(database: Database, rows: Rows, **given: Any) -> Caller:
    async with database.read() as session:
        person = await session.get_one(Person, rows.people[0])
        number = await session.get_one(Number, rows.numbers[0])
        op = operation_on(database, accepts)
        return await caller(session, op, person, number, skill="", from_number="", **given)


async def promised(database: Database, rows: Rows, status: str, *, person: int = 0) -> None:
    (call,) = await add(database, attempt_of(rows, status="ended", closed_at=NOON, person_id=rows.people[person]))
    await add(
        database,
        Promise(
            tenant_id=rows.tenant, person_id=rows.people[person], attempt_id=call, status=status, created_at=NOON,
            amount_minor=1, currency="BRL", due_on=TODAY,
        ),
    )  # fmt: skip


@contextmanager
def counted(session: AsyncSession) -> Iterator[list[str]]:
    """The statements that a session sends."""
    sent: list[str] = []

    def note(*given: Any) -> None:
        sent.append(given[2])

    engine_ = session.get_bind()
    event.listen(engine_, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine_, "before_cursor_execute", note)


async def test_each_debt_is_told_with_its_items_and_the_ways_to_pay_that_are_valid_today(database: Database) -> None:
    rows = await campaign_of(database, 1)
    items = [
        {"kind": "principal", "minor": 9000}, {"kind": "interest", "minor": 700}, {"kind": "interest", "minor": 200},
        {"kind": "fine", "minor": 300}, {"kind": "discount", "minor": -300},
    ]  # fmt: skip
    ways = [
        {"kind": "boleto", "code": "old", "expires_on": (TODAY - timedelta(days=1)).isoformat()},
        {"kind": "pix", "code": "better", "expires_on": TODAY.isoformat()},
        {"kind": "pix", "code": "worse", "expires_on": None},
    ]
    await add(database, debt_of(rows, "C-2", items=items, ways_to_pay=ways, instalment="3/12", invoice="77"))
    who = await told(database, rows)
    assert len(who.debts) == 2
    second = who.debts[1]
    assert set(second) <= set(DEBT_VALUES)
    assert {name: second[name] for name in ("amount", "original_amount", "interest", "fine", "fees", "discount")} == {
        "amount": Money(9900, "BRL"),
        "original_amount": Money(9000, "BRL"),
        "interest": Money(900, "BRL"),
        "fine": Money(300, "BRL"),
        "fees": None,
        "discount": Money(300, "BRL"),
    }
    assert {name: second[name] for name in ("pix", "boleto", "link", "payment_kind", "payment_code")} == {
        "pix": "better",
        "boleto": None,
        "link": None,
        "payment_kind": "pix",
        "payment_code": "better",
    }
    assert (second["instalment"], second["invoice"], second["days_past_due"]) == ("3/12", "77", 5)
    assert who.values["amount_total"] == Money(12345 + 9900, "BRL")


async def test_a_debt_in_another_currency_is_not_added_up(database: Database) -> None:
    rows = await campaign_of(database, 1)
    await add(database, debt_of(rows, "C-2", currency="USD"))
    who = await told(database, rows)
    assert (len(who.debts), who.values["debt_count"], who.values["amount_total"]) == (1, 1, Money(12345, "BRL"))


async def test_a_call_is_about_the_debts_that_it_was_placed_for(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (other,) = await add(database, debt_of(rows, "C-2"))
    who = await told(database, rows, debts=[str(other)])
    assert [debt["debt"] for debt in who.debts] == [str(other)]


@pytest.mark.parametrize(("statuses", "broken"), [((), False), (("broken",), True), (("broken", "kept"), False)])
async def test_the_latest_promise_tells_whether_one_was_broken(
    database: Database, statuses: tuple[str, ...], broken: bool
) -> None:
    rows = await campaign_of(database, 1)
    for status in statuses:
        await promised(database, rows, status)
    assert (await told(database, rows)).values["broken_promise"] is broken


@pytest.mark.parametrize("flow", ["lembrete", "segunda-tentativa", "ultimo-aviso", "retorno", "torpedo"])
async def test_what_is_told_is_enough_for_the_flow(database: Database, flow: str) -> None:
    rows = await campaign_of(database, 1)
    await add(database, debt_of(rows, "C-2"))
    assert engine.start(load(flow), await told(database, rows)).speech


async def test_the_hour_is_the_one_at_the_person(database: Database) -> None:
    rows = await campaign_of(database, 1)
    assert (await told(database, rows)).now == (NOON - timedelta(hours=3)).time()  # São Paulo


@pytest.mark.parametrize("seconds", [0, 59, 200])
async def test_an_agreed_time_is_kept_to_the_minute_however_long_the_call_takes(
    database: Database, seconds: int
) -> None:
    rows = await campaign_of(database, 1)
    began = NOON - timedelta(seconds=seconds)
    (call,) = await add(database, attempt_of(rows, status="live"))
    here = began - timedelta(hours=3)
    wished = datetime.combine(here.date(), time(15, 30), tzinfo=UTC)
    minutes = 15 * 60 + 30 - (here.hour * 60 + here.minute)
    async with database.write() as session:
        attempt = await session.get_one(Attempt, call)
        op = operation_on(database, accepts)
        columns = await collecting.commit_effects(session, op, attempt, (CallbackAsked(minutes, at=time(15, 30)),))
    assert columns["callback_at"] == wished + timedelta(hours=3)


async def test_many_are_told_of_as_each_alone_with_no_more_questions_to_the_database(database: Database) -> None:
    rows = await campaign_of(database, 4)
    await add(database, debt_of(rows, "C-2", amount_minor=500))
    await promised(database, rows, "broken", person=1)
    await promised(database, rows, "broken", person=2)
    await promised(database, rows, "kept", person=2)
    op = operation_on(database, accepts)
    async with database.read() as session:
        asked = [
            Asked(await session.get_one(Person, person), await session.get_one(Number, number), f"+55113000000{at}")
            for at, (person, number) in enumerate(zip(rows.people, rows.numbers, strict=True))
        ]
        alone = [
            await caller(session, op, one.person, one.number, skill="", from_number=one.from_number) for one in asked
        ]
        with counted(session) as few:
            await callers(session, op, asked[:1], skill="")
        with counted(session) as many:
            together = await callers(session, op, asked, skill="")
    assert together == alone
    assert [who.values["debt_count"] for who in together] == [2, 1, 1, 1]
    assert [who.values["broken_promise"] for who in together] == [False, True, False, False]
    assert len(many) == len(few) > 0
