"""The report of campaigns for terminals: funnel and rates, cost, comparisons, hours of the day, the last calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from toque.commands.pictures import pairs

CALLS_SHOWN = 40
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COMPARED = ("channel", "script", "caller_id", "list", "campaign")
SHADES = ("grey37", "dark_olive_green3", "green3", "bold bright_green")  # of the share that answered, low to high
FIGURES = {
    "dialed": "calls", "received": "calls in", "answered": "answ.", "right_party": "right", "promised": "prom.",
    "payment_code": "codes", "transferred": "agent", "messages": "texts",
}  # fmt: skip
RESULTS = {"right_party": "right party", "promised": "promise", "payment_code": "code", "transferred": "agent"}
CALL = {
    "attempt": "call", "to_masked": "number", "status": "status", "answered_by": "by", "turns": "turns",
    "keys": "keys", "disposition": "outcome",
}  # fmt: skip
FEW = 5  # calls: a share of fewer says little, and is shown dim
Rows = Sequence[dict[str, Any]]


def of_report(made: dict[str, Any]) -> RenderableType:
    """Funnel, rates and cost side by side; what the rules held back; comparisons; hours; the last calls."""
    side = Table.grid(padding=(0, 2))
    side.add_row(_funnel(made["funnel"]), pairs(_rates(made)), pairs(_money(made)))
    parts: list[RenderableType] = [Text(made["campaign"], style="bold"), side]
    parts += [Text(f"{count} held back by {rule}", style="yellow") for rule, count in made["blocked_by_rule"].items()]
    for name in COMPARED:
        if len(rows := made["by"][name]) > (name != "script"):
            parts += [Text(""), _comparison(name, rows)]
    if made["heat_map"]["cells"]:
        parts += [Text(""), _heat(made["heat_map"])]
    if made.get("calls"):
        parts += [Text(""), _calls(made["calls"])]
    return Group(*parts)


def _funnel(funnel: dict[str, int]) -> RenderableType:
    return pairs(
        {name.replace("_", " "): str(count) for name, count in funnel.items() if count or name != "received"}
    )


def _rates(made: dict[str, Any]) -> dict[str, str]:
    rates = {name.replace("_", " "): _figure(name, value) for name, value in made["rates"].items()}
    texts = made["messages"]
    if texts["sent"] or texts["received"]:
        rates |= {name.replace("_", " "): str(texts[name]) for name in ("sent", "delivered", "failed", "replies")}
    return rates | {"seconds": str(made["seconds"])}


def _money(made: dict[str, Any]) -> dict[str, str]:
    cost, money = made["cost"], made["money"]
    lines = {
        "calls": str(cost["calls"]),
        "minutes": str(cost["minutes"]),
        "messages": str(cost["messages"]),
        "cost": _amounts(cost["totals"]),
    }
    if cost["unpriced"]:
        lines["not priced yet"] = str(cost["unpriced"])
    for name, each in cost["per_result"].items():
        if each is not None:
            lines[f"per {RESULTS.get(name, name)}"] = f"{cost['currency']} {each:.4f}"
    lines |= {name: _amounts(money[name]) for name in ("promised", "kept", "paid") if money[name]}
    if money["returned"] is not None:
        lines["paid ÷ cost"] = f"{money['returned']:.2f}"
    return lines


def _comparison(name: str, rows: Rows) -> RenderableType:
    """A line each; columns in which nothing stands are left out."""
    lines = [_compared(name, row) for row in rows]
    headings = [heading for heading in lines[0] if any(line[heading] for line in lines)]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=True, justify="right" if number else "left")
    for line in lines:
        table.add_row(*(line[heading] for heading in headings))
    return table


def _compared(name: str, row: dict[str, Any]) -> dict[str, str]:
    line = {name.replace("_", " "): str(row[name] or "–")}
    if name == "script" and row["channel"] != "call":
        line[name] += f" ({row['channel']})"
    line |= {heading: str(row[figure] or "") for figure, heading in FIGURES.items()}
    return line | {
        "cost": _amounts(row["cost"], nothing=""),
        "per prom.": "" if row["per_promise"] is None else f"{row['per_promise']:.3f}",
        "paid": _amounts(row["paid_amount"], nothing=""),
        "÷ cost": "" if row["returned"] is None else f"{row['returned']:.1f}",
    }


def _heat(heat: dict[str, Any]) -> RenderableType:
    """Weekday by hour: per cent answered; dim where it is a share of few calls."""
    cells = {(cell["weekday"], cell["hour"]): cell for cell in heat["cells"]}
    hours = range(min(hour for _, hour in cells), max(hour for _, hour in cells) + 1)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", title_justify="left", title_style="")
    unplaced = f"; {heat['unplaced']} calls of no known zone" if heat["unplaced"] else ""
    table.title = f"answered, % of calls, by hour in the debtor's time{unplaced}"
    for heading in ("", *(f"{hour:02}" for hour in hours)):
        table.add_column(heading, no_wrap=True, justify="right")
    for weekday in sorted({day for day, _ in cells}):
        table.add_row(WEEKDAYS[weekday - 1], *(_shade(cells.get((weekday, hour))) for hour in hours))
    return table


def _shade(cell: dict[str, Any] | None) -> Text:
    if cell is None:
        return Text("·", style="grey23")
    share = cell["answered_share"]
    style = "dim" if cell["dialed"] < FEW else SHADES[min(int(share * len(SHADES)), len(SHADES) - 1)]
    return Text(f"{share * 100:.0f}", style=style)


def _calls(calls: Rows) -> RenderableType:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for heading in CALL.values():
        table.add_column(heading, no_wrap=True)
    for call in calls[-CALLS_SHOWN:]:
        table.add_row(*("" if call[name] is None else escape(str(call[name])) for name in CALL))
    if len(calls) > CALLS_SHOWN:
        table.caption = f"the last {CALLS_SHOWN} calls; all of them with --json or --out"
    return table


def _amounts(totals: dict[str, float], *, nothing: str = "–") -> str:
    """Amounts with their currency; without cents from a thousand on."""
    texts = (f"{currency} {amount:,.{0 if amount >= 1000 else 2}f}" for currency, amount in totals.items())
    return ", ".join(texts) or nothing


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} s" if name.endswith("_seconds") else f"{value:.1%}"
