"""A report as a spreadsheet: sheets of tables, then every call and text. Written row by row, never held whole."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

ROWS_A_SHEET = 1_000_000  # a sheet has 1,048,576
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COMPARED = ("channel", "script", "caller_id", "list", "campaign")
_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]")  # what XML 1.0 cannot carry

Rows = Iterable[Sequence[Any]]
Lines = AsyncIterator[dict[str, Any]]


async def write(file: Path, made: dict[str, Any], columns: Sequence[str], lines: Lines) -> int:
    """Write the workbook of a report's summary and of its lines; how many lines."""
    book = Workbook(write_only=True)
    try:
        count = await _fill(book, made, columns, lines)
    except BaseException:
        for sheet in book.worksheets:
            sheet.close()  # else its temporary file stays open, and Python complains of it at the end
        raise
    book.save(file)
    return count


def write_table(file: Path, title: str, columns: Sequence[str], rows: Rows) -> None:
    """Write a workbook of one table."""
    book = Workbook(write_only=True)
    _sheet(book, title, columns, rows)
    book.save(file)


async def _fill(book: Workbook, made: dict[str, Any], columns: Sequence[str], lines: Lines) -> int:
    _sheet(book, "summary", ("figure", "value"), _summary(made))
    _sheet(book, "funnel", ("step", "count"), made["funnel"].items())
    _sheet(book, "heat map", _heat_columns(), _heat(made["heat_map"]))
    for name in COMPARED:
        if rows := made["by"][name]:
            flat = ([_flat(value) for value in row.values()] for row in rows)
            _sheet(book, f"by {name.replace('_', ' ')}", list(rows[0]), flat)
    _sheet(book, "by disposition", ("disposition", "calls"), made["by"]["disposition"].items())
    _sheet(book, "held back", ("rule", "people"), made["blocked_by_rule"].items())
    return await _lines(book, columns, lines)


async def _lines(book: Workbook, columns: Sequence[str], lines: Lines) -> int:
    count = 0
    sheet = _sheet(book, "calls", columns, ())
    async for line in lines:
        if count and count % ROWS_A_SHEET == 0:
            sheet = _sheet(book, f"calls {count // ROWS_A_SHEET + 1}", columns, ())
        sheet.append([_cell(sheet, line[name]) for name in columns])
        count += 1
    return count


def _summary(made: dict[str, Any]) -> Rows:
    yield "campaign", made["campaign"]
    yield "seconds", made["seconds"]
    for part in ("rates", "cost", "messages", "money"):
        for name, value in made[part].items():
            for inner, figure in value.items() if isinstance(value, dict) else (("", value),):
                yield " ".join(filter(None, (part, name.replace("_", " "), inner))), figure


def _heat_columns() -> list[str]:
    return ["figure", "weekday", *(f"{hour:02}:00" for hour in range(24))]


def _heat(heat: dict[str, Any]) -> Rows:
    """Three tables below each other: share answered, share of the right party, and how many calls that is from."""
    cells = {(cell["weekday"], cell["hour"]): cell for cell in heat["cells"]}
    for figure in ("answered_share", "right_party_share", "dialed"):
        for number, name in enumerate(WEEKDAYS, start=1):
            row = [cells.get((number, hour), {}).get(figure) for hour in range(24)]
            yield [figure.replace("_", " "), name, *row]


def _sheet(book: Workbook, title: str, columns: Sequence[str], rows: Rows) -> Any:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, name.replace("_", " ")) for name in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    return sheet


def _cell(sheet: Any, value: Any) -> Any:
    """The value as a cell: instants without their zone (UTC), texts never as formulas."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=_CONTROL.sub("", value))
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, name: str) -> Any:
    cell = WriteOnlyCell(sheet, value=name)
    cell.font = Font(bold=True)
    return cell


def _flat(value: Any) -> Any:
    """{"USD": 1.5, "BRL": 2.0} as "USD 1.5, BRL 2.0"; a single amount keeps its currency, too."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {amount}" for name, amount in value.items())
    return value
