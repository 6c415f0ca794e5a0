"""The caller's card comes before their voice: whoever is put through waits for the word of the agent's screen.

Only where a screen looks, and never longer than the setting allows: the law gives two seconds from hello to a person.
Decides nothing and keeps nothing; a lost word costs the wait, never the call.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from dialer.operation import Operation
from dialer.store import packets


async def before_voice(op: Operation, attempt_id: int, room: str, *, may_stand: bool = True) -> bool:
    """Tell the screens of this conference who is coming, and wait until one shows the card; whether one does.

    At most `Settings.card_wait_ms` of real time; not at all when nobody looks, or when the card stands there already
    (`may_stand` False: it was written just now).
    """
    async with op.fanout.listen(_topic(attempt_id)) as word:
        if not await op.fanout.publish(f"desk:{room}", {"card": attempt_id}):
            return False
        if may_stand:
            async with op.database.read() as session:
                if await packets.is_shown(session, attempt_id):
                    return True
        with suppress(TimeoutError):
            async with asyncio.timeout(op.settings.card_wait_ms / 1000):
                await word.get()
                return True
    return False


async def stands(op: Operation, packet_id: int) -> None:
    """An agent's screen shows the card; the first time counts, and lets the caller's voice through."""
    async with op.database.write() as session:
        attempt_id = await packets.shown(session, packet_id, at=op.clock.now())
    if attempt_id is not None:
        await op.fanout.publish(_topic(attempt_id), {"shown": packet_id})


def _topic(attempt_id: int) -> str:
    return f"card:{attempt_id}"
