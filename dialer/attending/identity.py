"""Act of an agent who has made sure of who speaks: the level of the call rises, once, and the record says so."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.attending.talk import Talk, write_down
from dialer.operation import Operation
from dialer.store.models import Attempt

CONFIRMED = "confirmed"


async def confirm(session: AsyncSession, op: Operation, talk: Talk) -> bool:
    """The person is who they say; whether that is news. From then on the debt may be spoken of."""
    raised = await session.execute(
        update(Attempt)
        .where(Attempt.id == talk.attempt.id, Attempt.level != CONFIRMED)
        .values(level=CONFIRMED, version=Attempt.version + 1)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    )
    if raised.first() is None:
        return False
    await write_down(session, op, talk, "identity_confirmed", {"was": talk.attempt.level})
    await session.refresh(talk.attempt)
    return True
