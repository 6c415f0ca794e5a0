"""A campaign with a flow that is not proven does not begin; a changed flow is proven anew; what packs ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from dialer import proving
from dialer.campaigns import campaigning, checking
from dialer.errors import Refused
from dialer.rules.flow_demands import demands
from dialer.rules.packs import load_packs
from dialer.store.database import Database
from dialer.store.models import Campaign
from ivr_flows.loading import load
from ivr_flows.nodes import Flow
from tests.dialer.records import accepts, campaign_of, operation_on


async def test_a_campaign_with_a_flow_that_is_not_proven_does_not_begin(database: Database) -> None:
    rows = await campaign_of(database, 1, status="draft")
    async with database.write() as session:
        await session.execute(update(Campaign).values(flow="torpedo"))
    op = operation_on(database, accepts)
    async with database.read() as session:
        name = (await session.get_one(Campaign, rows.campaign)).name
    assert not [one for one in (await checking.check(op, name)).findings if one.code == "FLOW_FAULTS"]
    edited = replace(op, flow=_dropping)
    found = [one for one in (await checking.check(edited, name)).findings if one.code == "FLOW_FAULTS"]
    assert "F10 torpedo/done" in found[0].words
    assert "answered → 0 (agents_open yes) → has waited too long: drops somebody" in found[0].words
    with pytest.raises(Refused, match="not sound: F10"):
        await campaigning.start(edited, name)


async def test_a_caller_whose_name_gives_a_debt_away_calls_nobody(database: Database) -> None:
    rows = await campaign_of(database, 1, status="draft")
    async with database.write() as session:
        await session.execute(update(Campaign).values(flow="torpedo"))
        name = (await session.get_one(Campaign, rows.campaign)).name
    op = operation_on(database, accepts)
    named = replace(op, settings=op.settings.model_copy(update={"caller_name": "Horizonte Cobranças"}))
    found = {one.code: one.words for one in (await checking.check(named, name)).findings if one.stops}
    assert "'cobranças'" in found["CALLER_NAME"]


def _dropping(wanted: str) -> Flow:
    """A sound flow but for one thing: who waits for an agent in vain hears nothing."""
    flow = load(wanted)
    agent = flow.nodes["agent"]
    agent = replace(agent, exits={**agent.exits, "nobody_free": "done"})
    return replace(flow, revision="edited", nodes={**flow.nodes, "agent": agent})


def test_a_proof_is_remembered_for_its_revision_and_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = replace(load("torpedo"), revision="once")
    first = proving.proof_of(flow, load_packs(), ("us",))
    monkeypatch.setattr(proving, "prove", lambda *_, **__: pytest.fail("proven twice"))
    assert proving.proof_of(flow, load_packs(), ("US",)) is first
    with pytest.raises(pytest.fail.Exception):
        proving.proof_of(flow, load_packs(), ("BR",))
    with pytest.raises(pytest.fail.Exception):
        proving.proof_of(replace(flow, revision="twice"), load_packs(), ("US",))


def test_what_packs_ask_of_flows() -> None:
    asked = {one.place: one for one in demands(load_packs())}
    assert set(asked) == set(load_packs().by_country)
    assert (asked["US"].identify_seconds, asked["US"].opt_out_seconds, asked["US"].voicemail) == (2.0, 2.0, "limited")
    assert set(asked["US"].disclosures) == {"pt-BR", "en-US", "fr-FR"}
    assert asked["BR"].opt_out_seconds is None
    assert all(one.recording_notice and one.level == "checked" for one in asked.values())
    with pytest.raises(KeyError):
        demands(load_packs(), ("XX",))
