"""What an agent types and reads in the forms of the desk: in two windows, after the next caller came, of whom."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select, update

from console.deskwork import forms, prompter
from console.deskwork.gathering import Heard, gather
from dialer import staffing
from dialer.attending import drafting
from dialer.attending.talk import Seat
from dialer.errors import Refused
from dialer.store.models import Agent, Attempt, Contact, Debt, Note, Number, Person, Promise
from ivr_flows.scripts.loading import load
from tests.console.office import START, Office
from tests.console.test_desk_work import lines, signed_in, talking

CALLED_NEXT = "CA-next"


async def on_record(desk: Office, **values: object) -> None:
    """Something else stands on Marina's record."""
    async with desk.op.database.write() as session:
        await session.execute(update(Person).where(Person.id == desk.ids["person"]).values(**values))


async def at_level(desk: Office, level: str) -> None:
    async with desk.op.database.write() as session:
        await session.execute(update(Attempt).where(Attempt.id == desk.ids["attempt"]).values(level=level))


async def next_caller(desk: Office, browser: httpx.AsyncClient) -> int:
    """Marina hangs up, and Otto Lima is on the line; the number of his call."""
    await desk.leave()
    await browser.post("/desk/done")
    async with desk.op.database.write() as session:
        first = await session.get_one(Attempt, desk.ids["attempt"])
        number = Number(
            tenant_id=first.tenant_id, person_id=desk.ids["other"], e164="+5511999990003", country="BR",
            line_type="mobile",
        )  # fmt: skip
        contact = Contact(
            tenant_id=first.tenant_id, campaign_id=first.campaign_id, person_id=desk.ids["other"], status="calling",
            due_at=START,
        )  # fmt: skip
        session.add_all([number, contact])
        await session.flush()
        attempt = Attempt(
            tenant_id=first.tenant_id, token="attempt-2", campaign_id=first.campaign_id, contact_id=contact.id,
            person_id=desk.ids["other"], number_id=number.id, to_number=number.e164, status="live", sid=CALLED_NEXT,
            flow="lembrete", debts=[], intent_at=START, intent_real=0, turn=1, waits="transfer", level="none",
        )  # fmt: skip
        session.add(attempt)
        await session.flush()
        desk.ids["attempt"] = attempt.id
    await desk.ask_for_agent()
    async with desk.op.database.read() as session:
        token = (await session.get_one(Agent, desk.ids["agent"])).leg_token
    await staffing.leg_joined(desk.op, token, CALLED_NEXT)
    return desk.ids["attempt"]


async def test_two_windows_type_into_one_form_and_neither_loses_what_the_other_has(desk: Office) -> None:
    browser = await talking(desk)
    kept = "/desk/work/drafts/contact?attempt=1"
    assert (await browser.post(kept, data={"email": "marina@casa.example"})).status_code == 204
    assert (await browser.post(kept, data={"address": "Rua Nova 5"})).status_code == 204
    form = (await browser.get("/desk/work/forms/contact?attempt=1")).text
    assert 'value="marina@casa.example"' in form
    assert 'value="Rua Nova 5"' in form
    await browser.post(kept, data={"email": "", "address": ""})
    assert "· not sent" not in (await browser.get("/desk")).text


async def test_what_was_typed_of_a_call_is_sent_after_the_next_caller_came_and_is_said_of_that_call(
    desk: Office,
) -> None:
    browser = await talking(desk)
    assert await next_caller(desk, browser) == 2
    assert "Otto Lima" in (await browser.get("/desk")).text
    typed = {"note": "Volta ao trabalho em janeiro"}
    assert (await browser.post("/desk/work/drafts/note?attempt=1", data=typed)).status_code == 204
    promised = {"promise_amount": "100,00", "promise_date": "2026-11-27"}
    form = (await browser.get("/desk/work/forms/promise?attempt=1")).text
    assert "Marina Prado" in form  # and nobody takes it for a form about Otto
    assert (await browser.post("/desk/work/forms/promise?attempt=1", data=promised)).status_code == 204
    async with desk.op.database.read() as session:
        (made,) = await session.scalars(select(Promise).where(Promise.status == "open"))
        assert (made.person_id, made.attempt_id) == (desk.ids["person"], 1)
    await staffing.caller_left(desk.op, await line_of(desk), CALLED_NEXT)
    await browser.post("/desk/done")
    page = (await browser.get("/desk")).text
    assert 'data-form="note" data-attempt="1"' in page
    assert "Marina Prado · Note" in page
    assert (await browser.post("/desk/work/forms/note?attempt=1", data=typed)).status_code == 204
    async with desk.op.database.read() as session:
        assert await session.scalar(select(Note.person_id)) == desk.ids["person"]
    assert "Marina Prado" not in (await browser.get("/desk")).text


