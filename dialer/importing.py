"""List file -> clean, de-duplicated people, numbers and debts, with a report of every cell that was not used.

The file is looked through once, so that a broken one is refused before anything is loaded, and then loaded in
chunks (`loading`) or, as a dry run, only compared with what is on record (`rehearsing`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from phonenumbers import SUPPORTED_REGIONS
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import rehearsing
from dialer.errors import BadInput, Refused
from dialer.lists import headings
from dialer.lists.cells import Reject
from dialer.lists.counts import Counts
from dialer.lists.rejects import rejects_file
from dialer.lists.source import Source, Terms
from dialer.lists.table import Table, open_table
from dialer.loading import Loading, Onto, Progress
from dialer.operation import Operation
from dialer.store import campaigns, interactions
from dialer.store.list_records import Whose
from dialer.store.models import Creditor

REJECTS_SHOWN = 20
NEEDED = ("name", "amount", "due_date")
IDENTIFYING = ("key", "document", "contract")


@dataclass(frozen=True, slots=True)
class Order:
    """What to load and how. `mapping` is field -> heading; `country` holds for rows that name none (ISO 3166).

    `sheet` names one of a workbook's; without it the first that holds a list is taken.
    """

    path: Path
    creditor: str
    creditor_name: str | None = field(default=None, kw_only=True)
    list_name: str
    country: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    rejects: Path | None = None
    dry_run: bool = False
    sheet: str | None = None


@dataclass(slots=True, kw_only=True)
class Report(Counts):
    """What came of a load; of a dry run, what would.

    `format` is how the file was read. `origins` says of each field whether its column was chosen, remembered or
    guessed. `advice` is what to do first, if
    most rows were rejected for one reason. `rejects` holds the first cells that were not used; the file of
    --rejects holds all.
    """

    format: str
    columns: dict[str, str]
    origins: dict[str, str]
    unused_columns: list[str]
    dry_run: bool
    advice: str | None = None
    rejects: list[Reject] = field(default_factory=list)

    def take(self, counts: Counts) -> None:
        """Set the counts."""
        for one in fields(Counts):
            setattr(self, one.name, getattr(counts, one.name))


async def load(op: Operation, order: Order, progress: Progress | None = None) -> Report:
    """Load a list; `progress` is given (rows done, rows in all).

    BadInput when the file or the order cannot be used, Refused when every row is rejected; then nothing is loaded.
    """
    _check(order)
    table = open_table(order.path, order.sheet)
    remembered = await remembered_columns(op, order.creditor)
    assigned = headings.assign(table.columns, order.mapping, remembered)
    _must_have_columns(table, assigned)
    keyring = op.database.keyring
    terms = Terms(order.creditor, order.country, lambda text: keyring.index("document", text))
    source = Source(table, assigned, terms)
    report = Report(
        format=table.format,
        columns={name: table.columns[assigned[name]] for name in headings.listed(assigned)},
        origins=dict(headings.origins(table.columns, order.mapping, remembered)),
        unused_columns=[name for place, name in enumerate(table.columns) if place not in assigned.values()],
        dry_run=order.dry_run,
    )
    total = await asyncio.to_thread(source.survey)  # a long file: who else works in this process goes on
    if not total:
        raise BadInput(f"{table.path} holds no rows under its headings: nothing to load")
    columns = {**remembered, **headings.remember(table.columns, assigned)}
    report.take(await _through(op, order, source, report=report, total=total, columns=columns, progress=progress))
    report.advice = _advice(report)
    _must_have_loaded(table, report)
    return report


async def _through(
    op: Operation,
    order: Order,
    source: Source,
    *,
    report: Report,
    total: int,
    columns: dict[str, str],
    progress: Progress | None,
) -> Counts:
    """Every row of the file, loaded or rehearsed."""
    name = order.list_name.strip()
    onto = Onto(op.database, order.creditor, order.creditor_name, name, source.digest(name), op.clock.now)

    async def at_the_end(session: AsyncSession, whose: Whose, counts: Counts) -> None:
        creditor = await session.get_one(Creditor, whose.creditor_id)
        if counts.good * 2 >= counts.rows - counts.totals:  # a reading that failed most rows is none to remember
            creditor.columns = columns
        if counts.new or counts.changed:
            await _note(session, op, order, counts)

    with rejects_file(order.rejects) as write:

        def keep(reject: Reject) -> None:
            write(reject)
            if len(report.rejects) < REJECTS_SHOWN:
                report.rejects.append(reject)

        if order.dry_run:
            return await rehearsing.rehearse(onto, source, keep, total=total, progress=progress)
        return await Loading(onto, source, keep).run(total, progress, at_the_end)


def _check(order: Order) -> None:
    """BadInput for an order that cannot be followed."""
    if not re.fullmatch(r"[\w.-]{1,64}", order.creditor):
        raise BadInput(f'"{order.creditor}" cannot be a creditor\'s key: up to 64 letters, digits, points, hyphens')
    if not 1 <= len(order.list_name.strip()) <= 100:
        raise BadInput("A list needs a name of 1 to 100 characters: --list NAME")
    if order.country is not None and order.country not in SUPPORTED_REGIONS:
        raise BadInput(f'"{order.country}" is no country: give its code of two letters, like --country BR')
    if order.rejects is not None and order.rejects.absolute() == order.path.absolute():
        raise BadInput("--rejects would overwrite the list itself: choose another file")


async def remembered_columns(op: Operation, creditor: str) -> dict[str, str]:
    """How this creditor's columns were read the last time: plain heading -> field."""
    async with op.database.read() as session:
        tenant_id = await campaigns.known_tenant_id(session)
        columns: dict[str, Any] | None = await session.scalar(
            select(Creditor.columns).where(Creditor.tenant_id == tenant_id, Creditor.key == creditor)
        )
    return dict(columns or {})


