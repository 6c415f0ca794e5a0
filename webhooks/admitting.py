"""How many requests are worked on at once, and how many may wait for it. What comes beyond that is refused at once.

Worked on all together they would all be late; in their order those that are answered are answered in time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

AT_WORK = 32  # more than the database has connections for
WAITING = 512  # what a web process that does 64 turns a second has answered within eight


class Crowded(Exception):
    """So many wait already that this one would be answered too late."""


class Admission:
    """The requests of one process. Whoever has entered must leave."""

    def __init__(self, at_work: int = AT_WORK, waiting: int = WAITING) -> None:
        self._free = at_work
        self._most = waiting
        self._line: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Wait for one's turn. Crowded: too many wait already."""
        if self._free:
            self._free -= 1
            return
        if len(self._line) >= self._most:
            raise Crowded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # its turn came in the very instant in which it gave up
            else:
                with suppress(ValueError):
                    self._line.remove(turn)
            raise

    def leave(self) -> None:
        """Let the next one in."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
