"""Tables for terminals: what came of an import, how campaigns stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dialer.campaigns.standing import Told
from dialer.importing import Order, Report

ORIGIN = {"chosen": "chosen with --map", "remembered": "as in this creditor's last file", "guessed": "guessed"}
COUNTED = {
    "people": "new people",
    "numbers": "new numbers",
    "debts": "new debts",
    "totals": "totals and footers, no rows",
    "left_out": "cells left out",
    "quarantined": "numbers of somebody else, barred",
    "united": "people found to be on record twice, now one",
    "joined": "late people who joined campaigns",
}
COLOURS = {"running": "green", "paused": "yellow", "stopped": "red", "finished": "cyan"}


def of_import(report: Report, order: Order) -> RenderableType:
    """What to do first, if anything; counts; which column was read as what; the first cells that were not used."""
    what = "would be loaded (nothing was)" if report.dry_run else f'stand in "{order.list_name}"'
    parts: list[RenderableType] = [Text(report.advice, style="yellow")] if report.advice else []
    parts.append(Text(f"{report.good} of {report.rows - report.totals} rows {what}", style="bold"))
    always = ("new", "changed", "same", "rejected", "people", "numbers", "debts")
    seldom = ("totals", "left_out", "quarantined", "united", "joined")
    shown = (*always, *(name for name in seldom if getattr(report, name)))
    parts.append(pairs({COUNTED.get(name, name): str(getattr(report, name)) for name in shown}))
    parts.append(Text(f"Read as {report.format}", style="dim"))
    parts.append(_columns(report))
    if report.unused_columns:
        parts.append(Text("Not used: " + ", ".join(report.unused_columns), style="dim"))
    if report.rejects:
        parts += [Text(""), _rejects(report)]
        parts.append(Text(f"All of them: {order.rejects}" if order.rejects else "All of them: --rejects FILE.csv"))
    return Group(*parts)


def _columns(report: Report) -> RenderableType:
    """Field, its column, and who said so."""
    table = plain_table("field", "column", "")
    for field, column in report.columns.items():
        table.add_row(field, escape(column), Text(ORIGIN[report.origins[field]], style="dim"))
    return table


def of_standings(found: Sequence[Told]) -> RenderableType:
    """One line a campaign, and below it why nothing moves."""
    if not found:
        return Text("No campaign yet. Make one: toque campaign create NAME --list LIST --flow FLOW")
    table = plain_table("campaign", "status", "flow", "waiting", "in call", "done", "next")
    for one in found:
        count = one.contacts.get
        due = f"{one.next_due:%Y-%m-%d %H:%M} UTC" if one.next_due else ""
        status = Text(one.status, style=COLOURS.get(one.status, ""))
        waiting = count("waiting", 0) + count("claimed", 0)
        table.add_row(escape(one.name), status, one.flow, str(waiting), str(one.live), str(count("done", 0)), due)
    why = [Text(f"{one.name}: {one.waiting_for}", style="yellow") for one in found if one.waiting_for]
    return Group(table, *why)


def table_of(rows: Sequence[dict[str, Any]], *columns: str) -> Table:
    """Rows by column names; what is None stays empty."""
    table = plain_table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in columns))
    return table


def _rejects(report: Report) -> Table:
    table = plain_table("line", "column", "value", "why not", "row")
    for one in report.rejects:
        fate = "loaded without it" if one.row_loaded else "rejected"
        table.add_row(str(one.line), escape(one.column), escape(one.value), escape(one.reason), fate)
    return table


def pairs(values: dict[str, str]) -> Table:
    """Names and values below each other."""
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(no_wrap=True)
    for name, value in values.items():
        table.add_row(Text(name, style="dim"), Text(value, justify="right"))
    return table


def plain_table(*columns: str) -> Table:
    """A table without lines."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    return table
