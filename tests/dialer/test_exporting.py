"""Exports: every call and text is there once, cells are no formulas, and full numbers are asked for on record."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.results import exporting, reporting
from dialer.results.exporting import Export
from dialer.store.database import Database
from dialer.store.models import CallTurn, Interaction
from tests.dialer.records import NOON, accepts, add, attempt_of, campaign_of, message_of, operation_on


@pytest.fixture
async def op(database: Database) -> Operation:
    """A campaign of three calls (one with keys) and a text."""
    rows = await campaign_of(database, 3)
    values: dict[str, Any] = {"status": "ended", "carrier_status": "completed", "seconds": 61, "ended_at": NOON}
    first, *_ = await add(
        database,
        attempt_of(rows, 0, price_micros=14_000, price_currency="USD", answered_at=NOON, **values),
        attempt_of(rows, 1, flow="=1+1", **values),
        attempt_of(rows, 2, **values),
    )
    event = {"type": "Pressed", "digits": "•••"}
    await add(
        database,
        CallTurn(attempt_id=first, n=1, at=NOON, event=event, answer=b"", path=[]),
        message_of(rows, campaign_id=rows.campaign, status="delivered", template="reminder"),
        message_of(rows, attempt_id=first, status="sent", template="payment_link"),
    )
    return operation_on(database, accepts)


async def wanted(op: Operation, file: Path, **more: Any) -> Export:
    (name,) = await reporting.every_name(op)
    return Export([name], file, await reporting.summary(op, [name]), **more)


async def test_csv_has_every_call_and_text_with_masked_numbers(op: Operation, tmp_path: Path) -> None:
    assert await exporting.export(op, await wanted(op, tmp_path / "all.csv")) == 5
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["channel"] for line in lines] == ["call", "call", "call", "sms", "sms"]
    assert (lines[0]["keys"], lines[0]["price"], lines[0]["currency"]) == ("•••", "0.014", "USD")
    assert all("••••" in line["number"] for line in lines)
    assert lines[1]["script"] == "'=1+1"
    assert {line["script"] for line in lines[3:]} == {"reminder", "payment_link"}


async def test_a_workbook_has_the_tables_and_the_calls_and_no_formula(op: Operation, tmp_path: Path) -> None:
    await exporting.export(op, await wanted(op, tmp_path / "all.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert {"summary", "funnel", "heat map", "by script", "by caller id", "calls"} <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    heading, *lines = book["calls"].iter_rows(values_only=True)
    assert len(lines) == 5
    assert lines[0][heading.index("begun utc")] == NOON.replace(tzinfo=None)
    assert lines[1][heading.index("script")] == "=1+1"


async def test_json_is_the_report_itself(op: Operation, tmp_path: Path) -> None:
    order = await wanted(op, tmp_path / "all.json")
    assert await exporting.export(op, order) == 3
    written = json.loads((tmp_path / "all.json").read_text("utf-8"))
    assert written == await reporting.report(op, order.names[0])
    assert (written["cost"]["messages"], written["messages"]["delivered"]) == (2, 1)


async def test_whole_numbers_are_written_on_demand_and_who_did_so_is_on_record(op: Operation, tmp_path: Path) -> None:
    await exporting.export(op, await wanted(op, tmp_path / "n.json", full_numbers=True, actor="ana"))
    assert json.loads((tmp_path / "n.json").read_text())["calls"][0]["to"].startswith("+5511980")
    async with op.database.read() as session:
        notes = list(await session.scalars(select(Interaction)))
    assert [(note.kind, note.actor) for note in notes] == [("numbers_exported", "ana")]


async def test_a_file_of_another_kind_is_refused(op: Operation, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"\.xlsx"):
        await exporting.export(op, await wanted(op, tmp_path / "all.pdf"))


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert not str(exporting.safe(text)).startswith(exporting.FORMULA)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_a_place_that_cannot_be_written_is_named_before_anything_is_done(
    op: Operation, tmp_path: Path, kind: str
) -> None:
    with pytest.raises(BadInput, match=r"cannot be written .* --out"):
        await exporting.export(op, await wanted(op, tmp_path / "nowhere" / f"all.{kind}", full_numbers=True))
    async with op.database.read() as session:
        assert not (await session.scalars(select(Interaction).where(Interaction.kind == "numbers_exported"))).all()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_an_export_that_fails_half_way_leaves_the_file_of_before(
    op: Operation, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"all.{kind}"
    order = await wanted(op, file)
    file.write_text("of yesterday")

    async def breaks(*_given: Any, **_named: Any) -> AsyncIterator[Any]:
        for part in (b"{", None):
            if part is None or kind != "json":
                raise OSError("the disk is full")
            yield part

    monkeypatch.setattr(exporting, "history", breaks)
    monkeypatch.setattr(reporting, "as_json", breaks)
    with pytest.raises(OSError, match="disk"):
        await exporting.export(op, order)
    assert file.read_text() == "of yesterday"
    assert not (tmp_path / f".{file.name}.part").exists()
