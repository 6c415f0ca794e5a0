"""A file as a table: delimited text in any encoding, or an XLSX workbook. Reads as it goes; keeps no row.

What a line means is not known here: it is columns and lines, whatever file they came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dialer.errors import BadInput
from dialer.lists.files.delimited import Delimited, sniff
from dialer.lists.files.layout import LOOKED_AT, find_heading
from dialer.lists.files.spreadsheets import Sheet, open_sheet
from dialer.lists.headings import plain

_ZIPPED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_OTHERS = {b"%PDF": "a PDF", b"\x1f\x8b": "packed with gzip", b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7z archive"}


@dataclass(frozen=True, slots=True)
class Line:
    """One record and the line of the file at which it begins."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: its columns, the line of its headings, and its lines on demand, as often as wanted."""

    path: Path
    columns: tuple[str, ...]
    heading_line: int
    source: Delimited | Sheet

    def lines(self, after: int = 0) -> Iterator[Line]:
        """Every record below the headings, and behind line `after`; empty ones and repeated headings left out.

        Empty cells beyond the columns are cut off, and a sheet's short rows are filled up: its cells have a place.
        A text record of another width is passed on as it is. Raises BadInput where the file cannot be read.
        """
        width, first = len(self.columns), max(after, self.heading_line)
        again = [plain(column) for column in self.columns]
        fills_up = isinstance(self.source, Sheet)
        for number, cells in self.source.records():
            if number <= first or not any(cells):
                continue
            if len(cells) > width and not any(cells[width:]):
                del cells[width:]
            if fills_up and len(cells) < width:
                cells += [""] * (width - len(cells))
            if cells[0] == self.columns[0] and [plain(cell) for cell in cells] == again:
                continue
            yield Line(number, cells)

    @property
    def format(self) -> str:
        """How the file was read, in words: for the account that the operator sees."""
        match self.source:
            case Sheet(name=name):
                return f'XLSX, sheet "{name}"'
            case Delimited(encoding=encoding, delimiter=delimiter):
                sign = {"\t": "tab", "\x1f": "unit separator"}.get(delimiter, delimiter)
                return f'text in {encoding.name.upper()}, cells parted by "{sign}"'


def open_table(path: Path, sheet: str | None = None) -> Table:
    """The table in a file; of a workbook the sheet of that name, else the first that holds a list.

    Raises BadInput for a file that is missing, empty, or of another kind.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if head.startswith(_ZIPPED):
            source, heading = open_sheet(path, sheet)
            return Table(path, heading.columns, heading.line, source)
        _must_be_text(path, head)
        return _open_text(path)
    except OSError as fault:
        raise BadInput(f"{path} cannot be read ({fault.strerror or fault}): check the path") from None


def _open_text(path: Path) -> Table:
    text = sniff(path)
    found = find_heading(islice(text.records(), LOOKED_AT))
    if found is None:
        raise BadInput(f"{path} is empty: its first line must hold the headings")
    return Table(path, found.columns, found.line, text)


def _must_be_text(path: Path, head: bytes) -> None:
    if head.startswith(_OLD_OFFICE):
        raise BadInput(
            f"{path} is an old or a locked workbook (XLS): open it, take off the password, save it as XLSX or CSV"
        )
    for mark, kind in _OTHERS.items():
        if head.startswith(mark):
            raise BadInput(f"{path} is {kind}, not a list: export it as CSV UTF-8 or XLSX")
