"""`toque import`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from dialer import importing
from dialer.errors import BadInput
from dialer.importing import Order
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, errors, show


def import_list(
    file: Annotated[Path, typer.Argument(help="Delimited text in any encoding, or an XLSX workbook; with headings.")],
    creditor: Annotated[str, typer.Option(help="Whose debts these are: a short key.")],
    list_name: Annotated[str, typer.Option("--list", help="Name of the list; loading more into it is fine.")],
    creditor_name: Annotated[
        str | None, typer.Option(help="The creditor's name as people hear it; without it, the key as words.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Country of rows that name none, like BR.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Say which column a field is (- for none); repeatable, and remembered for this creditor.",
        ),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook; else the first that holds a list.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Write every cell that was not used to this CSV.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be new, changed and rejected; load nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load people, numbers and debts from a list.

    Headings are understood in Portuguese, English and French, and remembered for the creditor. Good rows load; for
    bad ones line, column and reason are told. A load that was cut off goes on where it stopped when the same command
    is run again; loading the same file twice changes nothing.
    """
    order = Order(
        path=file,
        creditor=creditor,
        creditor_name=creditor_name,
        list_name=list_name,
        country=country.upper() if country else None,
        mapping=_mapping(mapping or []),
        rejects=rejects,
        dry_run=dry_run,
        sheet=sheet,
    )
    with _progress(quiet=as_json) as progress:
        report = act(lambda op: importing.load(op, order, progress))
    show(report, lambda: pictures.of_import(report, order), as_json=as_json)


def _mapping(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise BadInput(f'--map {pair}: write FIELD=COLUMN, like --map phone="Tel. 1"')
        if field in found:
            raise BadInput(f"--map names the field {field} twice: choose one column")
        found[field] = column
    return found


class _Pace(ProgressColumn):
    """Rows in a second."""

    def render(self, task: Task) -> Text:
        """Nothing until there is a pace."""
        pace = task.finished_speed or task.speed
        return Text("" if pace is None else f"{pace:,.0f} rows/s")


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    if quiet:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Pace(), TimeRemainingColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("Looking through the file", total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, description="Loading", completed=done, total=total)

        yield advance
