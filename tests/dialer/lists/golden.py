"""A list of the golden set, read as an import reads it, and what came of it in the words of its expectations."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from dialer.lists.habits import survey
from dialer.lists.headings import assign, origins
from dialer.lists.row import ListedNumber, Owed, Row
from dialer.lists.rows import RowReader
from dialer.lists.table import open_table

FOLDER = Path(__file__).parents[2] / "golden_lists"
ORDER = ("country", "sheet", "map", "remembered")


def read_list(path: Path, order: dict[str, Any]) -> dict[str, Any]:
    """Everything that came of a file: how it was read, its columns, rows, lines left out, and cells not used."""
    table = open_table(path, order.get("sheet"))
    chosen, remembered = order.get("map", {}), order.get("remembered", {})
    assigned = assign(table.columns, chosen, remembered)
    reader = RowReader(table.columns, assigned, order.get("country"), survey(table.lines(), assigned))
    rows, left_out, rejects = [], {}, []
    for line in table.lines():
        reason = reader.left_out(line)
        row, refused = reader.read(line)
        if row is not None:
            rows.append(_row(row))
        elif not refused:
            left_out[line.number] = reason
        rejects += [
            [one.line, one.column, one.value, one.reason, "left out" if one.row_loaded else "row"] for one in refused
        ]
    return {
        "format": table.format,
        "columns": {field: table.columns[assigned[field]] for field in origins(table.columns, chosen, remembered)},
        "rows": rows,
        "left_out": left_out,
        "rejects": rejects,
    }


def _row(row: Row) -> dict[str, Any]:
    """Every value of a row that is not the usual one."""
    told: dict[str, Any] = {
        one.name: getattr(row, one.name)
        for one in fields(Row)
        if one.name not in ("numbers", "owed", "consents") and getattr(row, one.name) not in (None, "", "person")
    }
    told["numbers"] = [_number(one) for one in row.numbers]
    if row.consents:
        told["consents"] = [f"{one.kind} {one.given_on or 'undated'} {one.how or ''}".strip() for one in row.consents]
    return told | {"owed": _owed(row.owed)}


def _number(listed: ListedNumber) -> str:
    extension = f" ext {listed.extension}" if listed.extension else ""
    return f"{listed.number.e164} {listed.line_type}{extension}"


def _owed(owed: Owed) -> dict[str, Any]:
    told: dict[str, Any] = {"amount": f"{_money(owed.amount_minor)} {owed.currency}", "due": owed.due_on}
    if owed.original_minor is not None:
        told["original"] = _money(owed.original_minor)
    told |= {
        name: value
        for name in ("contract", "instalment", "invoice", "kind", "notice_on")
        if (value := getattr(owed, name))
    }
    if owed.items:
        told["items"] = {one.kind: _money(one.minor) for one in owed.items}
    if owed.ways_to_pay:
        told["ways_to_pay"] = [
            f"{one.kind} {one.code}" + (f" until {one.expires_on}" if one.expires_on else "")
            for one in owed.ways_to_pay
        ]
    return told


def _money(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02}"
