"""Rows of a long file, read by a process of its own while the ones before them are written: two cores do the work.

The child (`python -m dialer.lists.ahead`) sees the file and nothing else: no database, no keys. A short file is read
here, because a process takes longer to start than such a file to be read.
"""

from __future__ import annotations

import asyncio
import copyreg
import gc
import pickle
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from dialer.errors import Refused, ToqueError
from dialer.lists.cells import Reject
from dialer.lists.habits import NO_HABITS, Habits
from dialer.lists.row import ListedNumber, Owed, Row, WayToPay
from dialer.lists.rows import RowReader
from dialer.lists.table import Line, Table
from dialer.rules.facts import Zone
from dialer.rules.phone_numbers import PhoneNumber

SHORT = 10_000  # lines; below it the rows are read in this process
AHEAD = 1 << 20  # bytes that may wait to be written to the tables: some batches
LENGTH = struct.Struct("!I")  # before each batch in the pipe


@dataclass(frozen=True, slots=True)
class Said:
    """One record: its row or None, its unused cells, and whether it names its language and country itself."""

    row: Row | None
    rejects: list[Reject]
    own_language: bool
    own_country: bool


SENT = (Said, Row, Owed, ListedNumber, WayToPay, PhoneNumber, Zone, Reject)  # what a record is made of


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
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "dialer.lists.ahead", stdin=PIPE, stdout=PIPE, limit=AHEAD
    )
    try:
        assert child.stdin is not None, "the child's input is a pipe"
        child.stdin.write(pickle.dumps((reading, limit)))
        child.stdin.write_eof()
        while batch := await _received(child):
            yield batch
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _received(child: Process) -> list[Said]:
    """The next batch that the child has read; it may be some batches ahead by then, as far as the pipe holds."""
    assert child.stdout is not None, "the child's output is a pipe"
    try:
        (length,) = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        found: list[Said] | ToqueError = pickle.loads(await child.stdout.readexactly(length))
    except asyncio.IncompleteReadError:
        what = "The process that reads the file was ended: run the same command again, and it goes on"
        raise Refused(what) from None
    if isinstance(found, ToqueError):
        raise found
    return found


def _send_all(reading: Reading, limit: int, out: BinaryIO) -> None:
    """In the child: every batch, an empty one at the end, or why the file cannot be read."""
    gc.disable()  # rows hold no cycles, and looking for some among so many takes longer than reading them
    for kind in SENT:
        _send_as_values(kind)
    records = reading.records()
    batch: list[Said] | ToqueError = [Said(None, [], own_language=False, own_country=False)]
    while batch and not isinstance(batch, ToqueError):
        try:
            batch = list(islice(records, limit))
        except ToqueError as fault:
            batch = fault
        sent = pickle.dumps(batch, pickle.HIGHEST_PROTOCOL)
        out.write(LENGTH.pack(len(sent)) + sent)
        out.flush()


def _send_as_values(kind: type[Any]) -> None:
    """Values go to the other side as their fields: what dataclasses do by themselves takes three times as long."""
    fields = attrgetter(*kind.__match_args__)
    copyreg.pickle(kind, lambda value: (kind, fields(value)))


if __name__ == "__main__":
    from dialer.lists import ahead  # by its own name, so that both sides mean the same classes

    with suppress(BrokenPipeError):
        asked, at_once = pickle.load(sys.stdin.buffer)
        ahead._send_all(asked, at_once, sys.stdout.buffer)
