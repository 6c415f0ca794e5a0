"""Messages: sent once, and one record in the end, in whatever order, how often and how late news of them come."""

from __future__ import annotations

import asyncio
import random

import httpx
import pytest
from sqlalchemy import select, update

from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.store import messages
from dialer.store.database import Database
from dialer.store.models import Message
from dialer.texts import messaging, tracing
from tests.dialer.records import MESSAGE as BODY
from tests.dialer.records import NOON, accepts, add, campaign_of, message_of, operation_on

SID = "SM" + "1" * 32
WORDS = ("Accepted", "sent", "delivered", "undelivered", "given up")


def listed(*texts: tuple[str, str]) -> httpx.Response:
    found = [
        {"sid": sid, "to": "+5511990000001", "from": "+15005550006", "body": text, "status": "delivered",
         "date_created": "Mon, 02 Mar 2026 15:00:01 +0000"} for sid, text in texts
    ]  # fmt: skip
    return httpx.Response(200, json={"messages": found})


async def seen(database: Database, message_id: int) -> Message:
    async with database.read() as session:
        return await session.get_one(Message, message_id)


async def tell(op: Operation, message: Message, word: str) -> None:
    """One piece of news, as the code that hears of it would record it."""
    if word in ("sent", "delivered", "undelivered"):
        error = "30003" if word == "undelivered" else None
        await messaging.heard(op, message.token, word, sid=sid_of(message), error=error)
        return
    async with op.database.write() as session:
        if word == "given up":
            await messages.give_up(session, message.id, at=NOON)
        else:
            await messages.merge(session, message.id, "sent", at=NOON, sid=sid_of(message))


def sid_of(message: Message) -> str:
    return f"SM{message.id:032}"


def expected(news: list[str], own_sid: str) -> tuple[str, str | None, str | None]:
    sid = own_sid if set(news) - {"given up"} else None
    if "delivered" in news:
        return "delivered", None, sid
    if "undelivered" in news:
        return "failed", "30003", sid
    return ("sent", None, sid) if sid else ("failed", messages.NEVER_ARRIVED, None)


@pytest.mark.parametrize("together", [False, True])
async def test_news_in_any_order_repeated_lost_or_together_end_in_one_record(
    database: Database, together: bool
) -> None:
    """I4 for messages."""
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    dice = random.Random(4)
    for _ in range(40):
        news = dice.choices(WORDS, k=dice.randint(1, 6))
        (message_id,) = await add(database, message := message_of(rows))
        if together:
            await asyncio.gather(*(tell(op, message, word) for word in news))
        else:
            for word in news:
                await tell(op, message, word)
        kept = await seen(database, message_id)
        assert (kept.status, kept.error, kept.sid) == expected(news, sid_of(message)), news
        assert (kept.finished_at is None) == (kept.status == "sent")


async def test_a_delivery_heard_while_the_create_is_settled_is_kept(database: Database) -> None:
    if database.is_sqlite:
        return  # writers queue there: nothing is heard meanwhile
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    (message_id,) = await add(database, message := message_of(rows))
    async with database.write() as session:
        await messages.merge(session, message_id, "sent", at=NOON, sid=SID)
        hearing = asyncio.create_task(messaging.heard(op, message.token, "delivered"))
        await asyncio.sleep(0.2)
    await hearing
    assert (await seen(database, message_id)).status == "delivered"


async def test_a_message_is_given_up_only_when_its_create_has_surely_ended(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, lambda _: listed())
    grace, longest = op.settings.unknown_grace * 1000, op.carrier.longest_create * 1000
    under_way = message_of(rows, sent_real=real_ms() - int(grace + longest) + 2000)
    stopped = message_of(rows, sent_real=real_ms() - int(grace + longest) - 1000)
    unknown = message_of(rows, status="unknown", sent_real=real_ms() - int(grace) - 1000, to_number="+5511990000002")
    ids = await add(database, under_way, stopped, unknown)
    await tracing.reconcile(op)
    statuses = [(await seen(database, one)).status for one in ids]
    assert statuses == ["sending", "sending", "failed"], "one that is under way may be the other's, so both wait"
    async with database.write() as session:
        await messages.merge(session, ids[0], "sent", at=NOON, sid=SID)
    await tracing.reconcile(op)
    assert (await seen(database, ids[1])).status == "failed"


@pytest.mark.parametrize(
    "text", [BODY, "Sent from your Twilio trial account - " + BODY, 'Olá - seu código é "12345"', "something else"]
)
async def test_a_lost_message_is_found_though_the_carrier_changed_its_text(database: Database, text: str) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, lambda _: listed((SID, text)))
    (message_id,) = await add(database, message_of(rows, status="unknown"))
    await tracing.reconcile(op)
    kept = await seen(database, message_id)
    assert (kept.status, kept.sid) == ("sent", SID)


async def test_messages_that_a_stopped_worker_left_do_not_wait_for_each_other(database: Database) -> None:
    rows = await campaign_of(database, 1)
    await add(database, message_of(rows, sent_real=0), message_of(rows, sent_real=0))
    await tracing.reconcile(operation_on(database, lambda _: listed()))
    async with database.read() as session:
        assert (await session.scalars(select(Message.status))).all() == ["failed", "failed"]


async def test_a_message_of_another_is_not_taken_for_the_lost_one(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, lambda _: listed((SID, "the other's words")))
    await add(database, message_of(rows, status="sent", sid=SID))
    (lost,) = await add(database, message_of(rows, status="unknown"))
    await tracing.reconcile(op)
    assert (await seen(database, lost)).error == messages.NEVER_ARRIVED


async def test_two_strange_texts_are_nobodys(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, lambda _: listed((SID, "one"), ("SM" + "2" * 32, "two")))
    (lost,) = await add(database, message_of(rows, status="unknown"))
    await tracing.reconcile(op)
    assert (await seen(database, lost)).status == "failed"


async def test_of_two_workers_one_sends(database: Database) -> None:
    rows = await campaign_of(database, 8)
    asked: list[str] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0.01)
        return accepts(request)

    one, two = operation_on(database, slow), operation_on(database, slow)  # type: ignore[arg-type]
    planned = [message_of(rows, n, status="planned", to_number=f"+55119900001{n:02}") for n in range(8)]
    await add(database, *planned)
    await asyncio.gather(messaging.send_due(one), messaging.send_due(two))
    await messaging.send_due(one)
    assert len(asked) == 8
    async with database.read() as session:
        assert set(await session.scalars(select(Message.status))) == {"sent"}


async def test_nothing_more_is_sent_once_the_worker_stops(database: Database) -> None:
    rows = await campaign_of(database, 1)
    await add(database, message_of(rows, status="planned"))
    assert await messaging.send_due(operation_on(database, accepts), going=lambda: False) == 0
    async with database.write() as session:
        await session.execute(update(Message).values(due_at=NOON))
    assert await messaging.send_due(operation_on(database, accepts)) == 1
