"""The campaigns' screens: what they say of known data, what they save by themselves, and who sees nothing of it."""

from __future__ import annotations

import re

from fastapi import FastAPI
from sqlalchemy import func, select

from dialer.campaigns import sampling
from dialer.operation import Operation
from dialer.store.models import Attempt, Campaign, Contact, ContactList, Interaction, Suppression
from tests.console.visitors import Browser, browser
from tests.dialer.records import NOON, Rows, add, attempt_of, campaign_of

BY_ITSELF = {"hx-request": "true"}


async def stop_calling(op: Operation, rows: Rows, count: int) -> None:
    about = {"tenant_id": rows.tenant, "kind": "opt_out", "since": NOON, "source": "keypad"}
    await add(op.database, *(Suppression(person_id=one, **about) for one in rows.people[:count]))


async def the(op: Operation, campaign_id: int) -> Campaign:
    async with op.database.read() as session:
        return await session.get_one(Campaign, campaign_id)


async def save(manager: Browser, **fields: object) -> tuple[int, str]:
    """Save a draft as the page does by itself: its status and the forecast."""
    manager.client.headers.update(BY_ITSELF)
    answer = await manager.send("/campaigns/draft", {"plan": "1", **fields})
    manager.client.headers.pop("hx-request")
    return answer.status_code, answer.text


async def test_a_draft_saves_itself_and_the_forecast_names_whom_the_rules_leave_out(
    op: Operation, app: FastAPI
) -> None:
    rows = await campaign_of(op.database, 5)
    await stop_calling(op, rows, 2)
    manager = await browser(op, app)
    async with op.database.read() as session:
        source = await session.scalar(select(ContactList.id))
    fields = {"name": "", "list_id": source, "flow": "lembrete", "hours": "mon-fri 09:00-18:00", "campaign": ""}
    status, text = await save(manager, **fields)
    assert status == 200
    assert "3 people would be called." in text
    assert "they asked not to be called" in text
    (saved,) = re.findall(r'id="campaign-id" value="(\d+)"', text)
    assert (await the(op, int(saved))).name.endswith("Mar 2, 2026"), "without a name: the list and the day"
    await save(manager, **fields | {"campaign": saved, "name": "April", "ring_seconds": "45"})
    draft = await the(op, int(saved))
    assert (draft.name, draft.status, draft.plan["ring_seconds"]) == ("April", "draft", 45)
    async with op.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Campaign)) == 2, "one draft, saved twice"
        actors = await session.scalars(select(Interaction.actor).where(Interaction.kind == "campaign_edited"))
        assert set(actors) == {f"user {manager.user_id}"}
    page = (await manager.get(f"/campaigns/{saved}/edit")).text
    assert 'value="mon-fri 09:00-18:00"' in page
    assert 'value="45"' in page


async def test_what_cannot_be_chosen_is_said_and_changes_nothing(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 1, status="draft")
    manager = await browser(op, app)
    before = await the(op, rows.campaign)
    good = {"campaign": rows.campaign, "name": before.name, "list_id": before.list_id, "flow": "lembrete"}
    for wrong, words in (
        ({"hours": "whenever"}, "Hours:"),
        ({"list_id": ""}, "Choose the list"),
        ({"list_id": "999"}, "no such list"),
        ({"flow": "/etc/hosts.yaml"}, "no such flow"),
        ({"flow": "retorno"}, "no such flow"),
        ({"ring_seconds": "3"}, "Rings for"),
        ({"name": "x" * 101}, "needs a name"),
    ):
        _, text = await save(manager, **good | wrong)
        assert words in text, wrong
    typed = await manager.send("/campaigns/draft", {"plan": "1", **good, "hours": "whenever"})
    assert typed.status_code == 400
    assert 'value="whenever"' in typed.text, "without scripts, too, nothing typed is lost"
    after = await the(op, rows.campaign)
    assert (after.plan, after.flow, after.name) == (before.plan, before.flow, before.name)


