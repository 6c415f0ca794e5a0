"""Own flows are saved in versions by one at a time, published only when proven, and seen by their company alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from dialer.campaigns import campaigning, checking
from dialer.errors import BadInput, Conflict, NotFound, Refused
from dialer.flows import pinning, publishing, saving
from dialer.flows.naming import own_name
from dialer.flows.saving import Written
from dialer.rules.plan import Plan
from dialer.store import flow_versions, who
from dialer.store.database import Database
from dialer.store.models import Campaign, ContactList, FlowVersion, Interaction, Tenant
from ivr_flows.errors import FlowInvalid
from ivr_flows.loading import load
from tests.dialer.flows.own_flow import FIRST, NAME, THREAT, company, published, saved, saying
from tests.dialer.records import accepts, add, campaign_of, operation_on

NEEDED = "official_site: {type: text, privacy: public}"


async def versions(database: Database) -> list[FlowVersion]:
    tenant_id = await company(database)
    async with database.read() as session:
        return list(await flow_versions.versions(session, tenant_id, NAME))


async def test_a_version_is_numbered_named_and_reasoned_and_the_user_stands_on_record(here: Database) -> None:
    op = operation_on(here, accepts)
    await saved(op, FIRST)
    with who.on_behalf_of(await company(here), "user 7"):
        second = await saved(op, saying("Temos um recado."), base=1)
        await publishing.publish(op, "natal", 2)
    assert [one.number for one in await versions(here)] == [2, 1]
    assert (second.saved_by, second.why, second.name) == ("user 7", "because", NAME)
    (newest, first) = await versions(here)
    assert (newest.published_by, first.published_at) == ("user 7", None)
    async with here.read() as session:
        lines = (await session.scalars(select(Interaction).where(Interaction.kind.startswith("flow_")))).all()
    assert [(one.kind, one.actor, one.detail["version"]) for one in lines] == [
        ("flow_saved", "operator", 1), ("flow_saved", "user 7", 2), ("flow_published", "user 7", 2),
    ]  # fmt: skip


async def test_of_two_who_save_at_once_the_second_is_told_and_what_the_first_wrote_stands(database: Database) -> None:
    op = operation_on(database, accepts)
    await saved(op, FIRST)
    texts = [saying("Temos um recado."), saying("Há um recado.")]
    ends = await asyncio.gather(*(saved(op, text, base=1) for text in texts), return_exceptions=True)
    (won,) = [one for one in ends if isinstance(one, FlowVersion)]
    (told,) = [one for one in ends if isinstance(one, Conflict)]
    assert "Version 2 of own/natal was saved meanwhile" in str(told)
    newest, _ = await versions(database)
    assert newest.revision == won.revision
    with pytest.raises(Conflict):
        await saved(op, FIRST + "\n", base=1)


async def test_what_is_not_proven_is_not_published_and_the_shortest_way_to_the_fault_is_told(
    here: Database,
) -> None:
    op = operation_on(here, accepts)
    await saved(op, saying(THREAT))
    with pytest.raises(Refused, match=r"own/natal is not proven and stays a draft. F12 own/natal/greeting"):
        await publishing.publish(op, NAME, 1)
    await saved(op, FIRST.replace('"9":', '"8":'), base=1)
    with pytest.raises(Refused, match="not sound: own/natal choice: Key 9 does not lead"):
        await publishing.publish(op, NAME, 2)
    assert all(one.published_at is None for one in await versions(here))
    async with here.read() as session:
        with pytest.raises(FlowInvalid, match="No version of this flow is published"):
            await pinning.current(session, op, await company(op.database), NAME)


async def test_going_back_is_a_new_version_and_new_calls_say_it(database: Database) -> None:
    op = operation_on(database, accepts)
    first = await published(op, FIRST)
    await published(op, saying("Temos um recado."), base=1)
    back = await publishing.publish(op, NAME, 1)
    assert (back.number, back.back_to) == (3, 1)
    newest = (await versions(database))[0]
    assert (newest.number, newest.revision, newest.why) == (3, first.revision, "Back to version 1: because")
    async with database.read() as session:
        assert (await pinning.current(session, op, await company(op.database), NAME)).revision == first.revision
    with pytest.raises(Conflict, match="published already"):
        await publishing.publish(op, NAME, 3)


async def test_another_company_sees_none_of_it_and_may_have_the_same_name(here: Database) -> None:
    op = operation_on(here, accepts)
    mine = await published(op, FIRST)
    (other,) = await add(here, Tenant(key="other", name="Other"))
    async with here.read() as session:
        with pytest.raises(FlowInvalid):
            await pinning.current(session, op, other, NAME)
    with who.on_behalf_of(other, "user 9"):
        with pytest.raises(NotFound):
            await publishing.publish(op, NAME, 1)
        theirs = await published(op, saying("Temos um recado."))
    async with here.read() as session:
        assert (await pinning.current(session, op, await company(op.database), NAME)).revision == mine.revision
        assert (await pinning.current(session, op, other, NAME)).revision == theirs.revision


async def test_a_campaign_in_a_country_keeps_a_version_out_that_is_not_proven_there(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    await saved(op, FIRST)
    async with database.write() as session:
        await session.execute(update(Campaign).values(flow=NAME))
    with pytest.raises(Refused, match="call people in BR"):
        await publishing.publish(op, NAME, 1, places=("US",))
    done = await publishing.publish(op, NAME, 1, places=("BR",))
    assert done.places == ("BR",)
    with pytest.raises(Conflict, match="published already"):
        await publishing.publish(op, NAME, 1, places=("BR",))
    wider = await publishing.publish(op, NAME, 1, places=("BR", "US"))
    assert (wider.number, wider.places) == (2, ("BR", "US"))
    with pytest.raises(BadInput, match="no pack for XX"):
        await publishing.publish(op, NAME, 1, places=("XX",))
    async with database.write() as session:
        await session.execute(update(Campaign).values(status="draft"))
        name = (await session.get_one(Campaign, rows.campaign)).name
    await saved(op, saying("Temos um recado."), base=2)
    await publishing.publish(op, NAME, 3, places=("US",))
    found = await checking.check(op, name)
    assert (found.clean, found.by_rule) == (False, {"FLOW_NOT_PROVEN": 1})


async def test_a_campaign_is_made_and_checked_with_an_own_flow(here: Database) -> None:
    rows = await campaign_of(here, 1)
    op = operation_on(here, accepts)
    async with here.read() as session:
        campaign = await session.get_one(Campaign, rows.campaign)
        source = await session.get_one(ContactList, campaign.list_id)
    await saved(op, FIRST)
    with pytest.raises(FlowInvalid, match="No version of this flow is published"):
        await campaigning.create(op, "mine", list_name=source.name, flow=NAME, plan=Plan())
    await publishing.publish(op, NAME, 1)
    await campaigning.create(op, "mine", list_name=source.name, flow=NAME, plan=Plan())
    assert (await checking.check(op, "mine")).clean
    needing = FIRST.replace("official_site: {type: text, privacy: public, optional: true}", NEEDED)
    await published(op, needing, base=1)
    lacking = await checking.check(op, "mine")
    assert lacking.held_for == {"official_site": 1}


async def test_what_cannot_be_a_flow_is_not_saved(here: Database) -> None:
    op = operation_on(here, accepts)
    for name in ("lembrete.yaml", "../x", "own/own/x", "Natal", "", "a--b"):
        with pytest.raises(BadInput, match="small letters"):
            await saving.save(op, name, Written(FIRST, "because"))
    with pytest.raises(BadInput, match="why the flow is changed"):
        await saving.save(op, NAME, Written(FIRST, "  "))
    with pytest.raises(FlowInvalid, match="longer than"):
        await saved(op, FIRST + "#" * 200_000)
    with pytest.raises(FlowInvalid, match="references"):
        await saved(op, "a: &a x\nb: [" + "*a, " * 30 + "]\n")
    with pytest.raises(FlowInvalid, match="There is no fragment"):
        await saved(op, FIRST.replace("[machine,", "[../../etc/passwd,"))
    await saved(op, FIRST)
    with pytest.raises(Refused, match="Nothing is changed"):
        await saved(op, FIRST.replace("\n", "\r\n"), base=1)
    assert own_name("natal") == NAME


async def test_the_library_may_change_under_a_version_and_its_fragments_are_those_of_its_day(
    here: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = operation_on(here, accepts)
    row = await published(op, FIRST)
    monkeypatch.setattr("ivr_flows.loading._found", lambda fragment: pytest.fail("read from the library of today"))
    another = replace(op, flows=type(op.flows)())
    async with here.read() as session:
        flow = await pinning.current(session, another, row.tenant_id, NAME)
    assert (flow.revision, flow.texts["machine"]) == (row.revision, load("recado").texts["machine"])
