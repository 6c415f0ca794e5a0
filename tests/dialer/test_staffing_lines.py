"""An agent's line: rung once, ready only while it stands, and hung up when it is given up."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from dialer import agent_lines, staffing
from dialer.operation import Operation
from dialer.rules.pacing import PacingState
from dialer.store import agents
from dialer.store.campaigns import running
from dialer.store.database import Database
from dialer.store.models import Agent, Campaign, Reservation
from tests.dialer.records import NOON, add, agent_of, campaign_of
from tests.dialer.switchboard import LINE, OTHER, Switchboard, agent_now
from webhooks.signature import SignatureCheck
from webhooks.voice import VoiceApp
from webhooks.voicing import Voicing

STANDS = {"leg_sid": LINE, "leg_joined_at": NOON, "leg_heard_at": NOON}


def door(op: Operation) -> VoiceApp:
    return VoiceApp(Response(status_code=404), op, SignatureCheck("http://x", "y"), Voicing(None))


async def test_two_workers_ring_an_agent_once(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    (agent_id,) = await add(database, agent_of(rows, status="connecting"))
    await asyncio.gather(*(staffing.connect_agents(board.operation(database)) for _ in range(2)))
    assert board.posts("Calls") == 1
    assert (await agent_now(database, agent_id)).leg_sid == LINE


@pytest.mark.parametrize("made", [True, False], ids=["was made", "was not made"])
async def test_a_create_without_an_answer_is_looked_for_before_it_is_asked_again(
    made: bool, database: Database
) -> None:
    rows, board = await campaign_of(database, 1), Switchboard(silent=("POST Calls",))
    op = board.operation(database, unknown_grace=0.2)
    (agent_id,) = await add(database, agent_of(rows, status="connecting"))
    before = (await agent_now(database, agent_id)).leg_token
    await staffing.connect_agents(op)
    board.silent, board.calls = (), {OTHER: "ringing"} if made else {OTHER: "completed"}
    await staffing.connect_agents(op)
    assert (board.posts("Calls"), (await agent_now(database, agent_id)).leg_sid) == (1, None), "within the grace"
    await asyncio.sleep(0.3)
    await staffing.connect_agents(op)
    await staffing.connect_agents(op)
    agent = await agent_now(database, agent_id)
    if made:
        assert (board.posts("Calls"), agent.leg_sid) == (1, OTHER)
    else:
        assert (board.posts("Calls"), agent.leg_sid) == (2, LINE)
        assert agent.leg_token != before, "should the first be made after all, its news speaks of nobody"


async def test_an_answer_that_comes_after_the_agent_went_away_is_hung_up(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    agent = agent_of(rows, status="connecting")
    await add(database, agent)
    ringing = asyncio.create_task(staffing.connect_agents(op))
    while not board.asked:  # noqa: ASYNC110 - until the create is under way
        await asyncio.sleep(0.001)
    await agent_lines.give_up(op, agent.leg_token, "for this test")
    await ringing
    assert board.posts(f"{LINE} Status=completed") == 1


async def test_an_answer_that_comes_while_the_agent_goes_away_is_hung_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line becomes known between the look at the agent and the agent's going: somebody hangs it up."""
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    agent = agent_of(rows, status="connecting")
    await add(database, agent)
    looked, find = asyncio.Event(), agents.busy_reservation

    async def slowly(session: AsyncSession, agent_id: int) -> Reservation | None:
        looked.set()
        await asyncio.sleep(0.3)  # the answer to the create comes now
        return await find(session, agent_id)

    monkeypatch.setattr(agents, "busy_reservation", slowly)
    leaving = asyncio.create_task(agent_lines.give_up(op, agent.leg_token, "for this test"))
    await looked.wait()
    await asyncio.gather(leaving, agent_lines._ring(op, agent))
    assert board.posts(f"{LINE} Status=completed") == board.posts("Calls To=")


async def test_a_window_that_grants_nothing_does_not_hold_up_the_beat(database: Database) -> None:
    class Shut:
        async def ask(self) -> float:
            return 0.05

    rows, board = await campaign_of(database, 1), Switchboard()
    await add(database, *(agent_of(rows, status="connecting") for _ in range(3)))
    async with asyncio.timeout(3):
        await staffing.connect_agents(replace(board.operation(database), window=Shut()))
    assert board.asked == []


