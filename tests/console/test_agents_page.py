"""The page of the agents: who is there, who waits for them, and who may change it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Agent, Interaction
from tests.console.visitors import HOST, browser
from tests.dialer.records import accepts, operation_on


@pytest.fixture
def op(database: Database) -> Operation:
    return operation_on(database, accepts, public_url=HOST)


async def test_an_agent_comes_on_record_is_connected_and_seen_by_their_own_company_only(
    op: Operation, app: FastAPI
) -> None:
    manager, supervisor = await browser(op, app, "manager"), await browser(op, app, "supervisor")
    stranger = await browser(op, app, "manager", company="other")
    wrong = await manager.send("/agents", {"name": "Rita", "via": "phone 12", "skills": "pt-BR"})
    assert wrong.status_code == 400
    assert 'value="Rita"' in wrong.text, "nothing typed is lost"
    made = await manager.send("/agents", {"name": "Rita", "via": "tel:+12125550123", "skills": "collections, pt-BR"})
    assert made.status_code == 303
    assert (await supervisor.send("/agents", {"name": "Eva", "via": "client:eva"})).status_code == 403
    seen = (await supervisor.get("/agents")).text
    assert "0 agents are here." in seen
    assert "12125550123" not in seen
    table = (await supervisor.send("/agents/1/ready")).text
    assert "1 agent is here." in table
    assert "line being connected" in table
    assert "Rita" not in (await stranger.get("/agents")).text
    assert (await stranger.send("/agents/1/pause")).status_code == 404
    async with op.database.read() as session:
        assert list(await session.scalars(select(Agent.skills))) == [["collections", "pt-BR"]]
        noted = (await session.execute(select(Interaction.kind, Interaction.actor))).all()
    assert ("agent_added", f"user {manager.user_id}") in noted
