"""`toque caller-id …`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from dialer.campaigns import showing
from dialer.campaigns.showing import ShownNumber
from dialer.operation import Operation
from toque.commands.acting import act
from toque.commands.output import Json, show
from toque.commands.pictures import table_of

app = typer.Typer(no_args_is_help=True, help="The numbers that people see: few, stable, and known when called back.")

Number = Annotated[str, typer.Argument(metavar="E164", help="The number, as +country code and number.")]


@app.command("list")
def list_them(as_json: Json = False) -> None:
    """Every number that calls may show: how it stands, what of today is used, and how many people have seen it."""
    _tell(act(showing.shown_numbers), as_json=as_json)


@app.command()
def add(
    number: Number,
    cap: Annotated[int | None, typer.Option(help="Most calls a day that show it. Default: no cap.")] = None,
    label: Annotated[str | None, typer.Option(help="A name for it, for yourself.")] = None,
    rest: Annotated[bool, typer.Option("--rest", help="Only for people who have seen it already.")] = False,
    as_json: Json = False,
) -> None:
    """Show a number from now on, or change its cap, its label, or whether it rests."""

    async def run(op: Operation) -> list[ShownNumber]:
        await showing.add(op, number, daily_cap=cap, label=label, resting=rest)
        return await showing.shown_numbers(op)

    _tell(act(run), as_json=as_json)


@app.command()
def remove(number: Number, as_json: Json = False) -> None:
    """Never show a number again. People who know it are shown another one from then on."""

    async def run(op: Operation) -> list[ShownNumber]:
        await showing.remove(op, number)
        return await showing.shown_numbers(op)

    _tell(act(run), as_json=as_json)


def _tell(found: list[ShownNumber], *, as_json: bool) -> None:
    columns = ("number", "status", "daily_cap", "used_today", "people", "label")
    show(found, lambda: table_of([asdict(one) for one in found], *columns), as_json=as_json)
