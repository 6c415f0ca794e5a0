"""Campaigns in preview at the desk: whose case is next, what is seen of it, call and skip; breaks and their end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from console.deskwork import forms
from console.wording import LANGUAGES, words_for
from dialer import previewing, staffing
from dialer.calling import Seen
from dialer.rules.plan import Plan
from dialer.store.database import Database
from dialer.store.models import Agent, Attempt, Campaign, Contact, Debt, Interaction, Person, Task
from tests.console.office import Office
from tests.console.test_desk_work import OURS, signed_in, task_of
from tests.dialer.records import NOON, Rows, accepts, add, agent_of, campaign_of, operation_on


async def in_preview(database: Database, people: int, agents: int) -> tuple[Rows, list[str]]:
    """A running campaign in preview, and agents who stand ready."""
    rows = await campaign_of(database, people)
    standing = [agent_of(rows, leg_sid=f"CA{n:032d}", leg_joined_at=NOON, leg_heard_at=NOON) for n in range(agents)]
    await add(database, *standing)
    async with database.write() as session:
        campaign = (await session.scalars(select(Campaign))).one()
        campaign.plan = campaign.plan | {"pacing": "preview"}
    return rows, [one.name for one in standing]


async def test_each_agent_gets_another_case_and_keeps_it_while_reading(database: Database) -> None:
    rows, names = await in_preview(database, 3, 3)
    op = operation_on(database, accepts)
    seen = await asyncio.gather(*(previewing.next_case(op, name, rows.campaign) for name in names))
    assert sorted(one.person for one in seen if isinstance(one, Seen)) == sorted(rows.people)
    again = await previewing.next_case(op, names[0], rows.campaign)
    assert again == seen[0]
    await add(database, agent_of(rows, name="Late"))
    assert await previewing.next_case(op, "Late", rows.campaign) is None, "all are being read"
    async with database.write() as session:
        await session.execute(update(Contact).values(claim_until=1))
    assert await previewing.next_case(op, "Late", rows.campaign) is not None, "who reads for too long loses the case"


async def test_whom_the_gate_refuses_is_put_off_and_passed_over(database: Database) -> None:
    rows, (name,) = await in_preview(database, 2, 1)
    op = operation_on(database, accepts)
    async with database.write() as session:
        debt = (await session.scalars(select(Debt).where(Debt.person_id == rows.people[0]))).one()
        debt.status = "held"
    seen = await previewing.next_case(op, name, rows.campaign)
    assert seen is not None
    assert seen.person == rows.people[1]
    async with database.read() as session:
        refused = await session.get_one(Contact, rows.contacts[0])
        kinds = (await session.scalars(select(Interaction.kind))).all()
    assert refused.blocked_rule
    assert refused.claim_owner is None
    assert kinds == ["call_denied"]


async def test_a_campaign_of_another_creditor_or_skill_or_pacing_offers_nothing(database: Database) -> None:
    rows, (name,) = await in_preview(database, 1, 1)
    async with database.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.name == name))).one()
        assert [one.id for one in await previewing.offered_to(session, agent)] == [rows.campaign]
        assert await previewing.offered_to(session, agent, ["another"]) == []
        campaign = await session.get_one(Campaign, rows.campaign)
        campaign.skill, agent.skills = "law", ["sales"]
        await session.flush()
        assert await previewing.offered_to(session, agent) == []
        campaign.skill, campaign.plan = "", campaign.plan | {"pacing": "progressive"}
        await session.flush()
        assert await previewing.offered_to(session, agent) == []


@pytest.fixture
async def reading(desk: Office, monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    """Bia at her desk; her campaign is in preview and Otto Lima, whom the gate lets call, is next."""
    async with desk.op.database.write() as session:
        await session.execute(update(Attempt).values(status="ended", waits="end"))
        campaign = (await session.scalars(select(Campaign))).one()
        campaign.status, campaign.plan = "running", Plan(pacing="preview").model_dump(mode="json")
        await session.execute(update(Contact).values(status="done"))
        session.add(
            Contact(
                tenant_id=campaign.tenant_id, campaign_id=campaign.id, person_id=desk.ids["other"], status="waiting",
                due_at=desk.clock.now(),
            )
        )  # fmt: skip
        desk.ids["campaign"] = campaign.id
    browser = await signed_in(desk)
    browser.headers.update(OURS)
    return browser


async def seen_of(desk: Office, _op: object, _agent: str, campaign: int) -> Seen:
    """The case of the other debtor, without the gate: no law is loaded in the office."""
    async with desk.op.database.read() as session:
        person = await session.get_one(Person, desk.ids["other"])
        name = (await session.get_one(Campaign, campaign)).name
    return Seen(person.id, person.key, name, "+55 11 •••• 99", 1, None)  # type: ignore[arg-type]


async def test_the_whole_card_is_read_before_the_call_and_a_skip_brings_the_next(
    desk: Office, reading: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "next_case", lambda *given: seen_of(desk, *given))
    assert "Next case: " in (await reading.get("/desk")).text
    at = f"/desk/work/previews/{desk.ids['campaign']}"
    case = (await reading.get(at)).text
    for told in ("Otto Lima", "May be called now.", "Debts", "Earlier calls", "A better time of day"):
        assert told in case
    assert "+5511" not in case
    person = desk.ids["other"]
    assert (await reading.post(f"{at}/people/{person}/skip", data={"why": "bored"})).status_code == 409
    refused = await reading.post(f"{at}/people/{person}/call")
    assert refused.status_code == 409, "the gate is asked again: there is no law here"
    assert (await reading.post(f"{at}/people/9999/call")).status_code == 404
    following = await reading.post(f"{at}/people/{person}/skip", data={"why": "just_talked"})
    assert (following.status_code, "Otto Lima" in following.text) == (200, True)
    async with desk.op.database.read() as session:
        contact = (await session.scalars(select(Contact).where(Contact.person_id == person))).one()
        skipped = (await session.scalars(select(Interaction).where(Interaction.kind == "call_skipped"))).one()
    assert contact.due_at == desk.clock.now() + timedelta(hours=1)
    assert skipped.detail["why"] == "just_talked"


async def test_nobody_due_says_so_and_a_stranger_campaign_is_not_there(
    desk: Office, reading: httpx.AsyncClient
) -> None:
    answer = await reading.get(f"/desk/work/previews/{desk.ids['campaign']}")
    assert "No case now" in answer.text  # no law is loaded here: nobody may be called
    assert (await reading.get("/desk/work/previews/999")).status_code == 404
    other = await signed_in(desk, "supervisor")
    assert (await other.get(f"/desk/work/previews/{desk.ids['campaign']}?agent=Bia Nunes")).status_code == 403


async def test_a_call_back_of_one_s_own_that_is_due_stands_first(desk: Office) -> None:
    browser = await signed_in(desk)
    due = await task_of(desk)
    async with desk.op.database.write() as session:
        first = await session.get_one(Task, due)
        session.add(
            Task(
                tenant_id=first.tenant_id, person_id=desk.ids["other"], kind="resend_bill", detail={},
                owner="Bia Nunes", due_at=desk.clock.now() - timedelta(days=1), created_at=desk.clock.now(),
            )
        )  # fmt: skip
    page = (await browser.get("/desk")).text
    assert page.index("Marina Prado") < page.index("Otto Lima")


async def test_a_break_shows_when_it_is_meant_to_end_and_nobody_is_made_ready_by_it(desk: Office) -> None:
    browser = await signed_in(desk)
    await browser.post("/desk/pause", data={"reason": "meal"}, headers=OURS)
    page = (await browser.get("/desk")).text
    assert "back in" in page
    desk.clock.at += timedelta(minutes=61)
    await staffing.settle(desk.op)
    assert "The time planned for this break is over." in (await browser.get("/desk")).text
    async with desk.op.database.read() as session:
        assert (await session.get_one(Agent, desk.ids["agent"])).status == "paused"
    await browser.post("/desk/ready", headers=OURS)
    await browser.post("/desk/pause", data={"reason": "technical"}, headers=OURS)
    assert "back in" not in (await browser.get("/desk")).text


def test_every_break_has_words() -> None:
    for language in LANGUAGES:
        assert all(words_for(language)(f"reasons.{one}") for one in forms.breaks())
