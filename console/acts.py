"""What an agent does at the desk: ready, pause, done, and the screen's own word that it shows the packet."""

from __future__ import annotations

from sqlalchemy import select, update

from console.live import topic
from console.snapshot import Desk
from dialer import staffing
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.store.models import Agent, Packet


async def ready(op: Operation, desk: Desk) -> None:
    """Calls, please. If somebody waits already, they need not wait for the worker's next beat."""
    agent = await staffing.ready(op, desk.name)
    if agent.status == "ready":
        await staffing.assign_waiting(op)
    await _tell(op, desk)


async def pause(op: Operation, desk: Desk) -> None:
    """No more calls for now; a call under way goes on."""
    await staffing.pause(op, desk.name)
    await _tell(op, desk)


async def done(op: Operation, desk: Desk) -> None:
    """Wrap-up is over. Refused outside wrap-up."""
    if desk.status != "wrapup":
        raise Refused(f'"{desk.name}" is {desk.status}, not in wrap-up. Use ready or pause')
    await ready(op, desk)


async def acknowledge(op: Operation, packet_id: int, agent: str, tenant_id: int) -> bool:
    """The packet stands on the agent's screen; the first time counts. False when it is not this agent's."""
    async with op.database.write() as session:
        owned = await session.scalar(
            select(Packet.id)
            .join(Agent, Agent.id == Packet.agent_id)
            .where(Packet.id == packet_id, Agent.name == agent, Agent.tenant_id == tenant_id)
        )
        await session.execute(
            update(Packet).where(Packet.id == owned, Packet.shown_at.is_(None)).values(shown_at=op.clock.now())
        )
    return owned is not None


async def _tell(op: Operation, desk: Desk) -> None:
    """Every window on this desk looks again at once."""
    await op.fanout.publish(topic(desk.leg_token), {"acted": True})
