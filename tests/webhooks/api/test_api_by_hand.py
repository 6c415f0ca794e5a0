"""Calls by hand and the question why, over REST."""

from __future__ import annotations

from sqlalchemy import select

from dialer.store.models import Person
from tests.console.office import Office

AGENT = "/api/v1/agents/Bia Nunes"


async def key_of(desk: Office) -> str:
    async with desk.op.database.read() as session:
        return str(await session.scalar(select(Person.key)))


async def test_a_call_that_the_gate_refuses_is_a_problem_that_names_the_rule(desk: Office) -> None:
    client, key = await desk.client("agent"), await key_of(desk)
    case = (await client.get(f"{AGENT}/case", params={"key": key})).json()
    assert (case["allowed"], case["rule"]) == (False, "NO_PACK"), "this office has no law"
    refused = await client.post(f"{AGENT}/call", json={"key": key})
    assert refused.status_code == 409
    assert "ready" in refused.json()["todo"] or refused.json()["detail"].startswith("NO_PACK")


async def test_nobody_calls_in_another_agents_name(desk: Office) -> None:
    client, key = await desk.client("agent"), await key_of(desk)
    assert (await client.post("/api/v1/agents/Somebody/call", json={"key": key})).status_code == 403
    assert (await client.post(f"{AGENT}/outcome", json={"outcome": "talked"})).status_code == 409


async def test_why_is_for_readers_and_masks_who_it_is_about(desk: Office) -> None:
    key = await key_of(desk)
    assert (await (await desk.client("agent")).get(f"/api/v1/people/{key}/why")).status_code == 403
    told = await (await desk.client("auditor")).get(f"/api/v1/people/{key}/why")
    assert told.status_code == 200
    assert [one["rule"] for one in told.json()["standings"]] == ["NO_PACK"] * 2
    assert "Marina" not in told.text
    unknown = await (await desk.client("auditor")).get("/api/v1/people/nobody/why")
    assert unknown.status_code == 404
