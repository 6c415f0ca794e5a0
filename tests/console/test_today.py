"""The first page: its sentence, what needs a person, and that it renews itself only when something has changed."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from console.catalogues import Texts
from console.today import spark
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.store.models import Campaign, Task
from tests.console.visitors import browser
from tests.dialer.records import NOON, add, agent_of, attempt_of, campaign_of, message_of


async def change(op: Operation, campaign_id: int, **values: object) -> None:
    async with op.database.write() as session:
        campaign = await session.get_one(Campaign, campaign_id)
        for name, value in values.items():
            setattr(campaign, name, value)


async def test_with_nothing_there_it_says_what_to_do_first(op: Operation, app: FastAPI) -> None:
    text = (await (await browser(op, app)).get("/")).text
    assert "No campaign is running." in text
    assert 'href="/lists"' in text
    agent = await browser(op, app, "agent", agent="Bia")
    assert (await agent.get("/")).headers["location"] == "/desk"


async def test_a_healthy_day_is_one_sentence_and_each_campaign_has_its_own(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 4)
    await change(op, rows.campaign, lease_until=real_ms() + 60_000)
    answered = {"status": "ended", "answered_at": NOON - timedelta(minutes=5)}
    await add(op.database, agent_of(rows), attempt_of(rows, 0, **answered), attempt_of(rows, 1, status="live"))
    text = (await (await browser(op, app)).get("/")).text
    assert "1 campaign is running, 4 people are left; all is as it should be." in text
    assert "1 call under way. 4 people are left." in text
    assert 'aria-label="1 answer in the last 12 hours, 0 of them in this hour"' in text
    assert "Needs a person" not in text


async def test_what_needs_a_person_comes_first_with_what_to_do_about_it(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 3, status="paused")
    await change(op, rows.campaign, waiting_for="The carrier refuses calls (20003): the account is closed")
    due = {"tenant_id": rows.tenant, "kind": "check_payment", "detail": {}, "status": "open", "created_at": NOON}
    await add(
        op.database,
        Task(person_id=rows.people[0], due_at=NOON - timedelta(hours=1), **due),
        Task(person_id=rows.people[0], due_at=NOON + timedelta(hours=1), **due),
        attempt_of(rows, 0, status="unknown", intent_at=NOON - timedelta(minutes=7)),
        message_of(rows, 1, status="failed", finished_at=NOON - timedelta(hours=2)),
        message_of(rows, 2, status="failed", finished_at=NOON - timedelta(days=2)),
    )
    text = (await (await browser(op, app)).get("/")).text
    assert "1 thing needs a person now" in text
    assert "the account is closed" in text
    assert "1 task is due." in text
    assert "what became of 1 call" in text
    assert "1 message did not arrive" in text
    elsewhere = (await (await browser(op, app, creditors=["somebody-else"])).get("/")).text
    assert "Needs a person" not in elsewhere, "another creditor's people are nobody's business"


async def test_it_renews_itself_only_when_something_has_changed(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2)
    manager = await browser(op, app, language="pt-BR")
    (renewal,) = re.findall(r'hx-get="(/today\?seen=\w+)"', (await manager.get("/")).text)
    assert (await manager.get(renewal)).status_code == 204
    await change(op, rows.campaign, status="paused")
    renewed = await manager.get(renewal)
    assert renewed.status_code == 200
    assert "2 pessoas esperam até alguém retomar." in renewed.text


def test_the_bars_are_as_high_as_their_hour_was_busy() -> None:
    say = Texts("en-US", ZoneInfo("UTC"))
    assert spark(say, [0, 6, 12]).bars == ((0, 0), (8, 12), (16, 24))
    assert spark(say, [0, 0]).bars == ((0, 0), (8, 0))
    assert spark(say, [2, 1]).words == "3 answers in the last 12 hours, 1 of them in this hour"
