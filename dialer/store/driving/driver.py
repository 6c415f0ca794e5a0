"""What a driver of a database does for the two hot paths - a common turn, a batch of intents: nothing else may pass
SQLAlchemy by.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol


class Busy(Exception):
    """Another process writes, the connection was lost, nothing can be written: take the way that waits and looks what
    was done."""


class Bare(Protocol):
    """An open transaction of the driver. Values stand in a statement as $1, $2 …"""

    async def rows(self, statement: str, *values: Any) -> Sequence[Any]:
        """Do one statement; what it returns, each row a tuple."""
        ...


class Driver(Protocol):
    """Does a change that is whole in itself: all of it is committed, or nothing."""

    def together(self) -> AbstractAsyncContextManager[Bare]:
        """A transaction, committed at the end of the block, rolled back when it raises.

        Busy, also for what the database refuses: nothing is done, but for a connection that was lost at the end.
        """
        ...

    async def change(self, statements: Sequence[str], values: Sequence[Sequence[Any]]) -> bool:
        """Whether the first statement changed a row; only then the others are done. Busy: it may be done or not."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
