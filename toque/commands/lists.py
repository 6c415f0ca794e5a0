"""`toque import`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dialer import importing
from dialer.errors import BadInput
from dialer.importing import Order
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, errors, show


def import_list(
    file: Annotated[Path, typer.Argument(help="A CSV file in UTF-8 with headings in its first line.")],
    creditor: Annotated[str, typer.Option(help="Whose debts these are: a short key.")],
    list_name: Annotated[str, typer.Option("--list", help="Name of the list; loading more into it is fine.")],
    creditor_name: Annotated[
        str | None, typer.Option(help="The creditor's name as people hear it; without it, the key as words.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Country of rows that name none, like BR.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN", help="Say which column a field is; repeatable."),
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Write every cell that was not used to this CSV.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check everything, load nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Load people, numbers and debts from a plain CSV.

    Headings are understood in Portuguese, English and French. Good rows load; for bad ones line, column and reason
    are told. Loading the same file again changes nothing.
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


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    if quiet:
        yield None
        return
    columns = (TextColumn("Loading"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