@pytest.mark.parametrize("leg_sid", [LINE, None])
async def test_the_end_of_another_call_does_not_take_the_agent_off(leg_sid: str | None, database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    agent = agent_of(rows, status="ready" if leg_sid else "connecting", leg_sid=leg_sid)
    (agent_id,) = await add(database, agent)
    await door(board.operation(database))._agent_status(agent.leg_token, {"CallStatus": "busy", "CallSid": OTHER})
    assert (await agent_now(database, agent_id)).status == agent.status


async def test_the_end_of_a_line_whose_id_is_not_known_yet_counts(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    agent = agent_of(rows, status="connecting", leg_claim_until=1)
    (agent_id,) = await add(database, agent)
    await door(board.operation(database))._agent_status(agent.leg_token, {"CallStatus": "busy", "CallSid": LINE})
    assert (await agent_now(database, agent_id)).status == "offline"


async def test_an_agent_who_leaves_their_conference_has_no_line(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    agent = agent_of(rows, status="ready", **STANDS)
    (agent_id,) = await add(database, agent)
    left = {"StatusCallbackEvent": "participant-leave", "CallSid": LINE}
    await door(board.operation(database))._conference(agent.leg_token, left)
    assert (await agent_now(database, agent_id)).status == "offline"


@pytest.mark.parametrize("status", ["ready", "paused", "wrapup", "in_call"])
async def test_a_line_that_ended_unheard_is_found_out(status: str, database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard(calls={LINE: "completed"})
    (agent_id,) = await add(database, agent_of(rows, status=status, **STANDS))
    await staffing.connect_agents(board.operation(database, after=61))
    assert (await agent_now(database, agent_id)).status == "offline"


async def test_a_line_that_stands_is_asked_for_once_a_minute(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    (agent_id,) = await add(database, agent_of(rows, status="ready", **STANDS))
    for after in (30, 61, 62, 100):
        await staffing.connect_agents(board.operation(database, after=after))
    assert len(board.asked) == 1
    assert (await agent_now(database, agent_id)).status == "ready"


async def test_a_line_that_is_given_up_is_hung_up(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    (agent_id,) = await add(database, agent_of(rows, status="connecting", leg_sid=LINE))
    await staffing.connect_agents(board.operation(database, after=61))
    assert board.posts(f"{LINE} Status=completed") == 1
    assert (await agent_now(database, agent_id)).status == "offline"


async def test_ready_needs_a_line_that_stands(database: Database) -> None:
    """Ready, pause and ready again while the agent's telephone is still ringing; then they pick up."""
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    (agent_id,) = await add(database, agent_of(rows, name="Rita", status="offline"))
    await staffing.ready(op, "Rita")
    await staffing.connect_agents(op)
    await staffing.pause(op, "Rita")
    assert (await staffing.ready(op, "Rita")).status == "connecting"
    await staffing.connect_agents(op)
    await staffing.leg_joined(op, (await agent_now(database, agent_id)).leg_token, LINE)
    assert ((await agent_now(database, agent_id)).status, board.posts("Calls")) == ("ready", 1), "it rang once"


async def test_a_line_that_comes_up_during_a_break_serves_after_it(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    agent = agent_of(rows, name="Rita", status="paused", leg_sid=LINE)
    (agent_id,) = await add(database, agent)
    await staffing.leg_joined(op, agent.leg_token, LINE)
    assert (await agent_now(database, agent_id)).status == "paused"
    assert (await staffing.ready(op, "Rita")).status == "ready"


async def test_every_new_line_has_a_new_token_and_an_old_one_ends_when_it_is_picked_up(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    await add(database, agent := agent_of(rows, name="Rita", status="offline"))
    fresh = await staffing.ready(op, "Rita")
    assert fresh.leg_token != agent.leg_token
    assert "Conference" not in (await door(op)._route(["agent", agent.leg_token], {})).body
    assert "Conference" in (await door(op)._route(["agent", fresh.leg_token], {})).body


async def test_only_lines_that_stand_are_paced_for_and_none_is_while_all_are_away(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    op = board.operation(database)
    async with database.read() as session:
        (campaign,) = await running(session)
    assert (await _paced(op, campaign)).lines_cap > 0, "a campaign without agents dials"
    rita, _ = await add(database, agent_of(rows, status="connecting"), agent_of(rows, status="paused"))
    state = await _paced(op, campaign)
    assert (state.agents_idle, state.lines_cap) == (0, 0)
    async with database.write() as session:
        await session.execute(update(Agent).where(Agent.id == rita).values(status="ready"))
    state = await _paced(op, campaign)
    assert (state.agents_idle, state.lines_cap > 0) == (1, True)


async def test_agents_for_other_calls_do_not_hold_up_a_campaign(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    await add(database, agent_of(rows, status="offline", skills=["sales"]))
    async with database.write() as session:
        (campaign,) = await running(session)
        campaign.skill = "collections"
    assert (await _paced(board.operation(database), campaign)).lines_cap > 0


async def _paced(op: Operation, campaign: Campaign) -> PacingState:
    async with op.database.read() as session:
        return await staffing.pacing_state(session, op, campaign)
