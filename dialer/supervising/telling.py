"""Who is told about a supervisor in a talk: the floor, the agent's desk, and the record. Asks the carrier nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.addresses import conference_name
from dialer.operation import Operation
from dialer.store import interactions
from dialer.store.models import Agent, Attempt, Supervision


def topic(tenant_id: int) -> str:
    """Where news of a company's floor is published."""
    return f"floor:{tenant_id}"


async def tell(op: Operation, one: Supervision) -> None:
    """Have the floor and the agent's desk look again."""
    await op.fanout.publish(topic(one.tenant_id), {"supervision": one.id})
    await op.fanout.publish(f"desk:{conference_name(one.room)}", {"supervision": one.id})


async def write_down(
    session: AsyncSession, op: Operation, one: Supervision, what: str, *, by: str = "user", **detail: Any
) -> None:
    """A line of the record of the person whose call it is: what happened, with which agent and user; no words."""
    attempt = await session.get_one(Attempt, one.attempt_id)
    agent = await session.get_one(Agent, one.agent_id)
    await interactions.add(
        session,
        tenant_id=one.tenant_id,
        person_id=attempt.person_id,
        attempt_id=one.attempt_id,
        at=op.clock.now(),
        kind=f"supervision_{what}",
        actor=f"user {one.user_id}" if by == "user" else by,
        detail={"agent": agent.name, "user": one.user_id, **detail},
    )
