"""Text files with delimiters: which sign parts the cells, whether quotes mean anything, and the records."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TextIO

from dialer.errors import BadInput
from dialer.lists.files.encodings import Encoding, encoding_of
from dialer.lists.headings import is_known

Record = tuple[int, list[str]]  # the line of the file at which it begins, and its cells without white space around

USUAL = (";", ",", "\t", "|")
RARE = ("~", "^", "¬", "§", "\x1f", "#", ":")
SAMPLE_RECORDS = 300
LONGEST_CELL = 1 << 17


@dataclass(frozen=True, slots=True)
class Delimited:
    """How a text file is read: its encoding, the sign between cells, and whether quotes enclose cells."""

    path: Path
    encoding: Encoding
    delimiter: str
    quoted: bool = True

    def records(self) -> Iterator[Record]:
        """Every record from the first line on, empty ones too. Raises BadInput where the file cannot be read."""
        line = 1
        try:
            with _text(self.path, self.encoding) as file:
                reader = csv.reader(file, delimiter=self.delimiter, strict=self.quoted, quoting=_quoting(self.quoted))
                for cells in reader:
                    yield line, [cell.strip() for cell in cells]
                    line = reader.line_num + 1
        except UnicodeError:
            raise BadInput(f"{self.path} breaks off near line {line}: copy the file again, or save it anew") from None
        except csv.Error as fault:
            raise BadInput(
                f"{self.path}, line {line}: {fault}. Repair the quotes of that line and load it again"
            ) from None


def sniff(path: Path) -> Delimited:
    """How a text file is written, seen from its bytes and its first records. Raises OSError, BadInput."""
    encoding = encoding_of(path)
    lines = _first_lines(path, encoding)
    sample = "".join(lines)
    there = [delimiter for delimiter in (*USUAL, *RARE) if delimiter in sample] or [USUAL[0]]
    delimiter, quoted = max(
        ((delimiter, quoted) for delimiter in there for quoted in (True, False)),
        key=lambda way: _fitness(lines, *way),
    )
    return Delimited(path, encoding, delimiter, quoted)


def _fitness(lines: list[str], delimiter: str, quoted: bool) -> tuple[int, int, float, bool, bool]:
    """How well a delimiter explains the lines: known headings in one record, then columns that stay the same.

    A sign that is rarely a delimiter needs headings that are known; quotes count unless they break the file.
    """
    records = _parsed(lines, delimiter, quoted)
    if not records:
        return -1, 0, 0.0, False, quoted
    known = max(sum(map(is_known, record)) for record in records[:50])
    widths = Counter(len(record) for record in records if any(record))
    width, often = max(widths.items(), key=lambda one: (one[1] * (one[0] - 1), one[1]), default=(1, 0))
    steady = often / max(1, widths.total()) * (width > 1)
    usual = delimiter in USUAL
    if not usual and (known < 3 or steady < 0.9):
        return 0, 0, 0.0, False, quoted
    return known, usual, round(steady, 3), width > 1, quoted


def _parsed(lines: list[str], delimiter: str, quoted: bool) -> list[list[str]]:
    """The records of the sample; none when its quotes make no sense. A record that the sample cuts is left out."""
    found: list[list[str]] = []
    try:
        for record in csv.reader(lines, delimiter=delimiter, strict=quoted, quoting=_quoting(quoted)):
            found.append(record)
    except csv.Error as fault:
        return found if "unexpected end" in str(fault) and len(lines) >= SAMPLE_RECORDS else []
    return found


def _first_lines(path: Path, encoding: Encoding) -> list[str]:
    try:
        with _text(path, encoding) as file:
            return list(islice(_bounded(file), SAMPLE_RECORDS))
    except UnicodeError:
        return []


def _bounded(file: TextIO) -> Iterable[str]:
    while line := file.readline(LONGEST_CELL):
        yield line


def _quoting(quoted: bool) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE


@contextmanager
def _text(path: Path, encoding: Encoding) -> Iterator[TextIO]:
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as file:
        yield file
