"""A card that an agent takes: what the carrier is asked, in which order, under which keys; and news that is
late, comes twice or never.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from sqlalchemy import select

from dialer.attending import capturing
from dialer.attending.capturing import News, figures_for
from dialer.attending.talk import Seat
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Attempt, CardCapture, Debt, Payment, Task
from tests.dialer.attending.test_saying import at_the_desk, kinds
from tests.dialer.records import operation_on
from webhooks import reading

OWED = 12345
Asked = list[dict[str, str]]


async def desk(
    database: Database, *, broken: Callable[[dict[str, str]], bool] = lambda _: False, **changes: object
) -> tuple[Operation, Seat, Asked]:
    """An agent in a talk, and a carrier that keeps what it is asked for; `broken` requests have no answer."""
    _, seat = await at_the_desk(database, level="confirmed", sid="CA1", **changes)
    op, asked = over(database, broken)
    return op, seat, asked


def over(database: Database, broken: Callable[[dict[str, str]], bool] = lambda _: False) -> tuple[Operation, Asked]:
    """The operation over such a carrier."""
    asked: Asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if broken(form):
            raise httpx.ReadTimeout("no answer")
        asked.append(form)
        return httpx.Response(201, json={"sid": "PK1", "status": "in-progress"})

    return operation_on(database, answer, pay_connector="Default"), asked


async def the_capture(database: Database) -> CardCapture:
    async with database.read() as session:
        return (await session.scalars(select(CardCapture).order_by(CardCapture.id.desc()).limit(1))).one()


async def test_figures_are_asked_for_in_turn_and_the_charge_comes_last(database: Database) -> None:
    op, seat, asked = await desk(database)
    await capturing.begin(op, seat, 5000)
    token = (await the_capture(database)).token
    told = [News(figure, digits=3) for figure in figures_for("BRL")]
    for news in told:
        await capturing.heard(op, token, news)
        assert (await the_capture(database)).digits == 3
        for _ in range(2):  # told twice
            await capturing.heard(op, token, News(news.figure))
    first, *steps, last = asked
    assert (first["ChargeAmount"], first["Currency"], first["PostalCode"]) == ("50.00", "brl", "false")
    assert [one["Capture"] for one in steps] == figures_for("BRL")
    assert last["Status"] == "complete"
    assert len({one["IdempotencyKey"] for one in asked}) == len(asked)
    assert (await the_capture(database)).status == "charging"
    with pytest.raises(Refused, match="being charged"):
        await capturing.give_up(op, seat)
    for _ in range(2):
        await capturing.heard(op, token, News(result="success", confirmation="CH1"))
    async with database.read() as session:
        payment = (await session.scalars(select(Payment))).one()
        debt = (await session.scalars(select(Debt))).one()
        attempt = (await session.scalars(select(Attempt))).one()
    assert (payment.amount_minor, payment.reference, payment.debt_id) == (5000, "card:CH1", debt.id)
    assert debt.amount_minor == OWED - 5000
    assert attempt.flow_disposition == "paid_by_card"
    assert [one for one in await kinds(database, seat.attempt) if one.startswith("card_")] == [
        "card_begun", "card_charged",
    ]  # fmt: skip


async def test_what_was_wrong_is_shown_and_asked_again_under_another_key(sqlite_here: Database) -> None:
    op, seat, asked = await desk(sqlite_here)
    await capturing.begin(op, seat, OWED)
    token = (await the_capture(sqlite_here)).token
    await capturing.heard(op, token, News("security-code"))  # not asked for yet
    await capturing.heard(op, token, News("payment-card-number", error="invalid-card-number"))
    assert (await the_capture(sqlite_here)).error == "invalid-card-number"
    await capturing.again(op, seat)
    assert [one["Capture"] for one in asked[1:]] == ["payment-card-number"] * 2
    assert asked[1]["IdempotencyKey"] != asked[2]["IdempotencyKey"]
    assert (await the_capture(sqlite_here)).error == ""
    await capturing.give_up(op, seat)
    assert asked[-1]["Status"] == "cancel"
    await capturing.heard(op, token, News("payment-card-number"))
    assert (await the_capture(sqlite_here)).status == "canceled"
    await capturing.begin(op, seat, OWED)  # another one
    assert (await the_capture(sqlite_here)).status == "open"


async def test_a_charge_without_a_result_is_told_again_and_looked_up_by_people_in_the_end(database: Database) -> None:
    op, seat, asked = await desk(database)
    await capturing.begin(op, seat, OWED)
    token = (await the_capture(database)).token
    for figure in figures_for("BRL"):
        await capturing.heard(op, token, News(figure))
    for _ in range(20):
        async with database.write() as session:
            for one in await session.scalars(select(CardCapture)):
                one.moved_at -= timedelta(minutes=1)
        await capturing.look_after(op)
    completed = [one["IdempotencyKey"] for one in asked if one.get("Status") == "complete"]
    assert len(completed) == capturing.MOST_REMINDERS + 1
    assert len(set(completed)) == 1, "a repeat charges nothing twice"
    async with database.read() as session:
        assert (await session.scalars(select(Task.kind))).all() == ["check_card"]
    assert (await the_capture(database)).status == "lost"
    with pytest.raises(Refused, match="Nobody knows yet"):
        await capturing.begin(op, seat, OWED)
    await capturing.heard(op, token, News(result="success", confirmation="CHlate"))
    assert (await the_capture(database)).status == "charged"


async def test_a_create_without_an_answer_and_a_call_that_is_over_end_it(sqlite_here: Database) -> None:
    op, seat, _ = await desk(sqlite_here, broken=lambda form: "ChargeAmount" in form)
    with pytest.raises(Refused, match="nothing was charged"):
        await capturing.begin(op, seat, OWED)
    assert (await the_capture(sqlite_here)).status == "failed"
    op, _ = over(sqlite_here)
    await capturing.begin(op, seat, OWED)
    async with sqlite_here.write() as session:
        (await session.scalars(select(Attempt))).one().status = "ended"
        for one in await session.scalars(select(CardCapture)):
            one.moved_at -= timedelta(minutes=1)
    await capturing.look_after(op)
    assert ((await the_capture(sqlite_here)).status, (await the_capture(sqlite_here)).error) == (
        "canceled", "caller-hung-up",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "amount", "why"),
    [
        ({"status": "ended"}, OWED, "over"),
        ({"level": "claimed"}, OWED, "Confirm the identity"),
        ({}, OWED + 1, "not above what is owed"),
        ({}, 0, "more than nothing"),
    ],
)
async def test_what_stands_in_the_way_is_said_and_nothing_is_asked(
    sqlite_here: Database, changes: dict[str, str], amount: int, why: str
) -> None:
    op, seat, asked = await desk(sqlite_here)
    async with sqlite_here.write() as session:
        attempt = (await session.scalars(select(Attempt))).one()
        for name, value in changes.items():
            setattr(attempt, name, value)
    with pytest.raises((Refused, BadInput), match=why):
        await capturing.begin(op, seat, amount)
    op.settings.pay_connector = ""
    with pytest.raises(Refused, match="TOQUE_PAY_CONNECTOR"):
        await capturing.begin(op, seat, OWED)
    assert asked == []


@pytest.mark.parametrize(
    ("form", "news"),
    [
        ({"Capture": "security-code", "PartialResult": "True", "SecurityCode": "x"}, News("security-code", digits=1)),
        ({"Capture": "payment-card-number", "PaymentCardNumber": "xxxx xxxx xxxx 4242"}, News("payment-card-number")),
        ({"Capture": "expiration-date", "ErrorType": "timeout"}, News("expiration-date", error="timeout")),
        ({"Result": "success", "PaymentConfirmationCode": "CH1"}, News(result="success", confirmation="CH1")),
        ({"Result": "success", "Sid": "PK1"}, News(result="success", confirmation="PK1")),
        ({"Result": "payment-connector-error", "PayErrorCode": "64001"}, News(
            result="payment-connector-error", error="64001"
        )),
        ({"Required": "payment-card-number"}, None),
    ],
)  # fmt: skip
def test_of_what_the_carrier_tells_no_figure_is_read(form: dict[str, str], news: News | None) -> None:
    assert reading.capture(form) == news
    assert "4242" not in str(news)