async def line_of(desk: Office) -> str:
    async with desk.op.database.read() as session:
        return (await session.get_one(Agent, desk.ids["agent"])).leg_token


async def test_a_talk_of_another_shift_or_of_another_agent_is_not_written_to(desk: Office) -> None:
    browser = await talking(desk)
    second = await next_caller(desk, browser)
    note = {"note": "x"}
    async with desk.op.database.read() as session:
        tenant = (await session.get_one(Attempt, second)).tenant_id
    with pytest.raises(Refused):
        await drafting.keep(desk.op, Seat(tenant, "Rui Sá", 1), "note", note)
    desk.clock.at = START.replace(day=24, hour=2)
    assert "not at this desk" in (await browser.post("/desk/work/forms/note?attempt=1", data=note)).text
    assert (await browser.post(f"/desk/work/forms/note?attempt={second}", data=note)).status_code == 204


async def test_the_card_shows_what_an_answer_is_compared_with_until_it_has_been_and_to_the_agent_alone(
    desk: Office,
) -> None:
    browser = await talking(desk)
    await on_record(desk, birth_year=1984)
    assert "1984" not in (await browser.get("/desk")).text  # the keypad has asked already
    await at_level(desk, "claimed")
    page = (await browser.get("/desk")).text
    assert "Year of birth: <strong>1984</strong>" in page
    looking = await signed_in(desk, "auditor")
    assert "1984" not in (await looking.get("/desk?agent=Bia+Nunes")).text
    await on_record(desk, document=desk.op.database.keyring.seal("111.444.777-35"), version=Person.version + 1)
    shown = (await browser.get("/desk")).text
    assert "<strong>735</strong>" in shown
    assert "1984" not in shown  # only what is asked for
    await on_record(desk, document=None, birth_year=None, version=Person.version + 1)
    assert "Nothing on record to compare" in (await browser.get("/desk")).text
    await on_record(desk, address=desk.op.database.keyring.seal("Rua Velha 9"), version=Person.version + 1)
    assert "Rua Velha 9" in (await browser.get("/desk")).text


async def test_what_is_on_record_is_read_beside_its_field_and_only_a_correction_is_one(desk: Office) -> None:
    browser = await talking(desk)
    await on_record(desk, email=desk.op.database.keyring.seal("marina@casa.example"))
    assert "On record: marina@casa.example" in (await browser.get("/desk/work/forms/contact?attempt=1")).text
    sent = {"email": "marina@casa.example", "address": ""}
    assert (await browser.post("/desk/work/forms/contact?attempt=1", data=sent)).status_code == 204
    assert await lines(desk, "contact_data_corrected") == []
    sent["address"] = "Rua Nova 5"
    assert (await browser.post("/desk/work/forms/contact?attempt=1", data=sent)).status_code == 204
    (line,) = await lines(desk, "contact_data_corrected")
    assert line.detail["fields"] == ["address"]


async def test_a_form_after_wrap_up_still_counts_in_the_money_of_the_call(desk: Office) -> None:
    browser = await talking(desk)
    async with desk.op.database.write() as session:
        await session.execute(update(Debt).where(Debt.person_id == desk.ids["person"]).values(currency="USD"))
    await desk.leave()
    await browser.post("/desk/done")
    form = (await browser.get("/desk/work/forms/promise?attempt=1")).text
    assert "<span>USD</span>" in form


async def test_several_methods_are_a_promise_with_both(desk: Office) -> None:
    browser = await talking(desk)
    assert forms.actions()["split"].reason == "split_methods"
    parts = {"promise_amount": "1.284,90", "promise_date": "2026-11-27", "payment_method": "card"}
    lacking = await browser.post("/desk/work/forms/split?attempt=1", data=parts)
    assert "Second method: fill this in first" in lacking.text
    by_hand = {"disposition": "promised", "reason": "split_methods", **parts}
    assert (
        "Second method: fill this in first"
        in (await browser.post("/desk/work/forms/outcome?attempt=1", data=by_hand)).text
    )
    both = parts | {"second_method": "slip"}
    assert (await browser.post("/desk/work/forms/split?attempt=1", data=both)).status_code == 204
    (outcome,) = await lines(desk, "agent_outcome")
    assert outcome.detail["fields"]["second_method"] == "slip"


