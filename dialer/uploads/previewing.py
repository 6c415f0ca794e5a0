"""The first rows of a handed-in file: its columns, which field each is taken for, and how many rows would be used.

Reads the file and nothing else; what is on record is only asked by a rehearsal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from dialer.errors import BadInput
from dialer.importing import missing_fields
from dialer.lists import changes, headings
from dialer.lists.cells import Reject
from dialer.lists.changes import ChangeReader
from dialer.lists.habits import survey
from dialer.lists.headings import NO_COLUMN
from dialer.lists.rows import RowReader
from dialer.lists.table import Line, Table, open_table

ROWS = 500
SAMPLES = 3
REASONS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file; `field` is what it is taken for ("": nothing), `origin` how that came about."""

    name: str
    field: str
    origin: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read: `mapping` is field -> heading, `remembered` the creditor's plain headings."""

    kind: str
    country: str | None
    mapping: Mapping[str, str]
    remembered: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first `rows` rows say. `good` of them could be used, `cells` of good ones not; `reasons` by number.

    `missing` fields have no column; `fault` says why nothing could be read.
    """

    format: str
    columns: tuple[Column, ...]
    rows: int = 0
    good: int = 0
    cells: int = 0
    reasons: tuple[tuple[str, str, int], ...] = ()
    missing: tuple[str, ...] = ()
    fault: str = ""


def preview(path: Path, reading: Reading, *, today: date) -> Preview:
    """Look into a file. BadInput when it is no table at all; any other fault stands in the preview."""
    table = open_table(path)
    lines = list(islice(table.lines(), ROWS))
    try:
        assigned, origins = _assigned(table, reading)
    except BadInput as fault:
        bare = tuple(Column(name, "", "", _samples(lines, n)) for n, name in enumerate(table.columns))
        return Preview(table.format, bare, len(lines), fault=str(fault))
    fields = {place: name for name, place in assigned.items()}
    columns = tuple(
        Column(name, fields.get(n, ""), origins.get(fields.get(n, ""), ""), _samples(lines, n))
        for n, name in enumerate(table.columns)
    )
    missing = tuple(missing_fields(assigned)) if reading.kind == "import" else ()
    if missing:
        return Preview(table.format, columns, len(lines), missing=missing)
    return _tried(table, columns, lines, _reader(table, assigned, reading, lines, today))


def count_rows(path: Path) -> int:
    """How many rows a file has."""
    return sum(1 for _ in open_table(path).lines())


def chosen(columns: Sequence[str], fields: Sequence[str], reading: Reading) -> dict[str, str]:
    """A mapping from what was chosen column by column ("": none): field -> column, "-" where a guess is turned down.

    With one guess turned down another may take its place: that is turned down too, until nothing is guessed.
    BadInput when two columns are to be the same.
    """
    mapping: dict[str, str] = {}
    for place, one in enumerate(fields[: len(columns)]):
        name = headings.address(columns, place)
        if one in mapping:
            raise BadInput(f'"{mapping[one]}" and "{name}" cannot both be {one}: choose one of them')
        if one:
            mapping[one] = name
    if reading.kind != "import":
        return dict.fromkeys(changes.fields(_kind(reading)), NO_COLUMN) | mapping
    while guesses := headings.assign(columns, mapping, reading.remembered).keys() - mapping.keys():
        mapping |= dict.fromkeys(guesses, NO_COLUMN)
    return mapping


def guessed(columns: Sequence[str], reading: Reading) -> dict[str, int]:
    """What the headings alone say; nothing when they contradict one another."""
    try:
        if reading.kind == "import":
            return headings.assign(columns, {}, reading.remembered)
        return changes.assign(_kind(reading), columns, {})
    except BadInput:
        return {}


def _assigned(table: Table, reading: Reading) -> tuple[dict[str, int], Mapping[str, str]]:
    """Field -> place, and how that came about: what was chosen as it would have been guessed counts as guessed."""
    if reading.kind == "import":
        found = headings.assign(table.columns, reading.mapping, reading.remembered)
    else:
        found = changes.assign(_kind(reading), table.columns, reading.mapping)
    guesses = guessed(table.columns, reading)
    plain = headings.origins(table.columns, {}, reading.remembered) if guesses and reading.kind == "import" else {}
    origins = {
        name: plain.get(name, "guessed") if guesses.get(name) == place else "chosen" for name, place in found.items()
    }
    return found, origins


def _kind(reading: Reading) -> changes.Kind:
    for one in changes.NEEDED:
        if one == reading.kind:
            return one
    raise BadInput(f'There is no kind of file "{reading.kind}": import, {", ".join(changes.NEEDED)}')


Tried = Iterator[tuple[bool, bool, list[Reject]]]  # whether it is a record, whether it can be used, and its faults


def _reader(table: Table, assigned: Mapping[str, int], reading: Reading, lines: Sequence[Line], today: date) -> Tried:
    if reading.kind == "import":
        rows = RowReader(table.columns, assigned, reading.country, survey(lines, assigned))
        for line in lines:
            row, rejects = rows.read(line)
            yield row is not None or bool(rejects), row is not None, rejects
        return
    country = reading.country or "BR"
    changed = ChangeReader(_kind(reading), table.columns, assigned, country=country)
    for line in lines:
        change, rejects = changed.read(line, today)
        yield True, change is not None, rejects


def _tried(table: Table, columns: tuple[Column, ...], lines: Sequence[Line], tried: Tried) -> Preview:
    rows = good = cells = 0
    reasons: Counter[tuple[str, str]] = Counter()
    for is_record, usable, rejects in tried:
        rows += is_record
        good += usable
        cells += len(rejects) if usable else 0
        reasons.update((one.column, one.reason) for one in rejects)
    top = tuple((column, reason, count) for (column, reason), count in reasons.most_common(REASONS))
    return Preview(table.format, columns, rows, good, cells, top)


def _samples(lines: Sequence[Line], place: int) -> tuple[str, ...]:
    """The first different values of a column."""
    cells = (line.cells[place] for line in lines if place < len(line.cells) and line.cells[place])
    return tuple(islice(dict.fromkeys(cells), SAMPLES))
