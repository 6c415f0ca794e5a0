"""Rows of a long file, read by a process of its own while the ones before them are written: two cores do the work.

The child sees the file and nothing else: no database, no keys. A short file is read here, because a process takes
longer to start than such a file to be read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context

from dialer.errors import Refused
from dialer.lists.cells import Reject
from dialer.lists.habits import NO_HABITS, Habits
from dialer.lists.row import Row
from dialer.lists.rows import RowReader
from dialer.lists.table import Line, Table

SHORT = 10_000  # lines; below it the rows are read in this process
AHEAD = 2  # batches that wait to be written


@dataclass(frozen=True, slots=True)
class Said:
    """One record: its row or None, its unused cells, and whether it names its language and country itself."""

    row: Row | None
    rejects: list[Reject]
    own_language: bool
    own_country: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read: its columns by field, the country of rows that name none, what whole columns prove."""

    table: Table
    assigned: Mapping[str, int]
    country: str | None
    habits: Habits = NO_HABITS

    def records(self) -> Iterator[Said]:
        """Every record in order."""
        reader = RowReader(self.table.columns, self.assigned, self.country, self.habits)
        language, country = self.assigned.get("language"), self.assigned.get("country")
        for line in self.table.lines():
            row, rejects = reader.read(line)
            yield Said(row, rejects, *(row is not None and _fills(line, place) for place in (language, country)))


def _fills(line: Line, place: int | None) -> bool:
    return place is not None and bool(line.cells[place])


async def batches(reading: Reading, limit: int, *, lines: int) -> AsyncGenerator[list[Said], None]:
    """The records, `limit` at a time; `lines` is how many there are in all. Raises BadInput, as the file does."""
    if lines <= SHORT:
        records = reading.records()
        while batch := list(islice(records, limit)):
            yield batch
        return
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_open, initargs=(reading,)) as pool:
        loop = asyncio.get_running_loop()
        waiting = deque(loop.run_in_executor(pool, _next, limit) for _ in range(AHEAD))
        try:
            while batch := await waiting.popleft():
                waiting.append(loop.run_in_executor(pool, _next, limit))
                yield batch
        except BrokenProcessPool:
            raise Refused(
                "The process that reads the file was ended: run the same command again, it goes on"
            ) from None
        finally:
            for late in waiting:
                late.cancel()
            with suppress(BrokenProcessPool, asyncio.CancelledError):
                await asyncio.gather(*waiting, return_exceptions=True)


_records: Iterator[Said] = iter(())


def _open(reading: Reading) -> None:
    """In the child: begin with the first record."""
    global _records
    _records = reading.records()


def _next(limit: int) -> list[Said]:
    """In the child: the next records; none at the end."""
    return list(islice(_records, limit))
