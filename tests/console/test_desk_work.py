"""Work at the desk: who gets in, the script's steps, forms and drafts; and whom nobody else sees."""

from __future__ import annotations

from datetime import UTC, date, datetime

import httpx
import pytest
from sqlalchemy import select, update

from console.deskwork import forms
from console.deskwork.amounts import minor_of
from console.deskwork.outcomes import outcomes, wanted
from console.guard import COOKIE
from console.wording import LANGUAGES, words_for
from dialer.errors import BadInput
from dialer.lists.codes_file import Codes
from dialer.rules.answers import answers
from dialer.rules.disposition import Disposition
from dialer.store import campaigns, users
from dialer.store.models import Agent, Attempt, Creditor, Debt, Draft, Interaction, Note, Promise, Task, Tenant, User
from ivr_flows.scripts.catalogue import DISPOSITIONS, FIELDS, REASONS, TASKS
from ivr_flows.scripts.loading import library, load
from tests.console.office import Office

OURS = {"X-Toque-Desk": "1"}
PAYS = {"promise_amount": "1.284,90", "promise_date": "2026-11-27"}


async def signed_in(
    desk: Office, role: str = "agent", *, creditors: list[str] | None = None, agent: str | None = "Bia Nunes"
) -> httpx.AsyncClient:
    """A browser in which somebody is signed in to the console."""
    async with desk.op.database.write() as session:
        tenant = await campaigns.tenant(session)
        user = User(
            tenant_id=tenant.id, email=f"{role}@toque.example", name="Ivo Prado", role=role, password="-",
            creditors=creditors, agent=agent if role == "agent" else None, language="en-US",
            created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(user)
        await session.flush()
        cookie = await users.open_browser(session, user.id, datetime.now(UTC))
    browser = await desk.client()
    browser.cookies.set(COOKIE, cookie)
    return browser


async def talking(desk: Office) -> httpx.AsyncClient:
    """The agent, signed in to the console, with Marina Prado on the line."""
    await desk.ask_for_agent()
    await desk.join()
    browser = await signed_in(desk)
    browser.headers.update(OURS)
    return browser


async def lines(desk: Office, kind: str) -> list[Interaction]:
    async with desk.op.database.read() as session:
        found = await session.scalars(select(Interaction).where(Interaction.kind == kind).order_by(Interaction.id))
        return list(found)


async def test_the_console_s_sign_in_opens_the_agent_s_own_desk_and_no_other(desk: Office) -> None:
    browser = await talking(desk)
    page = await browser.get("/desk")
    assert page.status_code == 200
    assert "Marina Prado" in page.text
    assert "Keep what is said" in page.text
    assert (await browser.get("/desk?agent=Rui Sá")).status_code == 403
    assert (await (await signed_in(desk, "auditor")).get("/desk?agent=Bia Nunes")).status_code == 200


async def test_others_are_led_to_the_floor_and_look_without_buttons(desk: Office) -> None:
    await talking(desk)
    boss = await signed_in(desk, "supervisor")
    assert (await boss.get("/desk")).headers["location"] == "/desk/floor"
    page = (await boss.get("/desk?agent=Bia Nunes")).text
    assert "Marina Prado" in page
    assert "data-form" not in page
    refused = await boss.post("/desk/work/forms/stop?agent=Bia Nunes&attempt=1", headers=OURS)
    assert refused.status_code == 403
    boss = await signed_in(desk, "manager")
    refused = await boss.post("/desk/work/forms/stop?agent=Bia Nunes&attempt=1", headers=OURS)
    assert refused.status_code == 403


async def test_nothing_is_done_for_another_site_or_without_our_header(desk: Office) -> None:
    browser = await talking(desk)
    at = "/desk/work/forms/stop?attempt=1"
    assert (await browser.post(at, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    del browser.headers["X-Toque-Desk"]
    assert (await browser.post(at)).status_code == 403
    assert await lines(desk, "agent_outcome") == []


async def test_people_of_creditors_outside_the_scope_are_not_shown(desk: Office) -> None:
    await talking(desk)
    stranger = await signed_in(desk, "supervisor", creditors=["another"])
    page = (await stranger.get("/desk?agent=Bia Nunes")).text
    assert "Marina" not in page
    assert "whose people you may not see" in page
    mine = await signed_in(desk, "manager", creditors=["aurora"])
    assert "Marina Prado" in (await mine.get("/desk?agent=Bia Nunes")).text


async def test_an_agent_of_another_company_is_not_there(desk: Office) -> None:
    browser = await signed_in(desk, "manager")
    async with desk.op.database.write() as session:
        other = Tenant(key="other", name="Other")
        session.add(other)
        await session.flush()
        one = Agent(tenant_id=other.id, name="Ada", via="client:a", skills=[], since=desk.clock.now(), leg_token="x")
        session.add(one)
    assert (await browser.get("/desk?agent=Ada")).status_code == 403


async def test_the_script_that_fits_is_filled_in_and_followed_step_by_step(desk: Office) -> None:
    browser = await talking(desk)
    page = (await browser.get("/desk")).text
    assert "Script 13" in page  # the promise was broken
    assert "Olá, Marina!" in page  # in her language, whatever the agent's
    done = await browser.post("/desk/work/steps/1?attempt=1&seen=0&script=promessa-quebrada")
    assert done.status_code == 204
    assert (
        await browser.post("/desk/work/steps/1?attempt=1&seen=0&script=promessa-quebrada")
    ).status_code == 204  # a second window
    begun, taken = await lines(desk, "script_step")
    assert begun.detail.keys() == {"script", "revision", "to"}
    assert taken.detail["key"] == "1"
    assert taken.actor == "agent:Bia Nunes"
    assert "Marina" not in str(taken.detail)
    assert (await browser.get("/desk")).text != page
    assert (await browser.post("/desk/work/steps/back?attempt=1&seen=2")).status_code == 204
    assert "Olá, Marina!" in (await browser.get("/desk")).text
    refused = await browser.post("/desk/work/steps/5?attempt=1&seen=3")
    assert (refused.status_code, "leads nowhere" in refused.text) == (409, True)
    assert (await browser.post("/desk/work/scripts/esqueceu-de-pagar?attempt=1&seen=3")).status_code == 204
    assert "Script 1 ·" in (await browser.get("/desk")).text
    assert (await browser.post("/desk/work/scripts/none?attempt=1&seen=4")).status_code == 409


async def test_the_script_for_a_loan_opens_by_the_kind_of_the_debt(desk: Office) -> None:
    async with desk.op.database.write() as session:
        await session.execute(update(Promise).values(status="kept"))
        await session.execute(update(Debt).values(kind="payroll_loan"))
    page = (await (await talking(desk)).get("/desk")).text
    assert "Script 11b" in page
    assert "Payroll-deducted loan" in page


async def test_the_end_of_a_script_wants_its_fields_and_keeps_them(desk: Office) -> None:
    browser = await talking(desk)
    assert (await browser.get("/desk/work/forms/end?attempt=1")).status_code == 404
    seen = 0
    for key in "1111":
        await browser.post(f"/desk/work/steps/{key}?attempt=1&seen={seen}&script=promessa-quebrada")
        seen = len(await lines(desk, "script_step"))
    form = await browser.get("/desk/work/forms/end?attempt=1")
    assert "Check number" in form.text
    lacking = await browser.post("/desk/work/forms/end?attempt=1", data={"cheque_number": "77"})
    assert (lacking.status_code, "Check sent on: fill this in first" in lacking.text) == (422, True)
    assert 'value="77"' in lacking.text
    filled = {"cheque_number": "77", "cheque_sent_on": "2026-11-20"}
    assert (await browser.post("/desk/work/forms/end?attempt=1", data=filled)).status_code == 204
    (outcome,) = await lines(desk, "agent_outcome")
    assert outcome.detail["outcome"] == "already_paid"
    assert outcome.detail["fields"] == {"cheque_sent_on": "2026-11-20"}


async def test_a_promise_is_typed_as_people_write_and_shows_at_once(desk: Office) -> None:
    browser = await talking(desk)
    form = (await browser.get("/desk/work/forms/promise?attempt=1")).text
    assert 'value="1284.90"' in form
    assert 'max="2026-12-23"' in form
    done = await browser.post("/desk/work/forms/promise?attempt=1", data=PAYS)
    assert (done.status_code, done.headers["x-toque-said"]) == (204, "Promise%20kept%20on%20record")
    async with desk.op.database.read() as session:
        kept = await session.scalar(select(Promise).where(Promise.due_on == date(2026, 11, 27)))
        assert kept is not None
        assert kept.amount_minor == 128490
    page = (await browser.get("/desk")).text
    assert "by Nov 27, 2026" in page
    assert "Script 13" in page  # what is agreed does not turn the page under the agent's eyes


async def test_what_cannot_be_kept_comes_back_as_typed_with_the_reason(desk: Office) -> None:
    browser = await talking(desk)
    late = await browser.post("/desk/work/forms/promise?attempt=1", data=PAYS | {"promise_date": "2027-02-01"})
    assert late.status_code == 422
    assert "30 days from now" in late.text
    assert 'value="1.284,90"' in late.text
    unread = await browser.post("/desk/work/forms/call_back?attempt=1", data={"call_on": "soon", "call_at": "9"})
    assert "Call on: this is no date" in unread.text
    gone = await browser.post("/desk/work/forms/promise?attempt=9", data=PAYS)
    assert "not at this desk any more" in gone.text
    assert (await browser.post("/desk/work/forms/dance?attempt=1")).status_code == 404
    assert (await browser.post("/desk/work/forms/note?attempt=1", data={"note": " "})).status_code == 422


async def test_what_is_typed_outlives_a_reload_and_goes_when_it_is_sent(desk: Office) -> None:
    browser = await talking(desk)
    typed = {"note": "Recebe dia 5", "evil": "x"}
    assert (await browser.post("/desk/work/drafts/note?attempt=1", data=typed)).status_code == 204
    assert "· not sent" in (await browser.get("/desk")).text
    assert "Recebe dia 5" in (await browser.get("/desk/work/forms/note?attempt=1")).text
    async with desk.op.database.read() as session:
        body = await session.scalar(select(Draft.body))
        assert body is not None
        assert b"Recebe" not in body
        assert desk.op.database.keyring.unseal(body) == '{"note":"Recebe dia 5"}'
    assert (await browser.post("/desk/work/forms/note?attempt=1", data=typed)).status_code == 204
    async with desk.op.database.read() as session:
        assert await session.scalar(select(Draft.id)) is None
        assert await session.scalar(select(Note.author)) == "Bia Nunes"
    page = (await browser.get("/desk")).text
    assert "Recebe dia 5" in page
    assert "· not sent" not in page


async def test_wrap_up_being_over_loses_nothing_until_the_next_caller(desk: Office) -> None:
    browser = await talking(desk)
    await desk.leave()
    await browser.post("/desk/done")
    assert "Marina" not in (await browser.get("/desk")).text
    late = await browser.post(
        "/desk/work/forms/already_paid?attempt=1", data={"paid_on": "2026-11-20", "paid_method": "card"}
    )
    assert late.status_code == 204
    async with desk.op.database.read() as session:
        assert (await session.get_one(Attempt, 1)).flow_disposition == "already_paid"


async def test_own_tasks_and_the_day_stand_on_the_desk_before_the_call(desk: Office) -> None:
    browser = await signed_in(desk)
    assert "Nothing waits for you" in (await browser.get("/desk")).text
    async with desk.op.database.write() as session:
        tenant = await campaigns.tenant(session)
        for owner, kind in (("Bia Nunes", "call_back"), ("Rui Sá", "resend_bill")):
            session.add(
                Task(
                    tenant_id=tenant.id, person_id=desk.ids["other"], kind=kind, detail={}, owner=owner,
                    due_at=desk.clock.now(), created_at=desk.clock.now(),
                )
            )  # fmt: skip
    page = (await browser.get("/desk")).text
    assert "Otto Lima" in page
    assert "Call back" in page
    assert "Resend the bill" not in page


async def test_a_pause_has_one_of_our_reasons(desk: Office) -> None:
    browser = await signed_in(desk)
    for reason, kept in (("meal", "meal"), ("<script>", "asked for")):
        await browser.post("/desk/pause", data={"reason": reason}, headers=OURS)
        async with desk.op.database.read() as session:
            assert (await session.get_one(Agent, desk.ids["agent"])).pause_reason == kept
        await browser.post("/desk/ready", headers=OURS)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1.284,90", 128490),
        ("1,284.90", 128490),
        ("1284.9", 128490),
        ("1284", 128400),
        ("1.284", 128400),
        ("R$ 5", 500),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, minor: int) -> None:
    assert minor_of(text, "BRL") == minor


@pytest.mark.parametrize("text", ["", "soon", ",", "-"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        minor_of(text, "BRL")


def test_every_action_has_words_fields_and_a_key_of_its_own() -> None:
    taken = [*"rpd?123456789"]
    for name, action in forms.actions().items():
        assert action.key not in taken
        taken.append(action.key)
        assert set(action.fields) <= set(FIELDS)
        form = forms.form_of(name, None)
        assert form is not None
        assert set(form.needs) <= {field.name for field in form.fields}
        assert action.disposition in {"", *DISPOSITIONS}
        assert action.reason in {"", *REASONS}
        assert action.task in {"", *TASKS}
        for language in LANGUAGES:
            assert words_for(language)(f"action.{name}.name")
    assert {Disposition(one) for one in DISPOSITIONS}


def test_what_outcomes_need_is_made_of_known_words_and_scripts_ask_for_it() -> None:
    for name, rule in outcomes().items():
        assert name in DISPOSITIONS
        assert {*rule.needs, *rule.fields, *(one for needs in rule.instead.values() for one in needs)} <= set(FIELDS)
        assert set(rule.instead) <= set(REASONS)
    for name in library():
        for end in load(name).ends.values():
            assert set(wanted(end.disposition).with_reason(end.reason)) <= set(end.requires), (name, end.name)


async def test_the_outcome_that_is_chosen_decides_what_must_be_filled_in(desk: Office) -> None:
    browser = await talking(desk)
    at = "/desk/work/forms/outcome?attempt=1"
    assert "Paid on" not in (await browser.get(at)).text
    await browser.post("/desk/work/drafts/outcome?attempt=1", data={"disposition": "already_paid", "note": "Pagou"})
    chosen = (await browser.get(at)).text
    assert "Paid on" in chosen
    assert "Pagou" in chosen
    lacking = await browser.post(at, data={"disposition": "already_paid", "paid_method": "card"})
    assert (lacking.status_code, "Paid on: fill this in first" in lacking.text) == (422, True)
    why = await browser.post(at, data={"disposition": "completed"})
    assert "Why: choose why" in why.text
    cheque = {"disposition": "already_paid", "reason": "cheque_sent", "cheque_number": "77"}
    assert "Check sent on: fill this in first" in (await browser.post(at, data=cheque)).text
    assert await lines(desk, "agent_outcome") == []
    assert (await browser.post(at, data=cheque | {"cheque_sent_on": "2026-11-20"})).status_code == 204
    (outcome,) = await lines(desk, "agent_outcome")
    assert (outcome.detail["outcome"], outcome.detail["reason"]) == ("already_paid", "cheque_sent")


async def test_the_creditor_s_own_code_stands_beside_each_outcome(desk: Office) -> None:
    browser = await talking(desk)
    assert "Our code: promised" in (await browser.get("/desk/work/forms/promise?attempt=1")).text
    kept = Codes({"promised": "10", "cease": "31"}, said={"promised": "PROMESSA PGTO"}).kept()
    async with desk.op.database.write() as session:
        (await session.scalars(select(Creditor).where(Creditor.key == "aurora"))).one().codes = kept
    promise = (await browser.get("/desk/work/forms/promise?attempt=1")).text
    assert "Aurora Energia codes it 10 PROMESSA PGTO" in promise
    outcome = (await browser.get("/desk/work/forms/outcome?attempt=1")).text
    assert "Refuses all contact · 31" in outcome
    assert "Our code: stop" not in outcome


async def task_of(desk: Office, *, owner: str = "Bia Nunes", kind: str = "call_back") -> int:
    """A task about Marina Prado, whose call is over."""
    async with desk.op.database.write() as session:
        attempt = await session.get_one(Attempt, desk.ids["attempt"])
        attempt.status, attempt.waits = "ended", "end"
        task = Task(
            tenant_id=attempt.tenant_id, person_id=attempt.person_id, kind=kind, detail={}, owner=owner,
            due_at=desk.clock.now(), created_at=desk.clock.now(),
        )  # fmt: skip
        session.add(task)
        await session.flush()
        return task.id


async def test_an_own_task_shows_the_case_with_the_gate_s_word_and_is_closed_with_an_answer(desk: Office) -> None:
    browser = await signed_in(desk)
    browser.headers.update(OURS)
    task, other = await task_of(desk), await task_of(desk, owner="Rui Sá")
    case = await browser.get(f"/desk/work/cases/{task}")
    assert "Marina Prado" in case.text
    assert "+5511" not in case.text
    assert "disabled" in case.text  # no law is loaded here: nobody may be called
    refused = await browser.post(f"/desk/work/cases/{task}/call")
    assert refused.status_code == 409
    assert (await browser.get(f"/desk/work/cases/{other}")).status_code == 404
    assert (await browser.post(f"/desk/work/cases/{other}/answers/done")).status_code == 404
    assert (await browser.post(f"/desk/work/cases/{task}/answers/sung")).status_code == 409
    assert (await browser.post(f"/desk/work/cases/{task}/answers/done")).status_code == 204
    async with desk.op.database.read() as session:
        assert (await session.get_one(Task, task)).outcome == "done"
    assert "Marina" not in (await browser.get("/desk")).text


async def test_a_task_about_somebody_outside_the_scope_is_not_there(desk: Office) -> None:
    browser = await signed_in(desk, creditors=["another"])
    browser.headers.update(OURS)
    task = await task_of(desk)
    assert (await browser.get(f"/desk/work/cases/{task}")).status_code == 404
    assert (await browser.post(f"/desk/work/cases/{task}/call")).status_code == 404


def test_every_answer_to_a_task_has_words() -> None:
    for kind in (*TASKS, "check_card", "other"):
        for answer in answers(kind):
            for language in LANGUAGES:
                assert words_for(language)(f"answer.{answer}")


async def test_the_agent_can_end_the_call_and_the_record_says_who_did(desk: Office) -> None:
    browser = await signed_in(desk)
    browser.headers.update(OURS)
    assert (await browser.post("/desk/hang_up")).status_code == 409
    await desk.ask_for_agent()
    await desk.join()
    assert (await browser.post("/desk/hang_up")).status_code == 204
    assert [one.actor for one in await lines(desk, "agent_hung_up")] == ["agent:Bia Nunes"]
    assert any(path.endswith("/Calls/CA-debtor.json") for path in desk.carrier_asked)
