"""Caller and agent: a talk without news is a talk, a missed caller leaves before the next one comes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dialer import closing, reconciling, staffing, talking
from dialer.operation import Operation
from dialer.rules.lifecycle import CarrierStatus
from dialer.speaking import dump_state
from dialer.store import turns
from dialer.store.database import Database
from dialer.store.models import Attempt, Reservation
from dialer.talking import Heard
from ivr_flows import engine
from ivr_flows.events import Pressed
from ivr_flows.turn import Caller
from tests.dialer.records import NOON, Rows, add, agent_of, attempt_of, campaign_of, operation_on, reservation_of
from tests.dialer.switchboard import CALLER, LINE, OTHER, Switchboard, agent_now

OVERDUE = 26.0
STANDS = {"leg_sid": LINE, "leg_joined_at": NOON, "leg_heard_at": NOON}


async def promised(database: Database, rows: Rows) -> tuple[int, int]:
    """Rita is reserved for a caller since NOON, and nothing was heard since: the agent's and reservation's ids."""
    (agent_id,) = await add(database, agent_of(rows, name="Rita", status="reserved", **STANDS))
    attempt = attempt_of(rows, status="live", sid=CALLER, waits="transfer", heard_at=NOON)
    (attempt_id,) = await add(database, attempt)
    reservation = reservation_of(rows, attempt_id, agent_id)
    reservation.reserved_at = NOON
    (reservation_id,) = await add(database, reservation)
    return agent_id, reservation_id


async def another_waits(database: Database, rows: Rows) -> int:
    """Somebody else waits for an agent, too."""
    attempt = attempt_of(rows, 1, status="live", sid=OTHER, waits="transfer", heard_at=NOON)
    (attempt_id,) = await add(database, attempt)
    (reservation_id,) = await add(database, reservation_of(rows, attempt_id, None, "waiting"))
    return reservation_id


async def reservation_now(database: Database, reservation_id: int) -> Reservation:
    async with database.read() as session:
        return await session.get_one(Reservation, reservation_id)


async def test_a_talk_whose_beginning_was_not_heard_is_not_torn(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard(together=(CALLER, LINE))
    agent_id, reservation_id = await promised(database, rows)
    await staffing.settle(board.operation(database, after=OVERDUE))
    held = await reservation_now(database, reservation_id)
    assert (held.status, held.missed) == ("connected", 0)
    assert (await agent_now(database, agent_id)).status == "in_call"
    assert board.posts("") == 0


async def test_while_the_carrier_does_not_say_who_talks_nothing_is_torn(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard(silent=("Conferences",))
    agent_id, reservation_id = await promised(database, rows)
    await staffing.settle(board.operation(database, after=OVERDUE))
    assert (await reservation_now(database, reservation_id)).status == "reserved"
    assert (await agent_now(database, agent_id)).status == "reserved"


async def test_a_missed_caller_is_called_back_and_the_agent_paused(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    agent_id, reservation_id = await promised(database, rows)
    await staffing.settle(board.operation(database, after=OVERDUE))
    held, agent = await reservation_now(database, reservation_id), await agent_now(database, agent_id)
    assert (held.status, held.missed, agent.status, agent.guest_sid) == ("waiting", 1, "paused", None)
    assert board.posts("requeue") == 1


@pytest.mark.parametrize("news", ["sent at last", "left", "ended"])
async def test_nobody_else_gets_the_agent_until_the_missed_caller_has_left(news: str, database: Database) -> None:
    rows, board = await campaign_of(database, 2), Switchboard(silent=("requeue",))
    agent_id, _ = await promised(database, rows)
    other = await another_waits(database, rows)
    op = board.operation(database, after=OVERDUE)
    await staffing.settle(op)
    assert (await staffing.ready(op, "Rita")).status == "ready"
    await staffing.settle(op)
    assert (await reservation_now(database, other)).status == "waiting", "two callers would hear each other"
    token = (await agent_now(database, agent_id)).leg_token
    if news == "left":
        await staffing.caller_left(op, token, CALLER)
    elif news == "ended":
        board.calls[CALLER] = "completed"
        async with database.read() as session:
            attempt = (await session.scalars(select(Attempt).where(Attempt.sid == CALLER))).one()
        await reconciling.ask_carrier(op, attempt)
    else:
        board.silent = ()
    await staffing.settle(op)
    agent = await agent_now(database, agent_id)
    assert (agent.guest_sid, agent.status) == (None, "reserved")


async def test_who_leaves_a_former_agents_conference_waits_on(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard()
    agent_id, reservation_id = await promised(database, rows)
    op = board.operation(database, after=OVERDUE)
    await staffing.settle(op)
    await staffing.caller_left(op, (await agent_now(database, agent_id)).leg_token, CALLER)
    assert (await reservation_now(database, reservation_id)).status == "waiting"


async def test_an_agent_whose_line_died_unheard_is_off_and_rung_anew(database: Database) -> None:
    rows, board = await campaign_of(database, 1), Switchboard(calls={LINE: "completed"})
    agent_id, reservation_id = await promised(database, rows)
    op = board.operation(database, after=OVERDUE)
    await staffing.settle(op)
    assert (await agent_now(database, agent_id)).status == "offline"
    assert (await reservation_now(database, reservation_id)).status == "waiting"
    assert board.posts("requeue") == 1
    assert (await staffing.ready(op, "Rita")).leg_sid is None


@pytest.mark.parametrize("late", ["connect", "requeue"])
async def test_a_redirect_that_comes_too_late_is_no_silence(late: talking.Injected, database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, Switchboard())  # type: ignore[arg-type]
    attempt = attempt_of(rows, status="placed", sid=CALLER)
    (attempt_id,) = await add(database, attempt)
    said = await talking.take_turn(op, attempt.token, 0, Heard(sid=CALLER))
    assert await talking.inject(op, attempt.token, late) == said
    async with database.read() as session:
        kept = await turns.of_attempt(session, attempt_id)
    assert [turn.event["type"] for turn in kept] == ["Answered"]


async def over_before_it_was_heard(database: Database, rows: Rows, board: Switchboard) -> tuple[Operation, int, int]:
    """Rita and a caller talked, and all that was heard is that the call ended: the agent's and reservation's ids."""
    agent_id, reservation_id = await promised(database, rows)
    op = board.operation(database, after=12.0)
    async with database.write() as session:
        attempt = (await session.scalars(select(Attempt).where(Attempt.sid == CALLER))).one()
        attempt.state = waiting_for_an_agent(op)
        token = attempt.token
    await closing.hear(op, token, CarrierStatus("completed"), seconds=12)
    return op, agent_id, reservation_id


def waiting_for_an_agent(op: Operation) -> bytes:
    """The state of a call that was handed over."""
    flow = op.flow("lembrete")
    known = {"caller_name": "Loja", "full_name": "Ana Lima", "first_name": "Ana", "agents_open": True}
    caller = Caller(language="pt-BR", today=NOON.date(), values=dict(known))
    return op.database.keyring.seal(
        dump_state(engine.resume(flow, engine.start(flow, caller).state, Pressed("0")).state)
    )


async def test_who_leaves_an_agent_after_the_call_was_heard_to_end_has_talked(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op, agent_id, reservation_id = await over_before_it_was_heard(database, rows, Switchboard())
    assert (await reservation_now(database, reservation_id)).status == "left"
    await staffing.caller_left(op, (await agent_now(database, agent_id)).leg_token, CALLER)
    held = await reservation_now(database, reservation_id)
    assert (held.status, held.connected_at) == ("ended", held.ended_at)
    assert (await agent_now(database, agent_id)).status == "wrapup"
    async with database.read() as session:
        attempt = (await session.scalars(select(Attempt).where(Attempt.sid == CALLER))).one()
    assert attempt.disposition == "transferred"


async def test_a_leave_from_another_agents_conference_changes_no_talk(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op, _, reservation_id = await over_before_it_was_heard(database, rows, Switchboard())
    await add(database, agent_of(rows, name="Otto", leg_token="leg-of-otto"))
    await staffing.caller_left(op, "leg-of-otto", CALLER)
    assert (await reservation_now(database, reservation_id)).status == "left"