async def test_another_list_brings_its_own_people_and_another_pace_keeps_them(op: Operation, app: FastAPI) -> None:
    rows, other = await campaign_of(op.database, 2, status="checked"), await campaign_of(op.database, 3)
    manager = await browser(op, app)
    known, source = await the(op, rows.campaign), (await the(op, other.campaign)).list_id
    fields = {"campaign": rows.campaign, "name": known.name, "list_id": known.list_id, "flow": "lembrete"}
    await save(manager, **fields, ratio="2")
    assert (await the(op, rows.campaign)).status == "draft", "what was checked is not what would be called any more"
    assert await people_of(op, rows.campaign) == set(rows.people)
    await save(manager, **fields | {"list_id": source})
    assert await people_of(op, rows.campaign) == set(other.people)


async def people_of(op: Operation, campaign: int) -> set[int]:
    async with op.database.read() as session:
        return set(await session.scalars(select(Contact.person_id).where(Contact.campaign_id == campaign)))


async def test_start_is_offered_after_a_clean_check_says_what_it_will_do_and_does_it(
    op: Operation, app: FastAPI
) -> None:
    rows = await campaign_of(op.database, 3, status="draft")
    await stop_calling(op, rows, 1)
    manager = await browser(op, app)
    here = f"/campaigns/{rows.campaign}"
    assert f"{here}/start" not in (await manager.get(here)).text
    assert "Check it first" in (await manager.get(f"{here}/start")).text
    checked = (await manager.send(f"{here}/check")).text
    assert f'hx-get="{here}/forecast"' in checked  # when it ends and what it costs, beside what may stand in the way
    assert (await manager.get(f"{here}/check")).status_code == 200
    assert "Nothing stands in the way of a start." in checked
    assert "is proven for" in checked
    assert "no voice of ours is set up" in checked
    assert f"{here}/start" in checked
    assert "2 people will be called" in (await manager.get(f"{here}/start")).text
    assert (await the(op, rows.campaign)).status == "checked", "to look changes nothing"
    assert (await manager.send(f"{here}/start")).status_code == 303
    assert (await the(op, rows.campaign)).status == "running"
    again = await manager.send(f"{here}/start")
    assert again.status_code == 400
    assert "is running" in again.text


async def test_stop_says_that_it_cannot_be_undone_and_a_clone_begins_as_a_draft(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2)
    manager = await browser(op, app)
    here = f"/campaigns/{rows.campaign}"
    assert "This cannot be undone" in (await manager.get(f"{here}/stop")).text
    for act, status in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        assert (await manager.send(f"{here}/{act}")).status_code == 303
        assert (await the(op, rows.campaign)).status == status
    taken = await manager.send(f"{here}/clone", {"name": (await the(op, rows.campaign)).name})
    assert taken.status_code == 400
    made = await manager.send(f"{here}/clone", {"name": "once more"})
    assert made.headers["location"].endswith("/edit")
    assert "once more" in (await manager.get(made.headers["location"])).text


async def test_a_paused_campaign_changes_its_pace_and_not_its_people(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2, status="paused")
    manager = await browser(op, app)
    here = f"/campaigns/{rows.campaign}/edit"
    assert "fieldset disabled" in (await manager.get(here)).text
    assert (await manager.send(here, {"plan": "1", "ratio": "1.5", "flow": "lembrete"})).status_code == 303
    changed = await the(op, rows.campaign)
    assert (changed.status, changed.plan["ratio"]) == ("paused", 1.5)
    assert (await manager.send(here, {"plan": "1", "only": "broken_promise"})).status_code == 400


async def test_a_company_a_creditor_and_a_role_each_see_only_what_is_theirs(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2, status="draft")
    name = (await the(op, rows.campaign)).name
    strangers = [await browser(op, app, company="other"), await browser(op, app, creditors=["somebody-else"])]
    here = f"/campaigns/{rows.campaign}"
    for one in strangers:
        for path in ("", "/head", "/edit", "/forecast", "/plan", "/start", "/clone"):
            assert (await one.get(here + path)).status_code == 404, path
        for path in ("/check", "/edit", "/start", "/stop", "/clone"):
            assert (await one.send(here + path)).status_code == 404, path
        _, answer = await save(one, campaign=rows.campaign, name="x", list_id=1, flow="lembrete")
        assert "There is no such campaign" in answer
        _, answer = await save(one, campaign="", name="x", list_id=1, flow="lembrete")
        assert "There is no such list" in answer
        for path in ("/", "/today", "/campaigns", "/campaigns/new"):
            assert name not in (await one.get(path)).text
    auditor, agent = await browser(op, app, "auditor"), await browser(op, app, "agent", agent="Bia")
    assert name in (await auditor.get("/campaigns")).text
    assert (await auditor.get(f"{here}/edit")).status_code == 403
    assert (await auditor.send(f"{here}/check")).status_code == 403
    assert (await agent.get(here)).status_code == 403
    within = await browser(op, app, creditors=["loja"])
    assert name in (await within.get("/campaigns")).text


