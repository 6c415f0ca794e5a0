"""A plain CSV file as a table: UTF-8, comma, semicolon or tab. Reads as it goes; keeps no row.

Other kinds of files are other readers that yield the same `Line`s.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import BadInput

DELIMITERS = ",;\t"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx and xls


@dataclass(frozen=True, slots=True)
class Line:
    """One record and the line of the file at which it begins."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: its columns, how its cells are parted, and its lines on demand."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """Every record after the heading, empty ones left out. Raises BadInput where the file cannot be read."""
        return (line for at, line in enumerate(_records(self.path, self.delimiter)) if at and any(line.cells))


def open_table(path: Path) -> Table:
    """The table in a file. Raises BadInput for a file that is missing, empty, or of another kind."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as fault:
        raise BadInput(f"{path} cannot be read ({fault.strerror}): check the path") from None
    if head in _SPREADSHEETS:
        raise BadInput(f"{path} is a spreadsheet: save it as CSV UTF-8 and load that file")
    candidates = [(_heading(path, delimiter), delimiter) for delimiter in DELIMITERS]
    columns, delimiter = max(candidates, key=lambda candidate: len(candidate[0]))
    if not any(columns):
        raise BadInput(f"{path} is empty: its first line must hold the headings")
    return Table(path, delimiter, columns)


def _heading(path: Path, delimiter: str) -> tuple[str, ...]:
    first = next(_records(path, delimiter, strict=False), None)
    return tuple(first.cells) if first else ()


def _records(path: Path, delimiter: str, *, strict: bool = True) -> Iterator[Line]:
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=strict)
            for cells in reader:
                yield Line(line, [cell.strip() for cell in cells])
                line = reader.line_num + 1
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 (near line {line}): save it as CSV UTF-8 and load it again") from None
    except csv.Error as fault:
        raise BadInput(f"{path}, line {line}: {fault}. Repair the quotes of that line and load it again") from None
