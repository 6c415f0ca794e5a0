"""Calls to our numbers, over signed requests: anybody is answered, nobody's matter is told to anybody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import httpx
import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from dialer import reconciling, suppressing
from dialer.results import reporting
from dialer.store import people
from dialer.store.database import Database
from dialer.store.models import (
    Agent,
    Attempt,
    Campaign,
    Contact,
    Creditor,
    Interaction,
    Number,
    Packet,
    Person,
    Promise,
    Suppression,
    Task,
)
from tests.dialer.records import KEYS, Rows, add, agent_of, attempt_of, campaign_of, operation_on
from tests.webhooks.phone import OURS, Phone, Web
from tests.webhooks.test_incoming_texts import ON_SQLITE, Hours, all_of, may_be, number_of, web_on

STRANGER = "+5511999990777"
NAME, CREDITOR, CONTRACT = "Etelvina Quaresma", "Casa Almirante", "K-7781"
SECRETS = ("Etelvina", "Quaresma", "Almirante", "7781", "123", "cento e vinte", "reais", "loja", "dívida", "débito")


@pytest.fixture
async def rows(database: Database) -> Rows:
    """One debtor with a name, a creditor and a check that would be known again in any word that is spoken."""
    made = await campaign_of(database, 1)
    async with database.write() as session:
        person = await session.get_one(Person, made.people[0])
        person.name, person.document = NAME, KEYS.seal("52998224725")
        (debt,) = await people.debts(session, person.id)
        debt.contract = CONTRACT
        (await session.get_one(Creditor, made.creditor)).name = CREDITOR
    return made


def told_nothing(phone: Phone) -> bool:
    return not any(secret.casefold() in phone.words.casefold() for secret in SECRETS)


PATHS = (
    (), ("1",), ("2",), ("3",), ("9",), ("0",), ("*", "7"), ("1", "725"), ("1", "*", "0"), ("2", "1"), ("2", "9"),
    ("2", "4", "11999990123", "1"), ("3", "1"), ("3", "2"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "paths"),
    [(STRANGER, PATHS), ("anonymous", PATHS[::3]), ("+12125550177", PATHS[1::4]), ("+33639980177", PATHS[2::4])],
)
@ON_SQLITE
async def test_a_stranger_hears_nothing_of_anybody_on_any_path(
    database: Database, rows: Rows, number: str, paths: tuple[tuple[str, ...], ...]
) -> None:
    web = web_on(database)
    for keys in paths:
        phone = await Phone(web, number).call()
        for key in keys:
            if not phone.over:
                await phone.press(key)
        await phone.wait(8)
        await phone.hang_up()
        assert "Horizonte" in phone.words
        assert told_nothing(phone), (keys, phone.heard)
    assert {one.level for one in await all_of(database, Attempt)} <= {"none", "claimed"}
    assert {one.status for one in await all_of(database, Attempt)} == {"ended"}


@ON_SQLITE
async def test_the_debtors_own_phone_in_other_hands_hears_nothing_before_the_check(
    database: Database, rows: Rows
) -> None:
    web, number = web_on(database), await number_of(database, rows)
    for keys in (*PATHS[1:8], ("1", "111", "222", "333")):
        phone = await Phone(web, number).call()
        for key in keys:
            if not phone.over:
                await phone.press(key)
        await phone.wait(8)
        await phone.hang_up()
        assert told_nothing(phone), (keys, phone.heard)


async def test_the_debtor_calls_back_passes_the_check_and_promises(database: Database, rows: Rows) -> None:
    phone = await Phone(web_on(database), await number_of(database, rows)).call()
    assert told_nothing(phone)
    await phone.press("1", "725")
    assert "Almirante" in phone.words
    await phone.press("2", "2", "1")
    await phone.wait(6)
    await phone.hang_up()
    (promise,) = await all_of(database, Promise)
    assert (promise.amount_minor, promise.due_on) == (12345, date(2026, 3, 3)), phone.heard
    attempt = (await all_of(database, Attempt))[-1]
    assert (attempt.direction, attempt.disposition, attempt.level) == ("in", "promised", "checked")
    assert attempt.debts


async def test_a_request_told_again_gets_the_same_answer_and_one_record(database: Database, rows: Rows) -> None:
    web = web_on(database)
    phones = [Phone(web, await number_of(database, rows), sid="CA" + "7" * 32) for _ in range(4)]
    await asyncio.gather(*(phone.call() for phone in phones))
    again = await Phone(web, phones[0].number, sid="CA" + "7" * 32).call()
    assert {(phone.where, phone.words) for phone in phones} == {(again.where, again.words)}
    (attempt,) = await all_of(database, Attempt)
    assert (attempt.status, attempt.turn) == ("live", 0)


@ON_SQLITE
async def test_stop_from_a_strangers_phone_is_committed_before_its_answer(database: Database, rows: Rows) -> None:
    phone = await Phone(web_on(database), STRANGER).call()
    await phone.press("9")
    barred = [(one.person_id, one.number, one.kind) for one in await all_of(database, Suppression)]
    assert barred == [(None, STRANGER, "opt_out")]
    await phone.hang_up()
    assert (await all_of(database, Attempt))[-1].disposition == "opted_out"
    await add(
        database,
        Number(tenant_id=rows.tenant, person_id=rows.people[0], e164=STRANGER, country="BR", line_type="mobile",
               status="usable", rank=-1),
    )  # fmt: skip
    assert await may_be(database, web_on(database), rows, "phone", "prerecorded") == "OPT_OUT"


async def test_stop_from_the_phone_of_a_debtor_is_theirs_on_all_numbers(database: Database, rows: Rows) -> None:
    number = await number_of(database, rows)
    ringing = attempt_of(rows, status="ringing", to_number=number, sid="CA" + "3" * 32)
    await add(database, ringing)
    phone = await Phone(web_on(database), number).call()
    await phone.press("9")
    assert {(one.person_id, one.number) for one in await all_of(database, Suppression)} == {
        (None, number), (rows.people[0], None),
    }  # fmt: skip
    async with database.read() as session:
        assert await suppressing.opted_out_elsewhere(session, ringing)
        assert (await session.get_one(Attempt, ringing.id)).cancel_asked == "opted_out"


async def test_a_hidden_number_may_key_in_the_one_to_be_left_alone(database: Database, rows: Rows) -> None:
    number = await number_of(database, rows)
    phone = await Phone(web_on(database), "anonymous").call()
    await phone.press("9")
    assert not await all_of(database, Suppression), "nothing to leave alone yet"
    await phone.press(number.removeprefix("+55"))
    assert not await all_of(database, Suppression), "read back first"
    await phone.press("1")
    (bar,) = await all_of(database, Suppression)
    assert (bar.person_id, bar.number, bar.automated_only) == (None, number, True)
    assert not await all_of(database, Task)


@ON_SQLITE
async def test_a_keyed_number_that_is_none_is_looked_at_by_people(database: Database, rows: Rows) -> None:
    phone = await Phone(web_on(database), "anonymous").call()
    await phone.press("9", "00000000", "1")
    assert [task.kind for task in await all_of(database, Task)] == ["check_number"]


@ON_SQLITE
async def test_several_people_at_one_number_are_nobody(database: Database, rows: Rows) -> None:
    other = await campaign_of(database, 1)
    number = await number_of(database, rows)
    await add(
        database,
        Number(tenant_id=rows.tenant, person_id=other.people[0], e164=number, country="BR", line_type="mobile",
               status="usable", rank=1),
    )  # fmt: skip
    phone = await Phone(web_on(database), number).call()
    await phone.press("1")
    assert "CPF" not in phone.words, "there is no check when nobody knows whose"
    assert told_nothing(phone)
    (attempt,) = await all_of(database, Attempt)
    assert attempt.person_id not in (rows.people[0], other.people[0])


@ON_SQLITE
async def test_a_number_that_reaches_somebody_else_makes_no_candidate(database: Database, rows: Rows) -> None:
    async with database.write() as session:
        await session.execute(update(Number).values(status="wrong_person"))
    await Phone(web_on(database), await number_of(database, rows)).call()
    assert (await all_of(database, Attempt))[-1].person_id != rows.people[0]


async def test_a_call_in_while_ours_rings_is_on_record_beside_it_and_holds_back_others(
    database: Database, rows: Rows
) -> None:
    web, number = web_on(database), await number_of(database, rows)
    await add(database, attempt_of(rows, status="ringing", to_number=number, sid="CA" + "3" * 32))
    phone = await Phone(web, number).call()
    assert len([one for one in await all_of(database, Attempt) if one.status != "ended"]) == 2
    assert await may_be(database, web, rows, "phone", "live_agent_manual") == "LIVE_ATTEMPT"
    await phone.hang_up()


@ON_SQLITE
async def test_a_talk_that_the_debtor_began_is_in_the_record_as_theirs(database: Database, rows: Rows) -> None:
    web = web_on(database)
    phone = await Phone(web, await number_of(database, rows)).call()
    await phone.press("1", "725", "2", "2", "1")
    await phone.hang_up()
    async with database.read() as session:
        person = await session.get_one(Person, rows.people[0])
        facts = await people.facts(session, person, await people.numbers(session, person.id), debts_due=True)
    (talk,) = facts.history
    assert (talk.direction, talk.outcome, bool(talk.debts)) == ("in", "conversation", True)


@ON_SQLITE
async def test_the_contact_of_a_running_campaign_is_left_as_it_is_and_nobody_is_dialled_from_the_standing_one(
    database: Database, rows: Rows
) -> None:
    web = web_on(database)
    phone = await Phone(web, await number_of(database, rows)).call()
    await phone.press("3", "1")
    await phone.hang_up()
    ours, theirs = await all_of(database, Contact)
    assert ours.id == rows.contacts[0]
    assert ours.tries == 0
    assert (theirs.status, theirs.campaign_id) != (ours.status, ours.campaign_id)
    assert theirs.status == "done"
    campaign = (await all_of(database, Campaign))[-1]
    assert (campaign.name, campaign.direction, campaign.status, campaign.list_id) == (
        "retorno",
        "in",
        "answering",
        None,
    )


@ON_SQLITE
async def test_the_report_of_calls_that_came_in(database: Database, rows: Rows) -> None:
    web = web_on(database)
    await (await Phone(web, await number_of(database, rows)).call()).hang_up()
    await (await (await Phone(web, STRANGER).call()).press("9")).hang_up()
    report = await reporting.report(web.op, "retorno")
    assert report["funnel"]["answered"] == 2
    assert report["funnel"]["opted_out"] == 1
    assert [call["disposition"] for call in report["calls"]] == ["hung_up", "opted_out"]


@ON_SQLITE
async def test_the_agents_card_says_that_the_person_has_called_us(database: Database, rows: Rows) -> None:
    await add(database, agent_of(rows, skills=["collections"]))
    phone = await Phone(web_on(database), await number_of(database, rows)).call()
    await phone.press("0")
    (packet,) = await all_of(database, Packet)
    body = KEYS.unseal(packet.body)
    assert '"direction":"in"' in body
    (agent,) = await all_of(database, Agent)
    assert agent.status == "reserved"
    await phone.hang_up()


@ON_SQLITE
async def test_the_end_of_a_call_that_nobody_told_us_of_is_asked_for(database: Database, rows: Rows) -> None:
    phone = await Phone(web_on(database), STRANGER).call()
    (attempt,) = await all_of(database, Attempt)
    ended = {"sid": phone.sid, "to": OURS, "from": STRANGER, "status": "completed", "duration": "9"}
    asked = operation_on(database, lambda _: httpx.Response(200, json=ended))
    await reconciling.heal(replace(asked, clock=Hours(1)))  # type: ignore[arg-type]
    (attempt,) = await all_of(database, Attempt)
    assert (attempt.status, attempt.disposition, attempt.seconds) == ("ended", "hung_up", 9)


@ON_SQLITE
async def test_only_the_carrier_may_tell_us_of_calls(database: Database) -> None:
    web = web_on(database)
    form = {"CallSid": "CA" + "1" * 32, "From": STRANGER, "To": "+15005550006"}
    assert (await web.ask("/voice/inbound", form, signed=False)).status_code == 403
    assert (await web.ask("/voice/inbound", {"From": STRANGER})).status_code == 404
    assert (await web.ask("/voice/inbound/status", {**form, "CallStatus": "completed"})).status_code == 404
    assert not await all_of(database, Attempt)


@ON_SQLITE
async def test_the_record_of_what_happened_holds_no_number(database: Database, rows: Rows) -> None:
    phone = await Phone(web_on(database), STRANGER).call()
    await phone.press("9")
    await phone.hang_up()
    async with database.read() as session:
        details = [str(one) for one in await session.scalars(select(Interaction.detail))]
    assert details
    assert not any("99999" in detail for detail in details)


@ON_SQLITE
async def test_a_web_without_a_flow_for_callers_still_speaks(database: Database) -> None:
    web: Web = web_on(database, inbound_flow="no_such_flow")
    phone = Phone(web, STRANGER)
    with capture_logs() as logs:
        await phone.call()
    assert [one["event"] for one in logs] == ["flow_failed"]
    assert phone.over
    assert phone.heard, "an apology, and the end"