def missing_fields(assigned: Mapping[str, int]) -> list[str]:
    """The fields without which no row loads, of those for which there is no column."""
    missing = [name for name in NEEDED if name not in assigned]
    if not headings.phone_fields(assigned):
        missing.insert(0, "phone")
    if not any(name in assigned for name in IDENTIFYING):
        missing.append("key (or document, or contract)")
    return missing


def _must_have_columns(table: Table, assigned: Mapping[str, int]) -> None:
    missing = missing_fields(assigned)
    if missing:
        raise BadInput(
            f"{table.path}: no column for {', '.join(missing)}. The columns are: {', '.join(table.columns)}."
            f" Say which is which: --map {missing[0].split()[0]}=COLUMN"
        )


def _advice(report: Report) -> str | None:
    """What to do first when most rows fail for want of a country."""
    if report.no_country * 2 <= report.rows:
        return None
    return (
        f"{report.no_country} of {report.rows - report.totals} rows name no country: say which one holds for them,"
        " like --country BR, and load the file again"
    )


def _must_have_loaded(table: Table, report: Report) -> None:
    if report.good:
        return
    records = report.rows - report.totals
    if not records:
        raise BadInput(f"{table.path} holds totals and footers, but no rows: nothing to load")
    first = report.rejects[0]
    where = f'line {first.line}, column "{first.column}"' if first.column else f"line {first.line}"
    raise Refused(
        f"{report.advice + '. ' if report.advice else ''}{table.path}: all {records} rows are rejected,"
        f" nothing was loaded. The first ({where}): {first.reason}. All reasons: --rejects FILE.csv"
    )


async def _note(session: AsyncSession, op: Operation, order: Order, counts: Counts) -> None:
    """One line on the record when a load changed anything."""
    detail = {name: getattr(counts, name) for name in ("rows", "new", "changed", "same", "rejected")}
    await interactions.add(
        session,
        tenant_id=(await campaigns.tenant(session)).id,
        at=op.clock.now(),
        kind="list_loaded",
        actor="manager",
        detail={"list": order.list_name, "creditor": order.creditor, **detail},
    )
