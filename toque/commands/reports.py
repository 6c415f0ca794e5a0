"""`toque campaign report`: on the screen, as JSON, or into a file."""

from __future__ import annotations

import asyncio
import getpass
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.live import Live

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.results import exporting, reporting
from toque.commands import report_pictures
from toque.commands.acting import act
from toque.commands.output import Json, console, errors

Names = Annotated[list[str] | None, typer.Argument(help="One campaign or several.", show_default=False)]


def report(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All campaigns together.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write .xlsx (all tables), .csv (every call and text) or .json."),
    ] = None,
    file: Annotated[Path | None, typer.Option("--report", help="Write the JSON into this file as well.")] = None,
    full_numbers: Annotated[
        bool, typer.Option("--full-numbers", help="Numbers unmasked in the file; who asked for it is recorded.")
    ] = False,
    rate: Annotated[
        list[str] | None,
        typer.Option(metavar="USD=5.40", help="What one unit of the carrier's currency is in that of the debts."),
    ] = None,
    watch: Annotated[float | None, typer.Option(min=1, metavar="SECONDS", help="Look again, until Ctrl-C.")] = None,
    as_json: Json = False,
) -> None:
    """Results and cost: funnel, rates, what the rules held back, what pays for itself, hours, and every call."""
    rates = dict(map(_rate, rate or ()))
    for one in (out, file):
        if one is not None:
            exporting.check(one)

    async def run(op: Operation) -> None:
        chosen = await _chosen(op, names or [], every=every)
        made = await reporting.summary(op, chosen, rates=rates)
        for one in (out, file):
            if one is not None:
                wanted = exporting.Export(chosen, one, made, full_numbers, getpass.getuser())
                count = await exporting.export(op, wanted)
                errors().print(f"{count} calls and texts written to {one}", soft_wrap=True)
        if as_json:
            await _print_json(op, made, chosen)
        elif watch:
            await _watch(op, chosen, rates, watch)
        elif out is None:
            console().print(report_pictures.of_report(made | {"calls": await _last(op, chosen)}), soft_wrap=True)

    act(run)


async def _chosen(op: Operation, names: list[str], *, every: bool) -> list[str]:
    if bool(names) == every:
        raise BadInput("Name the campaigns to report on, or give --all. See them: toque campaign status")
    chosen = names or await reporting.every_name(op)
    if not chosen:
        raise BadInput("There is no campaign yet. Make one: toque campaign create NAME --list LIST --flow FLOW")
    return chosen


async def _print_json(op: Operation, made: dict[str, Any], names: list[str]) -> None:
    async for part in reporting.as_json(op, made, names):
        sys.stdout.write(part.decode())
    sys.stdout.write("\n")


async def _last(op: Operation, names: list[str]) -> list[dict[str, Any]]:
    """The last calls, and one more to tell that there are more."""
    return [line async for line in reporting.call_lines(op, names, last=report_pictures.CALLS_SHOWN + 1)]


async def _watch(op: Operation, names: list[str], rates: dict[str, Decimal], seconds: float) -> None:
    with Live(console=console(), auto_refresh=False, transient=False) as view:
        while True:
            made = await reporting.summary(op, names, rates=rates)
            view.update(report_pictures.of_report(made), refresh=True)
            await asyncio.sleep(seconds)


def _rate(text: str) -> tuple[str, Decimal]:
    currency, _, value = text.partition("=")
    try:
        rate = Decimal(value)
    except InvalidOperation:
        rate = Decimal(0)
    if len(currency) != 3 or not rate.is_finite() or rate <= 0:
        raise BadInput(f'--rate {text}: write it as a currency and a number, such as "USD=5.40".')
    return currency.upper(), rate
