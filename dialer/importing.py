"""List file -> clean, de-duplicated people, numbers and debts, with a report of every cell that was not used.

The file is read twice: once to see that it can be used at all, then to load it, some hundred rows a transaction.
Loading the same file again changes nothing, so a load that was stopped half-way is simply run again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from dialer.errors import BadInput, Refused
from dialer.lists.cells import Reject
from dialer.lists.headings import assign, fields, phone_fields
from dialer.lists.merging import Merged, Seen, Target, merge
from dialer.lists.row import Row
from dialer.lists.rows import RowReader
from dialer.lists.table import Table, open_table
from dialer.operation import Operation
from dialer.store import campaigns, interactions

CHUNK_ROWS = 500
CHUNK_TRIES = 3  # two loads at once may both meet a person for the first time; the loser looks again
REJECTS_SHOWN = 20
NEEDED = ("name", "amount", "due_date")
IDENTIFYING = ("key", "document", "contract")

Keep = Callable[[Reject], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to load and how. `mapping` is field -> heading; `country` holds for rows that name none (ISO 3166)."""

    path: Path
    creditor: str
    creditor_name: str | None = field(default=None, kw_only=True)
    list_name: str
    country: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: Path | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What came of a load. new + changed + same + rejected = rows (a dry run tells good rows and rejected ones).

    `left_out`: unusable numbers of rows that were loaded. `quarantined`: numbers that reach somebody else and
    stay barred. `rejects` holds the first cells that were not used; the file of --rejects holds all.
    """

    columns: dict[str, str]
    unused_columns: list[str]
    dry_run: bool
    rows: int = 0
    good: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    people: int = 0
    numbers: int = 0
    debts: int = 0
    left_out: int = 0
    quarantined: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def add(self, merged: Merged) -> None:
        """Add the counts of one loaded chunk."""
        self.new += merged.fates["new"]
        self.changed += merged.fates["changed"]
        self.same += merged.fates["same"]
        self.rejected += merged.fates["rejected"]
        self.good -= merged.fates["rejected"]
        self.people += merged.people
        self.numbers += merged.numbers
        self.debts += merged.debts
        self.quarantined += merged.quarantined


async def load(op: Operation, order: Order, progress: Callable[[int, int], None] | None = None) -> Report:
    """Load a list; `progress` is given (rows done, rows in all).

    BadInput when the file or the order cannot be used, Refused when every row is rejected; then nothing is loaded.
    """
    table, reader, report = _open(order)
    with _rejects_file(order.rejects) as write:

        def keep(reject: Reject) -> None:
            write(reject)
            if len(report.rejects) < REJECTS_SHOWN:
                report.rejects.append(reject)

        _look_through(table, reader, report, keep)
        _must_hold_rows(table, report)
        if not order.dry_run:
            await _load_rows(op, order, _good_rows(table, reader), report=report, keep=keep, progress=progress)
    return report


def _open(order: Order) -> tuple[Table, RowReader, Report]:
    """The file, its reader, and an empty report. BadInput for an order that cannot be followed."""
    if not re.fullmatch(r"[\w.-]{1,64}", order.creditor):
        raise BadInput(f'"{order.creditor}" cannot be a creditor\'s key: up to 64 letters, digits, points, hyphens')
    if not 1 <= len(order.list_name.strip()) <= 100:
        raise BadInput("A list needs a name of 1 to 100 characters: --list NAME")
    if order.country is not None and not re.fullmatch(r"[A-Z]{2}", order.country):
        raise BadInput(f'"{order.country}" is no country: give its code of two letters, like --country BR')
    if order.rejects is not None and order.rejects.absolute() == order.path.absolute():
        raise BadInput("--rejects would overwrite the list itself: choose another file")
    table = open_table(order.path)
    assigned = assign(table.columns, order.mapping)
    _must_have_columns(table, assigned)
    columns = {name: table.columns[assigned[name]] for name in _in_order(assigned)}
    unused = [name for place, name in enumerate(table.columns) if place not in assigned.values()]
    reader = RowReader(table.columns, assigned, order.country)
    return table, reader, Report(columns=columns, unused_columns=unused, dry_run=order.dry_run)


def _in_order(assigned: Mapping[str, int]) -> list[str]:
    """The assigned fields as they are listed everywhere, all phones together."""
    return [
        name
        for field_name in fields()
        for name in (phone_fields(assigned) if field_name == "phone" else [field_name])
        if name in assigned
    ]


def _must_have_columns(table: Table, assigned: Mapping[str, int]) -> None:
    missing = [name for name in NEEDED if name not in assigned]
    if not phone_fields(assigned):
        missing.insert(0, "phone")
    if not any(name in assigned for name in IDENTIFYING):
        missing.append("key (or document, or contract)")
    if missing:
        raise BadInput(
            f"{table.path}: no column for {', '.join(missing)}. The columns are: {', '.join(table.columns)}."
            f" Say which is which: --map {missing[0].split()[0]}=COLUMN"
        )


def _look_through(table: Table, reader: RowReader, report: Report, keep: Keep) -> None:
    """The first reading: count, and keep every cell that cannot be used. Nothing is loaded."""
    for line in table.lines():
        row, rejects = reader.read(line)
        report.rows += 1
        report.good += row is not None
        report.rejected += row is None
        report.left_out += len(rejects) if row is not None else 0
        for reject in rejects:
            keep(reject)


def _must_hold_rows(table: Table, report: Report) -> None:
    if not report.rows:
        raise BadInput(f"{table.path} holds no rows under its headings: nothing to load")
    if not report.good:
        first = report.rejects[0]
        where = f'line {first.line}, column "{first.column}"' if first.column else f"line {first.line}"
        raise Refused(
            f"{table.path}: all {report.rows} rows are rejected, nothing was loaded. The first ({where}):"
            f" {first.reason}. All reasons: --rejects FILE.csv"
        )


def _good_rows(table: Table, reader: RowReader) -> Iterator[Row]:
    return (row for line in table.lines() if (row := reader.read(line)[0]) is not None)


async def _load_rows(
    op: Operation,
    order: Order,
    rows: Iterator[Row],
    *,
    report: Report,
    keep: Keep,
    progress: Callable[[int, int], None] | None,
) -> None:
    target = Target(op.database, order.creditor, order.list_name.strip(), op.clock.now(), order.creditor_name)
    seen, total, done = Seen(), report.good, 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        merged = await _load_chunk(target, chunk, seen)
        for person_id in merged.person_ids:
            seen.note("person", person_id)
        for debt_id in merged.debt_ids:
            seen.note("debt", debt_id)
        for reject in merged.rejects:
            keep(reject)
        report.add(merged)
        done += len(chunk)
        if progress:
            progress(done, total)
    await _note(op, order, report)


async def _load_chunk(target: Target, chunk: Sequence[Row], seen: Seen) -> Merged:
    for left in range(CHUNK_TRIES - 1, -1, -1):
        try:
            async with target.database.write() as session:
                return await merge(session, target, chunk, seen)
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


async def _note(op: Operation, order: Order, report: Report) -> None:
    """One line on the record when a load changed anything."""
    if not (report.new or report.changed):
        return
    counts = {name: getattr(report, name) for name in ("rows", "new", "changed", "same", "rejected")}
    async with op.database.write() as session:
        await interactions.add(
            session,
            tenant_id=(await campaigns.tenant(session)).id,
            at=op.clock.now(),
            kind="list_loaded",
            actor="manager",
            detail={"list": order.list_name, "creditor": order.creditor, **counts},
        )


@contextmanager
def _rejects_file(path: Path | None) -> Iterator[Keep]:
    """Where every unused cell is written: a CSV that spreadsheets open as it is, or nowhere."""
    if path is None:
        yield lambda _reject: None
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as fault:
        raise BadInput(f"{path} cannot be written ({fault.strerror}): choose another file for --rejects") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(["line", "column", "value", "reason", "row"])

        def write(reject: Reject) -> None:
            fate = "loaded without it" if reject.row_loaded else "rejected"
            writer.writerow([reject.line, reject.column, _harmless(reject.value), reject.reason, fate])

        yield write


def _harmless(value: str) -> str:
    """A cell that a spreadsheet would run as a formula is shown as text."""
    return f"'{value}" if value[:1] in ("=", "@", "\t") else value
