"""Results as files to take away: one table, or everything. Written beside, sent, and gone; numbers stay masked."""

from __future__ import annotations

import asyncio
import csv
import shutil
import tempfile
from pathlib import Path

from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from console.campaign_results.tables import Table
from console.pages import HEADERS
from dialer.operation import Operation
from dialer.results import exporting
from dialer.results.exporting import Export, safe
from dialer.store.models import Campaign

KINDS = ("csv", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def table_file(campaign: Campaign, one: Table, kind: str) -> Response:
    """One table as a file of that kind."""
    folder = Path(tempfile.mkdtemp(prefix="toque-"))
    file = folder / f"table.{kind}"
    try:
        await asyncio.to_thread(_write, file, one)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _sent(folder, file, f"campaign-{campaign.id}-{one.name.replace('_', '-')}.{kind}")


async def whole_file(op: Operation, campaign: Campaign, wanted: Export) -> Response:
    """Every call and text, in a workbook with all tables; `wanted.file` says only of which kind."""
    folder = Path(tempfile.mkdtemp(prefix="toque-"))
    kind = wanted.file.suffix.removeprefix(".")
    file = folder / f"calls.{kind}"
    try:
        await exporting.export(op, Export(wanted.names, file, wanted.made, only=wanted.only))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _sent(folder, file, f"campaign-{campaign.id}-results.{kind}")


def _write(file: Path, one: Table) -> None:
    if file.suffix == ".xlsx":
        from dialer.results import workbooks  # what writes them takes long to load

        workbooks.write_table(file, one.name.replace("_", " "), one.columns, one.rows)
        return
    with file.open("w", newline="", encoding="utf-8-sig") as out:  # with the mark that Excel needs for UTF-8
        writer = csv.writer(out)
        writer.writerow(one.columns)
        writer.writerows([safe(value) for value in row] for row in one.rows)


def _sent(folder: Path, file: Path, name: str) -> Response:
    kind = file.suffix.removeprefix(".")
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(file, media_type=TYPES[kind], filename=name, headers=HEADERS, background=gone)
