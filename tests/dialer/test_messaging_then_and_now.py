"""A message is judged when it is planned and again when it is sent: what was true then may not be true now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from dialer import barring, suppressing
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Attempt, Debt, Interaction, Message, Number, Person, Suppression
from dialer.texts import messaging
from ivr_flows.turn import MessageAsked
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, message_of, operation_on


class At:
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def at(op: Operation, hours: float) -> Operation:
    return replace(op, clock=At(NOON + timedelta(hours=hours)))  # type: ignore[arg-type]


async def planned(database: Database, **changes: Any) -> tuple[Rows, int]:
    rows = await campaign_of(database, 1)
    (message_id,) = await add(database, message_of(rows, status="planned", **changes))
    return rows, message_id


async def change(database: Database, model: type, **values: Any) -> None:
    async with database.write() as session:
        await session.execute(update(model).values(**values))


async def seen(database: Database, message_id: int) -> Message:
    async with database.read() as session:
        return await session.get_one(Message, message_id)


async def rule_of(database: Database) -> str:
    async with database.read() as session:
        details = await session.scalars(select(Interaction.detail).where(Interaction.kind == "message_denied"))
        return str(details.one()["rule"])


WAY = {"kind": "pix", "code": "12345"}


@pytest.mark.parametrize(
    ("model", "values", "rule"),
    [
        (Debt, {"ways_to_pay": [WAY | {"expires_on": "2026-03-01"}]}, "PAYMENT_CODE_OVER"),
        (Debt, {"ways_to_pay": [WAY | {"code": "99999", "expires_on": None}]}, "PAYMENT_CODE_OVER"),
        (Debt, {"status": "paid"}, "NOTHING_DUE"),
        (Debt, {"status": "withdrawn"}, "NOTHING_DUE"),
        (Number, {"status": "wrong_person"}, "NUMBER_UNUSABLE"),
        (Number, {"line_type": "landline"}, "NUMBER_UNUSABLE"),
    ],
)
async def test_a_payment_code_that_is_no_good_any_more_is_not_sent(
    database: Database, model: type, values: dict[str, Any], rule: str
) -> None:
    _, message_id = await planned(database)
    await change(database, model, **values)
    assert await messaging.send_due(operation_on(database, accepts)) == 0
    kept = await seen(database, message_id)
    assert (kept.status, kept.finished_at) == ("denied", NOON)
    assert await rule_of(database) == rule


async def test_a_payment_code_is_good_on_its_last_day_at_the_persons_place(database: Database) -> None:
    _, message_id = await planned(database, created_at=NOON + timedelta(hours=14))
    await change(database, Debt, ways_to_pay=[WAY | {"expires_on": "2026-03-02"}])
    await add(database, attempt_of(Rows(1, 1, 1, (1,), (1,), (1,)), status="live", to_number="+5511990000009"))
    late = at(operation_on(database, accepts), 11.9)  # 23:54 in São Paulo, and the next day in UTC
    assert await messaging.send_due(late) == 1
    assert (await seen(database, message_id)).status == "sent"


async def test_at_night_a_text_that_nobody_asked_for_waits_for_the_morning(database: Database) -> None:
    _, message_id = await planned(database, purpose="information", template="news")
    op = operation_on(database, accepts)
    assert await messaging.send_due(at(op, 10)) == 0  # 22:00
    waiting = await seen(database, message_id)
    assert waiting.status == "planned"
    assert NOON + timedelta(hours=19) < waiting.due_at <= NOON + timedelta(hours=22)
    assert await messaging.send_due(at(op, 12)) == 0
    assert await messaging.send_due(replace(op, clock=At(waiting.due_at))) == 1  # type: ignore[arg-type]


async def test_a_code_that_expired_while_it_waited_for_the_morning_is_not_sent(database: Database) -> None:
    _, message_id = await planned(database, purpose="payment_code")
    await change(database, Debt, ways_to_pay=[WAY | {"expires_on": "2026-03-02"}])
    op = operation_on(database, accepts)
    assert await messaging.send_due(at(op, 10)) == 0, "nobody has asked for it: no call, no text of theirs"
    waiting = await seen(database, message_id)
    assert waiting.status == "planned"
    assert await messaging.send_due(replace(op, clock=At(waiting.due_at))) == 0  # type: ignore[arg-type]
    assert (await seen(database, message_id)).status == "denied"


def refuses(_: httpx.Request) -> httpx.Response:
    return httpx.Response(400, json={"status": 400, "code": 21610, "message": "unsubscribed", "more_info": ""})


@pytest.mark.parametrize("how", ["refused", "told later"])
async def test_a_stop_that_only_the_carrier_heard_becomes_ours(database: Database, how: str) -> None:
    rows, message_id = await planned(database)
    (other,) = await add(database, message_of(rows, status="planned", due_at=NOON + timedelta(hours=1)))
    op = operation_on(database, refuses if how == "refused" else accepts)
    assert await messaging.send_due(op) == 1
    if how == "told later":
        await messaging.heard(op, (await seen(database, message_id)).token, "failed", error="21610")
    assert (await seen(database, message_id)).status == "failed"
    assert (await seen(database, other)).status == "denied"
    async with database.read() as session:
        (bar,) = await session.scalars(select(Suppression))
    assert (bar.person_id, bar.channel, bar.number, bar.source) == (
        rows.people[0], "sms", "+5511990000001", "carrier",
    )  # fmt: skip


async def test_start_lets_in_again_what_only_the_carrier_was_told_to_stop_and_old_news_does_not_end_it(
    database: Database,
) -> None:
    rows, message_id = await planned(database)
    op = operation_on(database, accepts)
    assert await messaging.send_due(op) == 1
    token = (await seen(database, message_id)).token
    await messaging.heard(op, token, "failed", error="21610")
    async with database.write() as session:
        assert await barring.text_again(session, rows.tenant, "+5511990000001", at=NOON)
    await messaging.heard(op, token, "failed", error="21610")  # the same news told again
    async with database.read() as session:
        (bar,) = await session.scalars(select(Suppression))
        assert bar.until == NOON
        kinds = list(await session.scalars(select(Interaction.kind)))
    assert kinds.count("suppressed_opt_out") == 1


async def asked(database: Database, text: str, **person: Any) -> tuple[bool, list[Message]]:
    rows = await campaign_of(database, 1)
    (attempt_id,) = await add(database, attempt_of(rows))
    if person:
        await change(database, Person, **person)
    op = operation_on(database, accepts)
    async with database.write() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        done = await messaging.plan(session, op, attempt, MessageAsked("code", text, "payment_code"), at=NOON)
    async with database.read() as session:
        return done, list(await session.scalars(select(Message)))


@pytest.mark.parametrize(("text", "segments"), [("a" * 161, 2), ("Olá ã" * 30, 3)])
async def test_a_planned_message_knows_its_size_and_campaign(database: Database, text: str, segments: int) -> None:
    done, (message,) = await asked(database, text)
    assert done
    assert (message.segments, message.status) == (segments, "planned")
    assert message.campaign_id is not None


async def test_a_text_too_long_for_the_carrier_is_kept_whole_and_not_sent(database: Database) -> None:
    _, (message,) = await asked(database, "a" * 1601)
    assert message.status == "failed"
    assert len(operation_on(database, accepts).database.keyring.unseal(message.body)) == 1601


async def test_whoever_merely_called_us_is_not_texted(database: Database) -> None:
    assert await asked(database, "hello", kind="caller") == (False, [])


@pytest.mark.parametrize("number", [None, "theirs"])
async def test_who_ended_texts_by_text_is_offered_none_in_a_call(database: Database, number: str | None) -> None:
    """Twilio would refuse it (21610), and a text that nobody wants is none of ours."""
    rows = await campaign_of(database, 1)
    (attempt_id, message_id) = await add(database, attempt_of(rows), message_of(rows, status="planned"))
    op = operation_on(database, accepts)
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        whose = (await session.get_one(Number, rows.numbers[0])).e164 if number else None
        await suppressing.suppress(session, person, "opt_out", at=NOON, number=whose, channel="sms", source="text")
        attempt = await session.get_one(Attempt, attempt_id)
        assert not await messaging.plan(session, op, attempt, MessageAsked("code", "x", "payment_code"), at=NOON)
    assert await messaging.send_due(op) == 0
    assert ((await seen(database, message_id)).status, await rule_of(database)) == ("denied", "OPT_OUT")
