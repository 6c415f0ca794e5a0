"""Booked breaks over REST: a manager books and cancels, the agent reads their own."""

from __future__ import annotations

from tests.console.office import Office

AT = "/api/v1/agents/Bia Nunes/breaks"


async def test_a_manager_books_and_cancels_and_the_agent_reads_their_own(desk: Office) -> None:
    manager, agent = await desk.client("manager"), await desk.client("agent")
    order = {"days": "mon-sat", "starts": "10:30", "minutes": 10, "reason": "break", "zone": "America/Sao_Paulo"}
    assert (await agent.post(AT, json=order)).status_code == 403
    (made,) = (await manager.post(AT, json=order)).json()
    assert (made["days"], made["starts"], made["next_at"]) == (
        "mon, tue, wed, thu, fri, sat", "10:30", "2026-11-23T13:30:00Z",
    )  # fmt: skip
    assert (await manager.post(AT, json=order)).status_code == 409
    assert (await manager.post(AT, json=order | {"starts": "quarter past"})).status_code == 400
    assert (await agent.get(AT)).json() == [made]
    assert (await agent.get(AT.replace("Bia Nunes", "Rui Sá"))).status_code == 403
    elsewhere = AT.replace("Bia Nunes", "Rui Sá")
    assert (await manager.delete(f"{elsewhere}/{made['id']}")).status_code == 404, "it is another agent's"
    assert (await manager.delete(f"{AT}/{made['id']}")).status_code == 204
    assert (await manager.delete(f"{AT}/{10**30}")).status_code == 404
    assert (await agent.get(AT)).json() == []
    usual = await manager.post(AT, json={"starts": "08:00", "usual": "br-teleatendimento-6h"})
    assert [one["starts"] for one in usual.json()] == ["09:30", "11:00", "12:30"]
