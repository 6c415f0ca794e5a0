"""A list file on its way in: its rows with their names, a chunk at a time, and every cell that was not used.

Nothing here knows what is on record.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from dialer.lists import ahead
from dialer.lists.cells import Reject
from dialer.lists.counts import Counts
from dialer.lists.habits import survey
from dialer.lists.headings import plain
from dialer.lists.row import Row
from dialer.lists.saying import Entry
from dialer.lists.table import Table

READ_AT_ONCE = 1 << 20
AT_ONCE = 250  # rows that are read between two looks at what else there is to do; some milliseconds

Reading = tuple[Entry | None, list[Reject]]  # neither: a line that is no record, like a total


@dataclass(frozen=True, slots=True)
class Terms:
    """How the rows are read: `index` gives the blind index of a document; `country` holds where a row names none."""

    creditor: str
    country: str | None
    index: Callable[[str], str]


class Source:
    """The rows of one file, each read once, in order."""

    def __init__(self, table: Table, assigned: Mapping[str, int], terms: Terms) -> None:
        self._table = table
        self._terms = terms
        self._assigned = dict(assigned)
        self._reading = ahead.Reading(table, self._assigned, terms.country)
        self._lines = 0

    def survey(self) -> int:
        """How many records there are; what their columns prove is known then. BadInput where the file is broken."""
        habits = survey(self._table.lines(), self._assigned)
        self._reading = replace(self._reading, habits=habits)
        self._lines = habits.lines
        return habits.lines

    def digest(self, list_name: str) -> str:
        """Stands for the content and for how it is read: the same digest means the same rows onto the same list."""
        said = {plain(self._table.columns[place]): field for field, place in self._assigned.items()}
        how = [self._terms.creditor, self._terms.country, list_name, self._table.format, sorted(said.items())]
        found = hashlib.sha256(json.dumps(how).encode())
        with self._table.path.open("rb") as file:
            while part := file.read(READ_AT_ONCE):
                found.update(part)
        return found.hexdigest()

    async def batches(self, limit: int) -> AsyncGenerator[list[Reading], None]:
        """The records of a surveyed file, at most `limit` at a time, the first one first.

        While one batch is being written the next is made ready, so that neither waits for the other.
        """
        parts = max(1, limit // AT_ONCE)
        async with aclosing(ahead.batches(self._reading, limit // parts, lines=self._lines)) as read:
            coming = asyncio.create_task(self._next(read, parts))
            try:
                while batch := await coming:
                    coming = asyncio.create_task(self._next(read, parts))
                    yield batch
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    async def _next(self, read: AsyncGenerator[list[ahead.Said], None], parts: int) -> list[Reading]:
        """A batch, made in small steps between which answers of the database are heard; none at the end."""
        batch: list[Reading] = []
        for _ in range(parts):
            part: list[ahead.Said] = await anext(read, [])
            batch += [(self._entry(one, one.row) if one.row else None, one.rejects) for one in part]
            await asyncio.sleep(0)
        return batch

    def _entry(self, said: ahead.Said, row: Row) -> Entry:
        index = None
        if row.document is not None:
            index = self._terms.index(row.document if row.country == "BR" else f"{row.country}:{row.document}")
        name = row.key or index or f"contract:{row.owed.contract}"
        return Entry(
            row,
            f"{self._terms.creditor}:{name}",
            index,
            own_language=said.own_language,
            own_country=said.own_country,
        )


def counted(readings: Sequence[Reading], refused: Mapping[int, str]) -> Counts:
    """The counts of records as far as reading goes, and of those (line -> why) that the record contradicted."""
    counts = Counts(rows=len(readings))
    for entry, rejects in readings:
        if entry is None and not rejects:
            counts.totals += 1
        elif entry is None or entry.row.line in refused:
            counts.rejected += 1
            counts.no_country += any(_names_no_country(one) for one in rejects)
        else:
            counts.good += 1
            counts.left_out += len(rejects)
    return counts


def _names_no_country(reject: Reject) -> bool:
    return reject.reason.startswith("no country")
