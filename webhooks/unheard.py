"""Keys that were pressed while nothing could be put on record: taken as soon as it can be, like any key that is late.

The caller has heard an apology; a wish to be left alone is kept all the same. In memory, for as long as this process
lives; what the carrier tells besides keys it tells again, or is asked for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dialer.store.database import is_away
from dialer.talking import Heard

log = structlog.get_logger("toque.unheard")

MOST = 2000
AGAIN_AFTER = 1.0  # real seconds

Take = Callable[[str, int, Heard], Awaitable[object]]


@dataclass(slots=True)
class Unheard:
    """Turns that could not be taken, oldest first. `take` takes one; it must be one that may be done twice."""

    take: Take
    _kept: deque[tuple[str, int, Heard]] = field(default_factory=deque)
    _taking: asyncio.Task[None] | None = None

    def keep(self, token: str, n: int, heard: Heard) -> None:
        """Take this turn later. We have hung up: whatever the flow answers to it, nobody hears it."""
        if len(self._kept) >= MOST:
            log.error("key_lost", kept=MOST, todo="bring the database back")
            return
        self._kept.append((token, n, replace(heard, call_ended=True)))
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._take_all())

    async def _take_all(self) -> None:
        while self._kept:
            await asyncio.sleep(AGAIN_AFTER)
            while self._kept and await self._taken(*self._kept[0]):
                self._kept.popleft()

    async def _taken(self, token: str, n: int, heard: Heard) -> bool:
        """Whether this one need not be tried again."""
        try:
            await self.take(token, n, heard)
        except (SQLAlchemyError, OSError) as fault:
            if is_away(fault):
                return False
            log.exception("key_lost", turn=n, todo="report this fault")
        except Exception:
            log.exception("key_lost", turn=n, todo="report this fault")
        else:
            log.info("late_key_taken", turn=n)
        return True
