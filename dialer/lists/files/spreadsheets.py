"""XLSX workbooks: the sheet with the list, its rows one by one, every cell as the text a careful person would type.

Formulas are never run: what the spreadsheet last computed is read. What lost digits in the sheet is shown as lost.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.errors import BadInput
from dialer.lists.files.delimited import Record
from dialer.lists.files.layout import ENOUGH, LOOKED_AT, Heading, find_heading

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

LARGEST_UNPACKED = 2_000_000_000  # a million rows of forty columns
LARGEST_WORDS = 400_000_000  # the words of a workbook are held in memory
LARGEST_RATIO = 400  # sheets pack to about a tenth
WIDEST = 512  # columns that are looked at
EXACT_DIGITS = 15  # a spreadsheet's number holds no more


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook, read up to a column."""

    path: Path
    name: str
    width: int = WIDEST

    def records(self) -> Iterator[Record]:
        """Every row from the first on, empty ones too. Raises BadInput where the workbook cannot be read."""
        with _opened(self.path) as book:
            try:
                sheet: Any = book[self.name]
                sheet.reset_dimensions()  # many systems write wrong ones
                for number, row in enumerate(sheet.iter_rows(max_col=self.width), start=1):
                    yield number, [_text(cell) for cell in row]
            except (ValueError, KeyError, TypeError, IndexError, SyntaxError, zipfile.BadZipFile, OSError) as fault:
                raise _broken(self.path, fault) from None


def open_sheet(path: Path, name: str | None) -> tuple[Sheet, Heading]:
    """The sheet of that name, or the first that has headings which are known, or the first that is not empty.

    Raises BadInput for a workbook that is broken, dangerously packed, empty, or has no such sheet.
    """
    must_be_safe(path)
    with _opened(path) as book:
        names = [sheet.title for sheet in book.worksheets]
    if name is not None and name not in names:
        raise BadInput(f'{path} has no sheet "{name}". Its sheets are: {", ".join(names)}')
    found: list[tuple[Sheet, Heading]] = []
    for one in [name] if name is not None else names:
        heading = find_heading(islice(Sheet(path, one).records(), LOOKED_AT))
        if heading is not None and heading.known >= ENOUGH:
            return Sheet(path, one, len(heading.columns) + 1), heading
        if heading is not None:
            found.append((Sheet(path, one, len(heading.columns) + 1), heading))
    if not found:
        raise BadInput(f"{path} is empty: the first row of a sheet must hold the headings")
    return found[0]


def must_be_safe(path: Path) -> None:
    """Raise BadInput for what is no XLSX workbook, or unpacks to more than a list can be."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise _broken(path, fault) from None
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in {name.lstrip("/") for name in names}:
        what = "locked with a password or of another kind" if "EncryptedPackage" in names else "no XLSX workbook"
        raise BadInput(f"{path} is {what}: save it as XLSX or CSV UTF-8 and load that file")
    unpacked = sum(part.file_size for part in parts)
    words = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    ratio = max(
        (part.file_size / max(1, part.compress_size) for part in parts if part.file_size > 1 << 24), default=0
    )
    if unpacked > LARGEST_UNPACKED or words > LARGEST_WORDS or ratio > LARGEST_RATIO:
        raise BadInput(f"{path} unpacks to {unpacked:,} bytes, more than a list can be: save it as CSV UTF-8")


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    """The workbook while it is read, under any name: its reader refuses paths that do not end in .xlsx."""
    from openpyxl import load_workbook  # a tenth of the time to start: only who opens a workbook pays it

    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as fault:  # the reader lets many kinds through on broken files
            raise _broken(path, fault) from None
        with closing(book):
            yield book


def _broken(path: Path, fault: Exception) -> BadInput:
    return BadInput(f"{path} is a broken workbook ({type(fault).__name__}): open it, save it as XLSX or CSV UTF-8")


def _text(cell: Any) -> str:
    """A cell as text: days as ISO, numbers plain, truth as yes or no."""
    value = cell.value
    if value is None:
        return ""
    match value:
        case str():
            return value.strip()
        case bool():
            return "sim" if value else "não"
        case int() | float():
            return _number(value, cell.number_format or "")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case time() | timedelta():
            return str(value)
        case _:
            return str(value).strip()


def _number(value: int | float, number_format: str) -> str:
    """A number as the sheet shows it: rounded where its format rounds, never with digits that were lost."""
    if value != value or value in (float("inf"), float("-inf")):
        return "#NUM!"
    if float(value).is_integer():
        plain = str(int(value))
        if len(plain.lstrip("-")) > EXACT_DIGITS:
            return f"{value:.5E}"
        width = _zeros(number_format)
        return plain.zfill(width)
    decimals = _decimals(number_format)
    number = Decimal(repr(round(value, 9)))
    if decimals is not None:
        return str(number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    text = format(number.normalize(), "f")
    return text + "0" if re.fullmatch(r"-?\d+\.\d{3}", text) else text  # three decimals would look like thousands


@lru_cache(maxsize=256)
def _decimals(number_format: str) -> int | None:
    """How many decimals a number format shows; None when it shows all there are."""
    shown = re.sub(r"\"[^\"]*\"|\\.|\[[^\]]*\]", "", number_format.split(";")[0])
    found = re.search(r"[0#?](?:\.([0#?]+))?(?=[^0#?,.]*$)", shown)
    if not found or "E" in shown or "/" in shown or shown.casefold() == "general" or "%" in shown:
        return None
    return max(2, len(found[1] or ""))


@lru_cache(maxsize=256)
def _zeros(number_format: str) -> int:
    """To how many digits a format like 00000000000 fills up: that is how people keep leading zeros."""
    return len(number_format) if re.fullmatch(r"0{2,20}", number_format) else 0
