"""`toque meters`: how near every limit is, and whether the meters say what the calls say."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from dialer import gauging, recounting
from dialer.gauging import Gauges
from toque.commands.acting import act
from toque.commands.output import Json, console, show
from toque.commands.pictures import table_of

app = typer.Typer(invoke_without_command=True, help="How often is called, and how near the limits are.")

LIMITS = ("of", "limit", "used", "next")
NUMBERS = ("number", "calls_today", "short_today", "answered_recently", "answered_before", "note")


@app.callback()
def meters(context: typer.Context, as_json: Json = False) -> None:
    """Every limit: what is used of it, and what happens next; and how the numbers that we show are answered."""
    if context.invoked_subcommand is None:
        found = act(gauging.gauges)
        show(found, lambda: _picture(found), as_json=as_json)


@app.command()
def recount(
    mend: Annotated[bool, typer.Option("--mend", help="Correct what differs.")] = False, as_json: Json = False
) -> None:
    """Count the last 35 days anew from the calls on record, and compare. Exit code 1 when meters differ."""
    drifts = act(lambda op: recounting.recount(op, mend=mend))
    columns = ("company", "scope", "of", "name", "day", "kept", "counted")
    if as_json or drifts:
        show(drifts, lambda: table_of([asdict(one) for one in drifts], *columns), as_json=as_json)
    if not as_json:
        console().print(_outcome(len(drifts), mend=mend), style="dim")
    if drifts and not mend:
        raise typer.Exit(1)


def _outcome(count: int, *, mend: bool) -> str:
    if not count:
        return "All meters say what the calls say."
    if mend:
        return f"{count} meters were corrected."
    return f"{count} meters differ from the calls on record. Correct them: toque meters recount --mend"


def _picture(found: Gauges) -> RenderableType:
    limits = [asdict(one) | {"used": f"{one.share:.1%}"} for one in found.limits]
    numbers = [
        asdict(one)
        | {"answered_recently": _percent(one.answered_recently), "answered_before": _percent(one.answered_before)}
        for one in found.numbers
    ]
    if not limits and not numbers:
        return "Nobody was called in the last month."
    return Group(*(table_of(rows, *names) for rows, names in ((limits, LIMITS), (numbers, NUMBERS)) if rows))


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"
