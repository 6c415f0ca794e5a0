"""Who gets in, and what each role may do."""

from __future__ import annotations

import pytest

from tests.console.office import Office
from tests.routes import routes_of
from webhooks.api import api_router

AGENT = "/api/v1/agents/Bia Nunes"
LOOKING = ["/api/v1/campaigns", "/api/v1/campaigns/november", "/api/v1/campaigns/november/report", "/api/v1/agents"]
CHANGING = [
    "/api/v1/campaigns/november/pause",
    f"{AGENT}/ready",
    f"{AGENT}/pause",
    f"{AGENT}/done",
    f"{AGENT}/desk-link",
]


async def test_no_route_answers_a_stranger(desk: Office) -> None:
    paths = desk.api.openapi()["paths"]
    stranger = await desk.client()
    asked = 0
    for path, methods in paths.items():
        for method in methods:
            address = path.replace("{command}", "pause").replace("{name}", "x")
            for number in ("{packet_id}", "{person_id}"):
                address = address.replace(number, "1")
            answer = await stranger.request(method, address, json={})
            assert answer.status_code == 401, address
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
            assert "toque token create" in answer.json()["todo"]
            asked += 1
    assert asked >= 12


async def test_a_made_up_token_is_a_stranger(desk: Office) -> None:
    client = await desk.client()
    answer = await client.get("/api/v1/agents", headers={"Authorization": "Bearer made-up"})
    assert answer.status_code == 401


async def test_a_desk_ticket_does_not_open_the_api(desk: Office) -> None:
    client = await desk.client()
    ticket = await desk.ticket()
    answer = await client.get(f"{AGENT}/packet", headers={"Authorization": f"Bearer {ticket}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", LOOKING)
async def test_auditors_look_and_agents_do_not(desk: Office, path: str) -> None:
    assert (await (await desk.client("auditor")).get(path)).status_code == 200
    refused = await (await desk.client("agent")).get(path)
    assert refused.status_code == 403
    assert '"agent"' in refused.json()["detail"]


@pytest.mark.parametrize("path", CHANGING)
async def test_auditors_and_supervisors_change_nothing(desk: Office, path: str) -> None:
    for role in ("auditor", "supervisor"):
        assert (await (await desk.client(role)).post(path)).status_code == 403


@pytest.mark.parametrize("act", ["ready", "pause", "done", "desk-link"])
async def test_an_agent_acts_for_nobody_else(desk: Office, act: str) -> None:
    client = await desk.client("agent", "Rui Sá")
    assert (await client.post(f"{AGENT}/{act}")).status_code == 403
    assert (await client.get(f"{AGENT}/packet")).status_code == 403


async def test_answers_are_kept_by_no_cache(desk: Office) -> None:
    answer = await (await desk.client("manager")).get("/api/v1/campaigns")
    assert answer.headers["cache-control"] == "no-store"


def test_every_route_is_described(desk: Office) -> None:
    every = list(routes_of(api_router(desk.op, lambda _: "")))
    assert len(every) > 30
    for route in every:
        assert route.description, route.path
    assert desk.api.openapi()["components"]["securitySchemes"]
    assert not desk.app.openapi()["paths"], "pages are for people"
