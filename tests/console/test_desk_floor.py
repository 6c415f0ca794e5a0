"""The floor: who is there, who has been at it for long, who asks for somebody; and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from console.deskwork import floor, seats
from console.guard import Guard
from console.pofiles import of_pages
from dialer.store import floor as store_floor
from dialer.store.database import Database
from dialer.store.models import Agent, Packet, Tenant
from tests.console.office import Office, office
from tests.console.test_desk_work import OURS, signed_in, talking


@pytest.fixture
def whole(desk: Office) -> Office:
    """The office with the floor in its app."""
    from console.router import add_refusals

    add_refusals(desk.app, desk.op)
    desk.app.include_router(floor.floor_routes(desk.op, Guard(desk.op)))
    return desk


async def test_the_floor_says_what_each_agent_does_and_how_soon_the_card_was_there(whole: Office) -> None:
    boss = await signed_in(whole, "supervisor")
    await whole.ask_for_agent()
    await whole.op.database.committed(_shown_after(whole, 1))
    await whole.clock.sleep(3)
    await whole.join()
    page = (await boss.get("/desk/floor")).text
    assert "Nobody needs you right now." in page
    assert "1 is talking." in page
    assert ">2 s<" in page
    assert "Marina" not in page
    assert "Rui Sá" not in page  # not on duty


async def test_long_calls_and_cries_for_help_come_first(whole: Office) -> None:
    agent = await talking(whole)
    async with whole.op.database.write() as session:
        rui = (await session.scalars(select(Agent).where(Agent.name == "Rui Sá"))).one()
        rui.status, rui.pause_reason, rui.since = "paused", "meal", whole.clock.now() - timedelta(minutes=5)
    boss = await signed_in(whole, "manager")
    assert "(meal)" in (await boss.get("/desk/floor/table")).text
    await whole.clock.sleep(600)
    table = (await boss.get("/desk/floor/table")).text
    assert "Long call" in table
    assert table.index("Bia Nunes") < table.index("Rui Sá")
    await agent.post("/desk/work/forms/supervisor?attempt=1", headers=OURS)
    table = (await boss.get("/desk/floor/table")).text
    assert "1 agent needs somebody." in table
    assert "Asks for a supervisor" in table


@pytest.mark.parametrize("role", ["agent", "auditor"])
async def test_the_floor_is_for_who_leads(whole: Office, role: str) -> None:
    assert (await (await signed_in(whole, role)).get("/desk/floor")).status_code == 403
    assert (await (await whole.client()).get("/desk/floor")).status_code == 303


async def test_another_company_s_agents_are_not_on_it(whole: Office) -> None:
    async with whole.op.database.write() as session:
        other = Tenant(key="other", name="Other")
        session.add(other)
        await session.flush()
        session.add(
            Agent(
                tenant_id=other.id, name="Ada Reis", via="client:a", skills=[], since=whole.clock.now(),
                leg_token="x", status="ready",
            )
        )  # fmt: skip
    page = (await (await signed_in(whole, "administrator")).get("/desk/floor")).text
    assert "Bia Nunes" in page
    assert "Ada Reis" not in page


@pytest.mark.parametrize("language", ["pt-BR", "fr-FR"])
def test_its_words_are_in_every_language(language: str) -> None:
    needs = ("Asks for a supervisor", "Long call", "Long wrap-up", "Long pause")
    assert {*seats.STATES.values(), *seats.WHY_PAUSED.values(), *needs} <= set(of_pages(language))


def _shown_after(desk: Office, seconds: int):  # type: ignore[no-untyped-def]
    async def note(session):  # type: ignore[no-untyped-def]
        packet = (await session.scalars(select(Packet))).one()
        packet.shown_at = desk.clock.now() + timedelta(seconds=seconds)

    return note


async def test_both_databases_answer_what_the_desk_and_the_floor_ask(database: Database) -> None:
    async with office(database) as made:
        browser = await talking(made)
        assert (await browser.post("/desk/work/drafts/note?attempt=1", data={"note": "x"})).status_code == 204
        steps = "/desk/work/steps/1?attempt=1&seen=0&script=promessa-quebrada"
        assert (await browser.post(steps)).status_code == 204
        page = (await browser.get("/desk")).text
        assert "· not sent" in page
        assert "Marina Prado" in page
        await made.leave()
        await browser.post("/desk/done")
        assert "Your day" in (await browser.get("/desk")).text
        async with database.read() as session:
            tenant = await session.scalar(select(Agent.tenant_id).where(Agent.name == "Bia Nunes"))
            assert tenant is not None
            seated = await store_floor.seated(session, tenant)
    assert [(one.name, one.wants_somebody) for one in seated] == [("Bia Nunes", False)]
