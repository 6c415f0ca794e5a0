"""Work beside the heartbeat: each kind in a task of its own, never two of one kind at once. Knows no act by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dialer.limits import Closed

log = structlog.get_logger("toque.errands")


@dataclass(slots=True)
class Errands:
    """What one worker has under way besides its calls."""

    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def start(self, kind: str, act: Callable[[], Awaitable[object]]) -> None:
        """Do it now, unless the one before is still at it."""
        if kind in self._running:
            return
        task = self._running[kind] = asyncio.create_task(_carried_out(kind, act))
        task.add_done_callback(lambda _: self._running.pop(kind))

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """Those that are under way. They raise nothing."""
        return set(self._running.values())


async def _carried_out(kind: str, act: Callable[[], Awaitable[object]]) -> None:
    """Nobody awaits an errand: whatever goes wrong with it is said here, and the next beat starts another."""
    try:
        await act()
    except Closed:
        pass  # the worker stops: what waited for a grant is not begun
    except (SQLAlchemyError, OSError) as fault:
        todo = "check that database and Redis answer"
        log.error("errand_failed", errand=kind, fault=type(fault).__name__, todo=todo)
    except Exception:
        log.exception("errand_failed", errand=kind, todo="report this fault")
