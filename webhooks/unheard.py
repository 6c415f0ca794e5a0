"""What could not be put on record when it came, taken as soon as it can be: keys that were pressed, and news.

A caller has heard an apology; a wish to be left alone is kept all the same. The carrier was asked to tell news
again, and may have given up by then. In memory, as long as this process lives; a worker asks for ends that are lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dialer.store.database import is_away

log = structlog.get_logger("toque.unheard")

MOST = 5000
AGAIN_AFTER = 1.0  # real seconds

Act = Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Unheard:
    """Acts that are done later, one after another, oldest first. Each must be one that may be done twice."""

    _kept: dict[Hashable, tuple[str, Act]] = field(default_factory=dict)
    _taking: asyncio.Task[None] | None = None

    def keep(self, what: Hashable, kind: str, act: Act, *, last_word: bool = False) -> None:
        """Do this later. `kind` says in the log what it was.

        The same is kept once; a `last_word` takes the place of what was kept before, which says less.
        """
        if what in self._kept and not last_word:
            return
        if len(self._kept) >= MOST and what not in self._kept:
            log.error("not_kept", kind=kind, kept=MOST, todo="bring the database back, or start another web process")
            return
        self._kept[what] = kind, act
        if self._taking is None or self._taking.done():
            self._taking = asyncio.create_task(self._take_all())

    async def _take_all(self) -> None:
        while self._kept:
            await asyncio.sleep(AGAIN_AFTER)
            while self._kept:
                what, kept = next(iter(self._kept.items()))
                if not await _done(*kept):
                    break
                if self._kept[what] is kept:
                    del self._kept[what]


async def _done(kind: str, act: Act) -> bool:
    """Whether this one need not be tried again."""
    try:
        await act()
    except (SQLAlchemyError, OSError) as fault:
        if is_away(fault):
            return False
        log.exception("late_news_lost", kind=kind, todo="report this fault")
    except Exception:
        log.exception("late_news_lost", kind=kind, todo="report this fault")
    else:
        log.info("late_news_taken", kind=kind)
    return True
