"""Tables for terminals: what came of an import, how campaigns stand, the report of a campaign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dialer.campaigning import Standing
from dialer.importing import Order, Report

CALLS_SHOWN = 40
COLOURS = {"running": "green", "paused": "yellow", "stopped": "red", "finished": "cyan"}


def of_import(report: Report, order: Order) -> RenderableType:
    """Counts first, then the first cells that were not used."""
    what = "would be read (nothing was loaded)" if report.dry_run else f'loaded into "{order.list_name}"'
    parts: list[RenderableType] = [Text(f"{report.good} of {report.rows} rows {what}", style="bold")]
    names: tuple[str, ...] = ("rows", "good", "rejected", "left_out")
    if not report.dry_run:
        names = ("new", "changed", "same", "rejected", "people", "numbers", "debts", "left_out", "quarantined")
    parts.append(_pairs({name.replace("_", " "): str(getattr(report, name)) for name in names}))
    parts.append(Text("Columns: " + ", ".join(f"{field} ← {column}" for field, column in report.columns.items())))
    if report.unused_columns:
        parts.append(Text("Not used: " + ", ".join(report.unused_columns), style="dim"))
    if report.rejects:
        parts += [Text(""), _rejects(report)]
        parts.append(Text(f"All of them: {order.rejects}" if order.rejects else "All of them: --rejects FILE.csv"))
    return Group(*parts)


def of_standings(found: Sequence[Standing]) -> RenderableType:
    """One line a campaign, and below it why nothing moves."""
    if not found:
        return Text("No campaign yet. Make one: toque campaign create NAME --list LIST --flow FLOW")
    table = _table("campaign", "status", "flow", "waiting", "in call", "done", "next")
    for one in found:
        count = one.contacts.get
        due = f"{one.next_due:%Y-%m-%d %H:%M} UTC" if one.next_due else ""
        status = Text(one.status, style=COLOURS.get(one.status, ""))
        waiting = count("waiting", 0) + count("claimed", 0)
        table.add_row(escape(one.name), status, one.flow, str(waiting), str(one.live), str(count("done", 0)), due)
    why = [Text(f"{one.name}: {one.waiting_for}", style="yellow") for one in found if one.waiting_for]
    return Group(table, *why)


def of_report(made: dict[str, Any]) -> RenderableType:
    """Funnel and rates side by side, what the rules held back, the last calls."""
    rates = {name.replace("_", " "): _figure(name, value) for name, value in made["rates"].items()}
    cost = made["cost"]
    rates |= {"calls": str(cost["calls"]), "billed minutes": str(cost["minutes"]), "seconds": str(made["seconds"])}
    side = Table.grid(padding=(0, 6))
    side.add_row(
        _pairs({name.replace("_", " "): str(count) for name, count in made["funnel"].items()}), _pairs(rates)
    )
    parts: list[RenderableType] = [Text(made["campaign"], style="bold"), side]
    for rule, count in made["blocked_by_rule"].items():
        parts.append(Text(f"{count} held back by {rule}", style="yellow"))
    if made["calls"]:
        parts.append(_calls(made["calls"]))
    return Group(*parts)


def table_of(rows: Sequence[dict[str, Any]], *columns: str) -> Table:
    """Rows by column names; what is None stays empty."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in columns))
    return table


def _calls(calls: Sequence[dict[str, Any]]) -> RenderableType:
    shown = table_of(
        calls[-CALLS_SHOWN:], "attempt", "to_masked", "status", "answered_by", "turns", "keys", "disposition"
    )
    if len(calls) > CALLS_SHOWN:
        shown.caption = f"the last {CALLS_SHOWN} of {len(calls)} calls; all of them with --json"
    return shown


def _rejects(report: Report) -> Table:
    table = _table("line", "column", "value", "why not", "row")
    for one in report.rejects:
        fate = "loaded without it" if one.row_loaded else "rejected"
        table.add_row(str(one.line), escape(one.column), escape(one.value), escape(one.reason), fate)
    return table


def _pairs(values: dict[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in values.items():
        table.add_row(Text(name, style="dim"), Text(value, justify="right"))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    return table


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} s" if name.endswith("_seconds") else f"{value:.1%}"