async def test_the_list_is_filtered_and_ordered_by_its_address(op: Operation, app: FastAPI) -> None:
    small, large = (
        await campaign_of(op.database, 1, status="draft"),
        await campaign_of(op.database, 3, status="paused"),
    )
    manager = await browser(op, app)
    names = [(await the(op, one.campaign)).name for one in (small, large)]

    async def shown(query: str) -> list[str]:
        return re.findall(r'<th scope="row"><a [^>]*>([^<]+)<', (await manager.get(f"/campaigns{query}")).text)

    assert await shown("?sort=people") == [names[1], names[0]]
    assert await shown("?sort=name") == sorted(names)
    assert await shown("?status=draft") == [names[0]]
    assert await shown(f"?q={names[1].upper()}") == [names[1]]
    assert await shown("?q=nothing+of+the+kind") == []


async def test_the_plan_says_for_each_person_when_or_why_not(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 2, status="draft")
    await stop_calling(op, rows, 1)
    text = (await (await browser(op, app)).get(f"/campaigns/{rows.campaign}/plan")).text
    never, now = (row for row in text.split("<tr>") if "/people/" in row)
    assert f"/people/{rows.people[0]}" in never
    assert "they asked not to be called" in never
    assert f"/people/{rows.people[1]}" in now
    assert "called at once" in now
    async with op.database.read() as session:
        number = (await session.scalars(select(Attempt.to_number))).all()
    assert not number
    assert "+5511990" not in text, "numbers are masked"


async def test_a_long_list_is_reckoned_up_from_a_sample_and_counted_on_demand(op: Operation, app: FastAPI) -> None:
    rows = await campaign_of(op.database, 30, status="draft")
    seen = await sampling.outlook(op, await the(op, rows.campaign), size=10)
    assert (seen.people, seen.looked, seen.sampled) == (30, 10, True)
    assert seen.scaled(seen.totals.callable) == 30
    whole = await sampling.outlook(op, await the(op, rows.campaign), whole=True)
    assert (whole.looked, whole.totals.callable, whole.first_at) == (30, 30, NOON)
    assert whole.done_by is not None
    assert whole.done_by > NOON


async def test_the_cost_is_told_once_enough_calls_have_a_price(op: Operation, app: FastAPI) -> None:
    rows, before = await campaign_of(op.database, 4, status="draft"), await campaign_of(op.database, 1)
    manager = await browser(op, app)
    here = f"/campaigns/{rows.campaign}/forecast"
    assert "Cost of that" not in (await manager.get(here)).text
    priced = {"status": "ended", "price_micros": 25_000, "price_currency": "USD"}
    await add(op.database, *(attempt_of(before, 0, **priced) for _ in range(20)))
    assert "$0.10" in (await manager.get(here)).text


async def test_why_it_is_refused_is_said_in_the_viewers_language_and_without_commands(
    op: Operation, app: FastAPI
) -> None:
    rows = await campaign_of(op.database, 1)
    brazilian, english = await browser(op, app, language="pt-BR"), await browser(op, app)
    refused = await brazilian.send(f"/campaigns/{rows.campaign}/resume")
    assert refused.status_code == 400
    assert "está assim: em andamento. Este comando não cabe agora; para mudá-la, pause-a antes" in refused.text
    told = (await english.send(f"/campaigns/{rows.campaign}/resume")).text
    assert "is running: this cannot be done now; to change it, pause it first" in told
    nobody = await brazilian.get("/people/999")
    assert (nobody.status_code, "Essa pessoa não existe." in nobody.text) == (404, True)
