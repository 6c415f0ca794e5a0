"""How many requests are worked on at once, and how many may wait for it. What comes beyond that is refused at once.

Worked on all together they would all be late; in their order those that are answered are answered in time. Callers
who listen and news to which nobody listens have a place each: neither a flood of news nor one that itself waits for
the carrier makes a caller wait, and callers keep no news out. In each place what ends or goes on is let in ahead of
what begins: else every call would be begun, and none brought to its end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

AT_WORK, WAITING = 24, 512  # in each place
CALLERS_WAIT, NEWS_WAIT = 5.0, 8.0  # real seconds; whoever is let in later would not be answered in time


class Crowded(Exception):
    """So many wait already that this one would be answered too late."""


class Admission:
    """The requests of one kind in one process, which wait at most `wait` seconds. Whoever has entered must leave."""

    def __init__(self, wait: float, *, at_work: int = AT_WORK, waiting: int = WAITING) -> None:
        self._wait = wait
        self._free = at_work
        self._most = waiting
        self._ahead: deque[asyncio.Future[None]] = deque()
        self._behind: deque[asyncio.Future[None]] = deque()

    async def enter(self, *, ahead: bool) -> None:
        """Wait for one's turn, ahead of those who are not. Crowded: too many wait, or it does not come in time."""
        if self._free:
            self._free -= 1
            return
        line = self._ahead if ahead else self._behind
        if len(line) >= self._most:
            raise Crowded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            async with asyncio.timeout(self._wait):
                await turn
        except (asyncio.CancelledError, TimeoutError) as fault:
            if turn.cancelled():
                with suppress(ValueError):
                    line.remove(turn)
            else:
                self.leave()  # its turn came in the very instant in which it gave up
            if isinstance(fault, TimeoutError):
                raise Crowded from None
            raise

    def leave(self) -> None:
        """Let the next one in."""
        for line in (self._ahead, self._behind):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1
