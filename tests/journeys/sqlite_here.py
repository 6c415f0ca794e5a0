"""SQLite on the event loop's own thread: a statement of a journey costs no change of threads.

Only for a process with one `Database` on the file: whoever waits for another's lock would wait for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiosqlite.core as driver
import pytest


class Here:
    """Stands where the driver's queue stands, and does what is put into it at once.

    Each answer comes with a next round of the loop, so that others have their turns where a thread would leave them.
    """

    def put_nowait(self, order: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, act = order
        try:
            result = act()
        except BaseException as error:  # as the driver's thread does: every fault is the caller's
            if future is not None:
                future.set_exception(error)
            return
        if future is None:
            return
        future.get_loop().call_soon(driver.set_result, future, result)


class NoThread:
    """Stands where the driver's thread stands."""

    daemon = True

    def start(self) -> None:
        """There is nothing to start."""


def without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that are opened from now on work on the thread of whoever calls them."""
    opened = driver.Connection.__init__

    def open_here(self: driver.Connection, *args: Any, **values: Any) -> None:
        opened(self, *args, **values)
        self._tx, self._thread = Here(), NoThread()  # type: ignore[assignment]

    monkeypatch.setattr(driver.Connection, "__init__", open_here)
