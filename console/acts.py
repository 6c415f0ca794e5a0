"""What an agent does at the desk: ready, pause, done, and the screen's own word that it shows the packet."""

from __future__ import annotations

from console.live import topic
from console.pages import BREAKS
from console.snapshot import Desk
from dialer import staffing
from dialer.operation import Operation
from dialer.store import packets


async def ready(op: Operation, desk: Desk) -> None:
    """Calls, please."""
    await staffing.ready(op, desk.name)
    await _tell(op, desk)


async def pause(op: Operation, desk: Desk, reason: str = "") -> None:
    """No more calls for now, for one of the reasons that agents have; a call under way goes on."""
    await staffing.pause(op, desk.name, *([reason] if reason in BREAKS else []))
    await _tell(op, desk)


async def done(op: Operation, desk: Desk) -> None:
    """Wrap-up is over. Refused outside wrap-up."""
    await staffing.done(op, desk.name)
    await _tell(op, desk)


async def acknowledge(op: Operation, packet_id: int, agent: str, tenant_id: int) -> bool:
    """The packet stands on the agent's screen; the first time counts. False when it is not this agent's."""
    async with op.database.write() as session:
        owned = await packets.agent_of(session, packet_id, tenant_id) == agent
        if owned:
            await packets.shown(session, packet_id, at=op.clock.now())
    return owned


async def _tell(op: Operation, desk: Desk) -> None:
    """Every window on this desk looks again at once."""
    await op.fanout.publish(topic(desk.leg_token), {"acted": True})
