"""How long a request of the carrier may take: what is away for a moment is tried again, and nothing is answered late.

The carrier waits 15 seconds for an answer, all its own repetitions included
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). Real seconds, all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from dialer.store.database import is_away

SPOKEN, NEWS = 4.0, 8.0  # while the database is away: somebody listens to the silence; nobody listens
LONGEST_SPOKEN, LONGEST_NEWS = 9.0, 11.0  # to the answer, whatever is waited for
FIRST_PAUSE, PAUSE = 0.02, 0.5

T = TypeVar("T")
_answering: set[asyncio.Task[None]] = set()  # kept until they end


async def patiently(act: Callable[[], Awaitable[T]], seconds: float) -> T:
    """What `act` gives, done again while the database is away; after so many seconds its fault is raised.

    `act` may have been done the first time without our hearing of it, so it must be one that the carrier may repeat.
    """
    until, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        try:
            return await act()
        except (SQLAlchemyError, OSError) as fault:
            if not is_away(fault) or time.monotonic() + pause > until:
                raise
        await asyncio.sleep(pause)
        pause = min(PAUSE, pause * 2)


class Watch:
    """Answers in place of the present task when that takes longer than `seconds`, and then cancels it.

    A task of its own costs a tenth of what a turn costs; this costs a timer.
    """

    def __init__(self, seconds: float, instead: Callable[[], Awaitable[None]]) -> None:
        self._request = asyncio.current_task()
        self._instead = instead
        self.answers = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self._begin)

    def stop(self) -> None:
        """The present task answers by itself."""
        self._timer.cancel()

    def _begin(self) -> None:
        self.answers = True
        task = asyncio.create_task(self._answer())
        _answering.add(task)
        task.add_done_callback(_answering.discard)

    async def _answer(self) -> None:
        try:
            await self._instead()
        finally:
            if self._request is not None:
                self._request.cancel()
