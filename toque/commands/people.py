"""`toque person …`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from dialer import finding
from toque.commands import pictures, wishes
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="People on record.")

for _command in (wishes.bar, wishes.unbar, wishes.designate, wishes.consent):
    app.command()(_command)
COLUMNS = ("id", "key", "kind", "name", "numbers", "language", "open_debts", "bars")


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="A key of the list, +number, document, or the beginning of a name.")],
    as_json: Json = False,
) -> None:
    """Who is meant: at most 20 people, with names and numbers masked."""
    found = act(lambda op: finding.people_like(op, text))
    rows = [asdict(one) | {"numbers": ", ".join(one.numbers), "bars": ", ".join(one.bars)} for one in found]
    show(found, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)