async def test_a_case_is_read_before_the_call_and_leads_to_no_page_that_is_shut_for_agents(desk: Office) -> None:
    browser = await talking(desk)
    await browser.post("/desk/work/forms/note?attempt=1", data={"note": "Propõe 3 vezes"})
    task = {"task": "review_proposal", "owner": "Bia Nunes", "due_on": ""}
    assert (await browser.post("/desk/work/forms/task?attempt=1", data=task)).status_code == 204
    await desk.leave()
    await browser.post("/desk/done")
    case = (await browser.get("/desk/work/cases/1")).text
    assert "Propõe 3 vezes" in case
    assert "Aurora Energia" in case
    assert "/people/" not in case


async def test_the_plan_is_reckoned_while_it_is_typed_and_its_limit_is_told_in_money(desk: Office) -> None:
    browser = await talking(desk)
    form, kept = "/desk/work/forms/plan?attempt=1", "/desk/work/drafts/plan?attempt=1"
    assert "<li>" not in (await browser.get(form)).text
    await browser.post(kept, data={"instalments": "3", "first_payment_on": "2026-11-30"})
    shown = (await browser.get(form)).text
    assert shown.count("<li>") == 3
    assert "Jan 30, 2027" in shown
    assert shown.count("R$428.30") == 3
    await browser.post(kept, data={"part_payment": "10"})
    past = "A down payment is at least R$50.00, less than what is owed, and instalments follow it."
    assert past in (await browser.get(form)).text
    sent = {"instalments": "3", "first_payment_on": "2026-11-30", "part_payment": "10"}
    refused = await browser.post(form, data=sent)
    assert (refused.status_code, refused.text.count(past), "minor units" in refused.text) == (422, 1, False)


async def test_what_may_be_offered_stands_on_the_card_and_in_the_script_and_is_no_discount_of_the_bill(
    desk: Office,
) -> None:
    browser = await talking(desk)
    async with desk.op.database.write() as session:
        items = [{"kind": "discount", "minor": 5000}]
        await session.execute(update(Debt).where(Debt.person_id == desk.ids["person"]).values(items=items))
    assert "At most 3 instalments of R$50.00 or more, the first by Dec 3, 2026." in (await browser.get("/desk")).text
    said = await words_at(desk, "negotiating")
    assert "3 vezes de R$ 428,30" in said["offer_parts"]
    assert "até 23/12/2026" in said["offer_time"]
    assert "50,00" not in said["offer_discount"]  # the bill has it already


async def test_what_is_repeated_is_what_was_agreed_in_this_call_and_never_an_older_promise(desk: Office) -> None:
    browser = await talking(desk)
    async with desk.op.database.write() as session:
        now = await session.get_one(Attempt, 1)
        before = Attempt(
            tenant_id=now.tenant_id, token="attempt-0", campaign_id=now.campaign_id, contact_id=now.contact_id,
            person_id=now.person_id, number_id=now.number_id, to_number=now.to_number, status="ended", sid="CA-0",
            flow="lembrete", debts=[], intent_at=START, intent_real=0, turn=1, level="checked",
        )  # fmt: skip
        session.add(before)
        await session.flush()
        await session.execute(update(Promise).values(attempt_id=before.id))  # the broken one is of another day
    said = await words_at(desk, "paying")
    assert "R$" not in said["promise_again"]
    promised = {"promise_amount": "90", "promise_date": "2026-11-27"}
    assert (await browser.post("/desk/work/forms/promise?attempt=1", data=promised)).status_code == 204
    said = await words_at(desk, "paying")
    assert "São R$ 90,00, no dia 27/11/2026." in said["promise_again"]
    assert "Eram R$ 200,00, para 10/11/2026." in said["matter"]
    plan = {"instalments": "3", "first_payment_on": "2026-11-30", "part_payment": "500"}
    assert (await browser.post("/desk/work/forms/plan?attempt=1", data=plan)).status_code == 204
    said = await words_at(desk, "negotiating")
    assert "A entrada é de R$ 500,00, em 30/11/2026; depois, R$ 392,45 por mês (2×)." in said["plan_again"]
    assert "R$ 500,00" in said["first_payment"]


async def words_at(desk: Office, part: str) -> dict[str, str]:
    """What the broken promise's script says at its steps, with the values of the card on the screen."""
    steps = {"paying": ("promise_again", "matter"), "negotiating": WAYS}[part]
    script, said = load("promessa-quebrada"), dict[str, str]()
    async with desk.op.database.read() as session:
        attempt = await session.get_one(Attempt, 1)
        agent = await session.get_one(Agent, desk.ids["agent"])
        call = await gather(session, Heard(attempt, {"debts": [], "promises": []}, [], None))
        values = await prompter.values_of(session, desk.op, agent, call)
    for step in steps:
        said[step] = script.filled(script.at(step), "pt-BR", values)
    return said


WAYS = ("offer_parts", "offer_time", "offer_discount", "plan_again", "first_payment")
