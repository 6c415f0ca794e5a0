"""What an agent does at the desk: ready, pause, done, and the screen's own word that it shows the packet."""

from __future__ import annotations

from console.deskwork.forms import breaks
from console.live import topic
from console.snapshot import Desk
from dialer import heralding, staffing
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.store import attempts, interactions, packets


async def ready(op: Operation, desk: Desk) -> None:
    """Calls, please."""
    await staffing.ready(op, desk.name)
    await _tell(op, desk)


async def pause(op: Operation, desk: Desk, reason: str = "") -> None:
    """No more calls for now, for one of the reasons that agents have; a call under way goes on."""
    known = (reason,) if reason in breaks() else ()
    await staffing.pause(op, desk.name, *known, minutes=breaks().get(reason, 0))
    await _tell(op, desk)


async def done(op: Operation, desk: Desk) -> None:
    """Wrap-up is over. Refused outside wrap-up."""
    await staffing.done(op, desk.name)
    await _tell(op, desk)


async def hang_up(op: Operation, desk: Desk) -> None:
    """End the caller's call; on record first. Refused when nobody is on the line."""
    if desk.card is None or desk.card.stands != "connected":
        raise Refused("Nobody is on the line: there is nothing to hang up")
    async with op.database.write() as session:
        attempt = await attempts.held(session, desk.card.attempt_id)
        await interactions.add(
            session, tenant_id=attempt.tenant_id, person_id=attempt.person_id, attempt_id=attempt.id,
            at=op.clock.now(), kind="agent_hung_up", actor=f"agent:{desk.name}"[:100],
        )  # fmt: skip
    if attempt.sid is None or not await op.carrier.hang_up(attempt.sid):
        raise Refused("The carrier did not end the call: it may be over already. Look at the screen and try again")


async def acknowledge(op: Operation, packet_id: int, agent: str, tenant_id: int) -> bool:
    """The packet stands on the agent's screen; the first time counts. False when it is not this agent's."""
    async with op.database.read() as session:
        owned = await packets.agent_of(session, packet_id, tenant_id) == agent
    if owned:
        await heralding.stands(op, packet_id)
    return owned


async def _tell(op: Operation, desk: Desk) -> None:
    """Every window on this desk looks again at once."""
    await op.fanout.publish(topic(desk.leg_token), {"acted": True})
