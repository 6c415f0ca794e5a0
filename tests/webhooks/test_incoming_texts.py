"""What people text us, over signed requests: kept once, carried out, answered without a word of the matter."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from dialer import suppressing
from dialer.rules.facts import Proposed
from dialer.rules.gate import Deny, decide
from dialer.store import people
from dialer.store.database import Database
from dialer.store.models import Message, Number, Person, Suppression, Task
from dialer.texts import messaging
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, message_of, operation_on
from tests.webhooks.phone import Web, new_sid

STRANGER = "+5511999990777"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # nothing of it hangs on the database
SECRETS = ("Pessoa", "loja", "Loja", "123,45", "12345", "C-")


class Hours:
    """NOON, and so many hours."""

    def __init__(self, hours: float) -> None:
        self.hours = hours

    def now(self):  # type: ignore[no-untyped-def]
        return NOON + timedelta(hours=self.hours)


def web_on(database: Database, *, hours: float = 0, **settings: object) -> Web:
    values: dict[str, object] = {"caller_name": "Horizonte", "official_site": "horizonte.example"}
    op = operation_on(database, accepts, **(values | settings))  # type: ignore[arg-type]
    return Web(replace(op, clock=Hours(hours)))  # type: ignore[arg-type]


async def number_of(database: Database, rows: Rows, index: int = 0) -> str:
    async with database.read() as session:
        return (await session.get_one(Number, rows.numbers[index])).e164


async def all_of(database: Database, model: type) -> list:
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def may_be(database: Database, web: Web, rows: Rows, channel: str, mode: str) -> str:
    """The rule that stops this kind of contact with the first person, or "allow"."""
    async with database.read() as session:
        person = await session.get_one(Person, rows.people[0])
        known = await people.numbers(session, person.id)
        facts = await people.facts(session, person, known, debts_due=True)
    now = web.op.clock.now()
    proposed = Proposed(
        at=now, person="1", number=known[0].e164, country="BR", channel=channel, mode=mode,  # type: ignore[arg-type]
        asked_for=True,
    )  # fmt: skip
    decision = decide(facts, proposed, web.op.packs, now)
    return decision.rule if isinstance(decision, Deny) else "allow"


async def test_stop_ends_texts_and_automated_calls_and_is_confirmed_once(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    answer = await web.text(number, "Pare!")
    assert answer is not None
    assert "Horizonte" in answer
    assert not any(word in answer for word in SECRETS)
    assert await may_be(database, web, rows, "sms", "text") == "OPT_OUT"
    assert await may_be(database, web, rows, "phone", "prerecorded") == "OPT_OUT"
    assert await may_be(database, web, rows, "phone", "live_agent_manual") == "allow"
    assert await web.text(number, "PARAR") is None, "one confirmation is enough"


@ON_SQLITE
@pytest.mark.parametrize("word", ["STOP", "cancel"])
async def test_words_that_the_carrier_acts_on_are_left_to_it_to_answer(database: Database, word: str) -> None:
    rows = await campaign_of(database, 1)
    number = await number_of(database, rows)
    assert await web_on(database).text(number, word) is None
    assert await may_be(database, web_on(database), rows, "sms", "text") == "OPT_OUT"
    assert await web_on(database, carrier_answers_stop=False).text(number, word) is not None


@ON_SQLITE
async def test_what_the_carrier_says_that_it_acted_on_counts_whatever_the_words(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    assert await web.text(await number_of(database, rows), "BASTANTE", OptOutType="STOP") is None
    assert await may_be(database, web, rows, "phone", "prerecorded") == "OPT_OUT"


async def test_the_same_message_told_again_gets_the_same_answer_and_is_kept_once(database: Database) -> None:
    rows, web, sid = await campaign_of(database, 1), web_on(database), new_sid("SM")
    number = await number_of(database, rows)
    answers = await asyncio.gather(*(web.text(number, "pare", sid=sid) for _ in range(4)))
    answers.append(await web.text(number, "pare", sid=sid))
    assert len(set(answers)) == 1
    kept = await all_of(database, Message)
    assert [(one.direction, one.status) for one in kept] == [("in", "received"), ("out", "sent")]
    assert web.op.database.keyring.unseal(kept[0].body) == "pare"
    assert b"pare" not in kept[0].body


async def test_start_lets_texts_in_again_but_no_calls_and_only_after_a_stop_by_text(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    await web.text(number, "sair")
    assert "PARE" in (await web.text(number, "voltar") or "")
    assert await may_be(database, web, rows, "sms", "text") == "allow"
    assert await may_be(database, web, rows, "phone", "prerecorded") == "OPT_OUT"
    await web.text(number, "sair")
    assert await may_be(database, web, rows, "sms", "text") == "OPT_OUT", "and it can be ended again"


@ON_SQLITE
async def test_start_does_not_undo_an_opt_out_that_came_otherwise(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None, source="letter")
    await web.text(await number_of(database, rows), "START")
    assert await may_be(database, web, rows, "sms", "text") == "OPT_OUT"
    assert [task.kind for task in await all_of(database, Task)] == ["answer_text"], "people read it instead"


async def test_several_at_one_number_are_all_left_alone(database: Database) -> None:
    rows, web = await campaign_of(database, 2), web_on(database)
    number = await number_of(database, rows)
    await add(
        database,
        Number(tenant_id=rows.tenant, person_id=rows.people[1], e164=number, country="BR", line_type="mobile",
               status="usable", rank=1),
    )  # fmt: skip
    await web.text(number, "nao me liguem mais")
    barred = {one.person_id for one in await all_of(database, Suppression)}
    assert barred == {None, *rows.people}
    (message, *_) = await all_of(database, Message)
    assert message.person_id not in rows.people, "nobody knows which of them wrote"


@ON_SQLITE
async def test_a_stranger_is_spared_too_even_when_their_number_is_loaded_later(database: Database) -> None:
    web = web_on(database)
    await web.text(STRANGER, "Quit calling me")
    rows = await campaign_of(database, 1)
    await add(
        database,
        Number(tenant_id=rows.tenant, person_id=rows.people[0], e164=STRANGER, country="BR", line_type="mobile",
               status="usable", rank=-1),
    )  # fmt: skip
    assert await may_be(database, web, rows, "phone", "prerecorded") == "OPT_OUT"
    assert await may_be(database, web, rows, "sms", "text") == "OPT_OUT"


@ON_SQLITE
async def test_help_says_who_we_are_and_no_more(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database, official_number="+551130000000")
    answer = await web.text(await number_of(database, rows), "Quem é?") or ""
    assert "Horizonte" in answer
    assert "horizonte.example" in answer
    assert "+551130000000" in answer
    assert not any(word in answer.replace("+551130000000", "") for word in SECRETS)


@ON_SQLITE
async def test_other_words_are_a_task_for_people_and_a_receipt_at_most_once_a_day(database: Database) -> None:
    rows = await campaign_of(database, 1)
    number = await number_of(database, rows)
    first = await web_on(database).text(number, "Vou pagar na sexta")
    second = await web_on(database, hours=3).text(number, "ou no sábado")
    third = await web_on(database, hours=25).text(number, "me ligam?")
    assert first is not None
    assert first == third
    assert second is None
    (task,) = await all_of(database, Task)
    assert (task.kind, task.person_id) == ("answer_text", rows.people[0])


@ON_SQLITE
async def test_whoever_wants_no_texts_gets_no_receipt(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    await web.text(number, "pare")
    assert await web.text(number, "eu já paguei essa conta") is None


async def test_what_is_planned_is_not_sent_after_a_stop(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    (waiting,) = await add(database, message_of(rows, status="planned", to_number=number))
    await web.text(number, "pare")
    assert await messaging.send_due(web.op) == 0
    async with database.read() as session:
        assert (await session.get_one(Message, waiting)).status == "denied"


@ON_SQLITE
async def test_a_live_call_of_ours_ends_at_its_next_turn(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    number = await number_of(database, rows)
    live = attempt_of(rows, status="live", to_number=number, sid=new_sid("CA"), answered_at=NOON)
    called = attempt_of(rows, status="live", to_number=number, sid=new_sid("CA"), direction="in", answered_at=NOON)
    await add(database, live, called)
    await web.text(number, "pare")
    async with database.read() as session:
        assert await suppressing.opted_out_elsewhere(session, live)
        assert not await suppressing.opted_out_elsewhere(session, called), "whoever calls us may be spoken to"


@ON_SQLITE
async def test_only_the_carrier_may_tell_us_of_texts(database: Database) -> None:
    web = web_on(database)
    form = {"MessageSid": new_sid("SM"), "From": STRANGER, "To": "+15005550006", "Body": "STOP"}
    assert (await web.ask("/messaging/inbound", form, signed=False)).status_code == 403
    assert (await web.ask("/messaging/inbound", {"Body": "STOP"})).status_code == 400
    assert not await all_of(database, Message)


@ON_SQLITE
@pytest.mark.parametrize("sender", ["72975", "HORIZONTE", "whatsapp:+5511999990777", ""])
async def test_senders_that_are_no_telephones_harm_nothing(database: Database, sender: str) -> None:
    web = web_on(database)
    form = {"MessageSid": new_sid("SM"), "From": sender, "To": "+15005550006", "Body": "PARE"}
    answer = await web.ask("/messaging/inbound", form)
    assert answer.status_code == (200 if sender else 400)
    assert ("<Message" in answer.text) == sender.startswith("whatsapp:")


@ON_SQLITE
async def test_progress_of_an_answer_is_followed(database: Database) -> None:
    rows, web = await campaign_of(database, 1), web_on(database)
    await web.text(await number_of(database, rows), "pare")
    sent = (await all_of(database, Message))[1]
    form = {"MessageSid": new_sid("SM"), "MessageStatus": "delivered"}
    assert (await web.ask(f"/messaging/{sent.token}/status", form)).status_code == 200
    assert (await all_of(database, Message))[1].status == "delivered"
