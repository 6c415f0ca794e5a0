"""How many requests are worked on at once, and how many may wait for it. What comes beyond that is refused at once.

Worked on all together they would all be late; in their order those that are answered are answered in time. Callers
who listen and news to which nobody listens wait in lines of their own and are let in by turns: no caller waits behind
a flood of news, and callers keep no news out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

AT_WORK = 32  # more than the database has connections for
WAITING = 512  # in each line: what a web process that answers 64 a second has done within eight


class Crowded(Exception):
    """So many wait already that this one would be answered too late."""


class Admission:
    """The requests of one process. Whoever has entered must leave."""

    def __init__(self, at_work: int = AT_WORK, waiting: int = WAITING) -> None:
        self._free = at_work
        self._most = waiting
        self._callers: deque[asyncio.Future[None]] = deque()
        self._news: deque[asyncio.Future[None]] = deque()
        self._callers_next = True

    async def enter(self, *, spoken: bool) -> None:
        """Wait for one's turn. Crowded: too many wait already."""
        if self._free:
            self._free -= 1
            return
        line = self._callers if spoken else self._news
        if len(line) >= self._most:
            raise Crowded
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # its turn came in the very instant in which it gave up
            else:
                with suppress(ValueError):
                    line.remove(turn)
            raise

    def leave(self) -> None:
        """Let the next one in."""
        lines = (self._callers, self._news) if self._callers_next else (self._news, self._callers)
        self._callers_next = not self._callers_next
        for line in lines:
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._free += 1
