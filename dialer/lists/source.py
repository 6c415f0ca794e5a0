"""A list file on its way in: its rows with their names, a chunk at a time, and every cell that was not used.

Nothing here knows what is on record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from dialer.lists.cells import Reject
from dialer.lists.counts import Counts
from dialer.lists.habits import survey
from dialer.lists.headings import plain
from dialer.lists.row import Row
from dialer.lists.rows import RowReader
from dialer.lists.saying import Entry
from dialer.lists.table import Line, Table

READ_AT_ONCE = 1 << 20

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
        self._reader = RowReader(table.columns, assigned, terms.country)
        self._lines: Iterator[Line] = iter(())

    def survey(self) -> int:
        """How many records there are; from now on `read` begins with the first. BadInput where the file is broken."""
        habits = survey(self._table.lines(), self._assigned)
        self._reader = RowReader(self._table.columns, self._assigned, self._terms.country, habits)
        self._lines = iter(self._table.lines())
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

    def read(self, limit: int) -> list[Reading]:
        """Up to so many further records; none at the end of the file."""
        return [self._reading(line) for line in islice(self._lines, limit)]

    def _reading(self, line: Line) -> Reading:
        row, rejects = self._reader.read(line)
        return (None if row is None else self._entry(row, line)), rejects

    def _entry(self, row: Row, line: Line) -> Entry:
        index = None
        if row.document is not None:
            index = self._terms.index(row.document if row.country == "BR" else f"{row.country}:{row.document}")
        name = row.key or index or f"contract:{row.owed.contract}"
        return Entry(
            row,
            f"{self._terms.creditor}:{name}",
            index,
            own_language=self._says(line, "language"),
            own_country=self._says(line, "country"),
        )

    def _says(self, line: Line, field: str) -> bool:
        place = self._assigned.get(field)
        return place is not None and bool(line.cells[place])


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
