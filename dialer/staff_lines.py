"""What every line to somebody of our own has in common, an agent's or a supervisor's: its grant of the account's
window, the time by which the carrier's answer is due, and the look for a line whose answer was lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import datetime, timedelta

from dialer.carrier.client import CallRequest
from dialer.clock import real_ms
from dialer.limits import grant
from dialer.operation import Operation
from dialer.rules.lifecycle import FINAL_OF

RING_SECONDS = 30
LINE_SECONDS = 60  # from the wish for a line to its standing in a conference
SILENT_AFTER = timedelta(seconds=60)  # a line that should stand: ask the carrier, because callbacks get lost
CLOCKS_APART = timedelta(seconds=60)  # between our clock and the carrier's
GRANT_SECONDS = 1.0  # wall clock: a full window must not hold up the beat
AT_ONCE = 20  # lines that are rung, looked for or looked after at the same time


async def granted(op: Operation) -> bool:
    """Whether the window lets one call begin now; else the next beat asks again."""
    try:
        async with asyncio.timeout(GRANT_SECONDS):
            await grant(op.window)
    except TimeoutError:
        return False
    return True


def answer_due(op: Operation) -> int:
    """Wall-clock ms by which a create that begins now has its answer, or is looked for."""
    return real_ms() + int(op.carrier.longest_create * 1000) + grace(op)


def looked_for_from(op: Operation) -> int:
    """Wall-clock ms from which a create that has just failed to answer is looked for."""
    return real_ms() + max(1, grace(op))


def grace(op: Operation) -> int:
    """How long the carrier may take to list what it has made, in ms."""
    return int(op.settings.unknown_grace * 1000)


async def living(op: Operation, request: CallRequest, *, since: datetime) -> str | None:
    """The newest call of such a request that is not over; "" when there is none, None when the carrier is silent."""
    calls = await op.carrier.find_calls(to=request.to, from_=request.from_, since=since - CLOCKS_APART)
    if calls is None:
        return None
    alive = [call for call in calls if call.status not in FINAL_OF]
    return max(alive, key=lambda call: call.created_at).sid if alive else ""


async def all_of(acts: Iterable[Coroutine[object, object, object]]) -> None:
    """All of them to their end, whatever becomes of one: a create must not be left without somebody who waits."""
    for outcome in await asyncio.gather(*acts, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
