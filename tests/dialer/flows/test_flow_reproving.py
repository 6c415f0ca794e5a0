"""A law that changes under an own flow in force: it is proven anew, and speaks no more when it no longer is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from dialer import proving
from dialer.flows import pinning, publishing
from dialer.flows.reproving import prove_again
from dialer.operation import Operation
from dialer.rules.packs import Packs, load_packs
from dialer.store import flow_versions
from dialer.store.database import Database
from dialer.store.models import Interaction
from ivr_flows.errors import FlowInvalid
from tests.dialer.flows.own_flow import FIRST, NAME, company, saved
from tests.dialer.records import accepts, operation_on


def law_with(country: str, **changes: object) -> Packs:
    """The shipped law, but that this country asks something else of flows."""
    shipped = load_packs()
    pack = shipped.by_country[country]
    assert pack.flows is not None
    other = pack.model_copy(update={"flows": pack.flows.model_copy(update=changes)})
    return replace(shipped, by_country={**shipped.by_country, country: other})


async def in_force(op: Operation) -> str:
    tenant_id = await company(op.database)
    async with op.database.read() as session:
        return (await pinning.current(session, op, tenant_id, NAME)).revision


async def proven_for(database: Database, *places: str) -> tuple[Operation, int]:
    op = operation_on(database, accepts)
    row = await saved(op, FIRST)
    await publishing.publish(op, NAME, 1, places=places)
    return op, row.tenant_id


async def test_what_the_new_law_forbids_is_said_to_nobody_any_more(here: Database) -> None:
    op, tenant = await proven_for(here, "BR", "US")
    assert await prove_again(op, op.packs, [tenant]) == 0
    assert await prove_again(op, law_with("US", identify_seconds=0.01), [tenant]) == 1
    with pytest.raises(FlowInvalid, match="The law has changed, and version 1 is not proven any more: F2"):
        await in_force(op)
    async with here.read() as session:
        kinds = (await session.scalars(select(Interaction.kind).where(Interaction.kind == "flow_unproven"))).all()
    assert len(kinds) == 1
    assert await prove_again(op, law_with("US", identify_seconds=0.01), [tenant]) == 0, "it is told once"
    assert await prove_again(op, op.packs, [tenant]) == 0
    assert await in_force(op), "the law is as it was"


async def test_a_flow_is_proven_anew_only_where_its_places_ask_for_something_else(
    here: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    op, tenant = await proven_for(here, "US")
    milder = law_with("US", identify_seconds=2.5)
    assert await prove_again(op, milder, [tenant]) == 0
    async with here.read() as session:
        row = await flow_versions.in_force(session, tenant, NAME)
    assert row is not None
    assert (row.proof or {})["asked"] == publishing.asked_of(milder, ("US",))
    monkeypatch.setattr(proving, "proof_apart", lambda *_: pytest.fail("it asks for the same"))
    assert await prove_again(op, milder, [tenant]) == 0
    assert await prove_again(op, replace(milder, broken={"FR": "not YAML"}), [tenant]) == 0
