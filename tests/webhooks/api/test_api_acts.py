"""Campaigns, agents, packets and opt-outs over REST."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select

from dialer.store.models import Packet, Suppression
from tests.console.office import ROOT, Office

AGENT = "/api/v1/agents/Bia Nunes"


async def test_a_manager_pauses_and_resumes_a_campaign(desk: Office) -> None:
    client = await desk.client("manager")
    paused = await client.post("/api/v1/campaigns/november/pause")
    assert paused.json()["status"] == "paused"
    assert (await client.post("/api/v1/campaigns/november/resume")).json()["status"] == "running"


async def test_a_command_that_does_not_fit_is_refused_with_the_reason(desk: Office) -> None:
    answer = await (await desk.client("manager")).post("/api/v1/campaigns/november/resume")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == '"november" is running'
    what, _, instead = answer.json()["todo"].partition("; ")
    assert what == "Resume is for campaigns that are paused"
    assert instead == 'to change it, pause it first: toque campaign pause "november"'


async def test_an_unknown_name_is_not_found(desk: Office) -> None:
    client = await desk.client("manager")
    for path in ("/api/v1/campaigns/may", "/api/v1/agents/Nobody/packet"):
        problem = await client.get(path)
        assert problem.status_code == 404
        assert set(problem.json()) == {"title", "detail", "todo"}


async def test_a_misread_request_names_the_field_and_not_the_value(desk: Office) -> None:
    client = await desk.client("manager")
    answer = await client.post("/api/v1/people/1/opt-out", json={"scope": "Marina Prado"})
    assert answer.status_code == 400
    assert "scope" in answer.json()["detail"]
    assert "Marina" not in answer.text


async def test_the_packet_appears_with_the_reservation_and_goes_with_the_wrap_up(desk: Office) -> None:
    client = await desk.client("agent")
    assert (await client.get(f"{AGENT}/packet")).status_code == 404
    await desk.ask_for_agent()
    await desk.clock.sleep(4)
    packet = (await client.get(f"{AGENT}/packet")).json()
    assert packet["reservation"] == "reserved"
    assert packet["waited_seconds"] == 4
    assert packet["body"]["person"]["name"] == "Marina Prado"
    assert [debt["amount_minor"] for debt in packet["body"]["debts"]] == [20000, 128490]
    await desk.join()
    await desk.clock.sleep(60)
    talking = (await client.get(f"{AGENT}/packet")).json()
    assert (talking["reservation"], talking["waited_seconds"]) == ("connected", 4)
    await desk.leave()
    assert (await client.get(f"{AGENT}/packet")).json()["reservation"] == "ended"
    assert (await client.post(f"{AGENT}/done")).json()["status"] == "ready"
    assert (await client.get(f"{AGENT}/packet")).status_code == 404


async def test_no_answer_carries_a_telephone_number(desk: Office) -> None:
    await desk.ask_for_agent()
    for role, path in (("agent", f"{AGENT}/packet"), ("auditor", "/api/v1/agents")):
        assert "+55" not in (await (await desk.client(role)).get(path)).text


async def test_the_first_acknowledgement_counts(desk: Office) -> None:
    client = await desk.client("agent")
    await desk.ask_for_agent()
    packet = (await client.get(f"{AGENT}/packet")).json()
    assert packet["shown_at"] is None
    first = desk.clock.now()
    assert (await client.post(f"/api/v1/packets/{packet['id']}/shown")).status_code == 204
    await desk.clock.sleep(9)
    await client.post(f"/api/v1/packets/{packet['id']}/shown")
    async with desk.op.database.read() as session:
        assert await session.scalar(select(Packet.shown_at)) == first


async def test_another_agent_cannot_acknowledge(desk: Office) -> None:
    await desk.ask_for_agent()
    rui = await desk.client("agent", "Rui Sá")
    assert (await rui.post("/api/v1/packets/1/shown")).status_code == 403
    manager = await desk.client("manager")
    assert (await manager.post("/api/v1/packets/77/shown")).status_code == 404


async def test_done_is_refused_outside_wrap_up(desk: Office) -> None:
    answer = await (await desk.client("agent")).post(f"{AGENT}/done")
    assert answer.status_code == 409
    assert "wrap-up" in answer.json()["detail"]


async def test_going_ready_takes_the_caller_who_waits_at_once(desk: Office) -> None:
    client = await desk.client("agent")
    assert (await client.post(f"{AGENT}/pause")).json()["status"] == "paused"
    rui = await desk.client("agent", "Rui Sá")
    assert (await rui.post("/api/v1/agents/Rui Sá/ready")).json()["status"] == "connecting"
    assert await desk.ask_for_agent() == "Queued"
    await client.post(f"{AGENT}/ready")
    assert (await client.get(f"{AGENT}/packet")).json()["reservation"] == "reserved"


async def test_an_opt_out_is_on_record_before_the_ringing_call_is_stopped(desk: Office) -> None:
    person = desk.ids["person"]
    client = await desk.client("manager")
    answer = await client.post(f"/api/v1/people/{person}/opt-out", json={"scope": "automated"})
    assert answer.json() == {"person": person, "scope": "automated", "calls_stopped": 1}
    async with desk.op.database.read() as session:
        bar = (await session.scalars(select(Suppression))).one()
    assert (bar.kind, bar.automated_only, bar.source) == ("opt_out", True, "api:Bia Nunes")


async def test_an_agent_opts_out_the_caller_on_the_line_and_the_talk_goes_on(desk: Office) -> None:
    client = await desk.client("agent")
    assert (await client.post(f"/api/v1/people/{desk.ids['person']}/opt-out", json={})).status_code == 403
    await desk.ask_for_agent()
    asked = len(desk.carrier_asked)
    answer = await client.post(f"/api/v1/people/{desk.ids['person']}/opt-out", json={})
    assert answer.json()["calls_stopped"] == 0
    assert len(desk.carrier_asked) == asked
    assert (await client.post(f"/api/v1/people/{desk.ids['other']}/opt-out", json={})).status_code == 403


async def test_a_desk_link_signs_the_agent_in(desk: Office) -> None:
    link = (await (await desk.client("manager")).post(f"{AGENT}/desk-link")).json()["url"]
    assert link.startswith(f"{ROOT}/desk/enter?ticket=")
    browser = await desk.client()
    browser.follow_redirects = True
    page = await browser.get(urlsplit(link).path + "?" + urlsplit(link).query)
    assert page.status_code == 200
    assert "Bia Nunes" in page.text
