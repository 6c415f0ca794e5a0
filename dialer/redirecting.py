"""Acts that send a waiting caller on: into an agent's conference, and out of it again.

Somebody else's debt is nobody's business: until a caller is known to have left a conference, its agent gets no
other one.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select

from dialer.operation import Operation
from dialer.store import agents, lines
from dialer.store.models import Attempt


async def send(
    op: Operation, attempt_id: int, where: Literal["requeue", "connect"], reservation_id: int = 0, *, turn: int = -1
) -> bool:
    """Have the caller ask for their next turn; whether the carrier did so. They are then in no conference.

    With `turn` only a caller who has taken no turn since: whoever has is on the way already.
    """
    async with op.database.read() as session:
        row = (
            await session.execute(select(Attempt.sid, Attempt.token, Attempt.turn).where(Attempt.id == attempt_id))
        ).one()
    if row.sid is None or (turn >= 0 and row.turn != turn):
        return False
    to = op.addresses.requeue(row.token) if where == "requeue" else op.addresses.connect(row.token, reservation_id)
    if not await op.carrier.redirect(row.sid, to):
        return False
    async with op.database.write() as session:
        await lines.guest_gone(session, row.sid)
    return True


async def call_back_guests(op: Operation) -> None:
    """Callers whose way back failed: send them again, or see that they have left by themselves."""
    async with op.database.read() as session:
        sids = await lines.guests(session)
    for sid in sids:
        await _call_back(op, sid)


async def _call_back(op: Operation, sid: str) -> None:
    async with op.database.read() as session:
        attempt = await session.scalar(select(Attempt).where(Attempt.sid == sid))
        held = await agents.open_reservation(session, attempt.id) if attempt else None
    if attempt is not None and attempt.status != "ended" and held is not None and held.status != "connected":
        if held.status == "waiting":
            await send(op, attempt.id, "requeue")
        return
    async with op.database.write() as session:
        await lines.guest_gone(session, sid)
