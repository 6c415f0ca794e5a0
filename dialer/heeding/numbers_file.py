"""Files of numbers as registers and offices write them: one number a line, read a line at a time, never kept whole.

Finds the column; knows area code and number in two columns, and the day of registration. It judges no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from dialer.errors import BadInput

BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what XLSX and XLS files begin with
WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
NUMBER_HEADING = re.compile(r"phone|telefon|t[eé]l|fone|number|n[uú]m|celular|mobile|portable", re.IGNORECASE)
AREA_HEADING = re.compile(r"area|ddd|indicatif|\bnpa\b", re.IGNORECASE)
DAY_HEADING = re.compile(r"date|data\b|\bdia\b|\bday\b|regist|inscri|cadastr|since|desde", re.IGNORECASE)
AREA = re.compile(r"\(?0?\d{2,3}\)?")
LOCAL = re.compile(r"[\d\s-]{7,11}")
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d)[/.](\d\d)[/.](\d{4})")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its number in the file, the telephone number as written, the day of registration."""

    n: int
    text: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where things stand; `area` and `day` -1: nowhere, unless the cells themselves show it."""

    number: int = 0
    area: int = -1
    day: int = -1


def lines_of(path: Path) -> Iterator[Line]:
    """The lines that hold something, without a heading; raises BadInput for what is no text.

    Without a heading the number is the first cell. A registration that is dated begins with that day (UTC).
    """
    columns = _Columns()
    try:
        with path.open(encoding=_encoding(path), errors="replace", newline=None) as text:
            for n, line in enumerate(text, start=1):
                cells = [cell.strip().strip("\"'").strip() for cell in re.split(r"[;,\t|]", line.strip())]
                if n == 1 and not any(one.isdigit() for one in line):
                    columns = _headed(cells)
                elif any(cells):
                    yield _line(n, cells, columns)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}): give the path of a text file") from None


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        begins = file.read(4)
    if begins in BINARY:
        raise BadInput(f"{path.name} is a spreadsheet: save it as CSV, with the numbers in the first column")
    return WIDE.get(begins[:2], "utf-8-sig")


def _headed(cells: Sequence[str]) -> _Columns:
    def where(pattern: re.Pattern[str], otherwise: int) -> int:
        return next((at for at, cell in enumerate(cells) if pattern.search(cell)), otherwise)

    area = where(AREA_HEADING, -1)
    others = ["" if at == area else cell for at, cell in enumerate(cells)]
    number = next((at for at, cell in enumerate(others) if NUMBER_HEADING.search(cell)), 0)
    return _Columns(number, area if area != number else -1, where(DAY_HEADING, -1))


def _line(n: int, cells: Sequence[str], columns: _Columns) -> Line:
    number, after = _cell(cells, columns.number), _cell(cells, columns.number + 1)
    area = _cell(cells, columns.area)
    if not area and AREA.fullmatch(number) and LOCAL.fullmatch(after):
        area, number = number, after  # as the American register writes it
    day = _cell(cells, columns.day) or next((one for one in cells[1:] if DAY.fullmatch(one)), "")
    return Line(n, f"{area} {number}".strip(), _day(day))


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if 0 <= at < len(cells) else ""


def _day(text: str) -> datetime | None:
    found = DAY.match(text)
    if not found:
        return None
    iso = found[1] is not None
    year, month, day = (found[1], found[2], found[3]) if iso else (found[6], found[5], found[4])
    try:
        named = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return datetime(named.year, named.month, named.day, tzinfo=UTC)
