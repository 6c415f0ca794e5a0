"""Calls by hand at the same instant: one person, one agent, one call; and what is left of those that lost."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select

from dialer import calling
from dialer.calling import Called, Order
from dialer.errors import Conflict, Refused
from dialer.rules.gate import Deny
from dialer.store.database import Database
from dialer.store.models import Agent, Attempt, Contact, Person, Reservation
from tests.dialer.records import NOON, Rows, accepts, add, agent_of, campaign_of, operation_on


async def staffed(database: Database, people: int, agents: int) -> tuple[Rows, list[str], list[str]]:
    """People with their keys, and agents who stand ready."""
    rows = await campaign_of(database, people)
    standing = [agent_of(rows, leg_sid=f"CA{n:032d}", leg_joined_at=NOON, leg_heard_at=NOON) for n in range(agents)]
    await add(database, *standing)
    async with database.read() as session:
        keys = list(await session.scalars(select(Person.key).where(Person.id.in_(rows.people)).order_by(Person.id)))
    return rows, keys, [agent.name for agent in standing]


async def told(database: Database, *orders: Order) -> list[object]:
    op = operation_on(database, accepts)
    return await asyncio.gather(*(calling.call(op, one) for one in orders), return_exceptions=True)


async def test_two_agents_who_call_the_same_person_make_one_call(database: Database) -> None:
    _, (key,), (one, other) = await staffed(database, 1, 2)
    answers = await told(database, Order(one, key), Order(other, key))
    assert sum(isinstance(answer, Called) for answer in answers) == 1
    (lost,) = [answer for answer in answers if not isinstance(answer, Called)]
    assert isinstance(lost, Deny | Refused | Conflict), lost
    async with database.read() as session:
        (attempt,) = await session.scalars(select(Attempt))
        states = sorted(await session.scalars(select(Agent.status)))
        (held,) = await session.scalars(select(Reservation))
    assert (attempt.mode, held.attempt_id, states) == ("live_agent_manual", attempt.id, ["ready", "reserved"])


async def test_an_agent_who_calls_two_people_at_once_gets_one_of_them(database: Database) -> None:
    _, (first, second), (name,) = await staffed(database, 2, 1)
    answers = await told(database, Order(name, first), Order(name, second))
    assert sum(isinstance(answer, Called) for answer in answers) == 1
    assert sum(isinstance(answer, Refused | Conflict) for answer in answers) == 1
    async with database.read() as session:
        assert len(list(await session.scalars(select(Attempt)))) == 1, "nothing is left of the other intent"
        assert len(list(await session.scalars(select(Reservation)))) == 1


async def test_a_number_of_somebody_else_is_not_called_in_the_persons_name(database: Database) -> None:
    _, (key,), (name,) = await staffed(database, 1, 1)
    with pytest.raises(Refused, match="no usable number") as fault:
        await calling.call(operation_on(database, accepts), Order(name, key, "+5511999990199"))
    assert "99999" not in str(fault.value)


async def test_a_refusal_of_the_carrier_gives_the_agent_back(database: Database) -> None:
    rows, (key,), (name,) = await staffed(database, 1, 1)

    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"code": 21211, "message": "Invalid To", "status": 400})

    assert isinstance(await calling.call(operation_on(database, refuse), Order(name, key)), Called)
    async with database.read() as session:
        (agent,) = await session.scalars(select(Agent))
        (attempt,) = await session.scalars(select(Attempt))
        waiting = await session.get_one(Contact, rows.contacts[0])
    assert (agent.status, attempt.disposition) == ("ready", "invalid_number")
    assert waiting.status == "waiting", "the contact of the campaign is another one"
