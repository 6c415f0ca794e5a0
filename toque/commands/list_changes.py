"""`toque list …`: what happens to a list after it was loaded, and what goes back to the creditor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from dialer.debts import changing, returning
from dialer.debts.changing import Order, Report
from dialer.errors import BadInput
from dialer.lists.changes import Kind
from toque.commands.acting import act
from toque.commands.output import Json, console, errors, show

app = typer.Typer(no_args_is_help=True, help="Lists from day to day: updates, withdrawals, payments, returns.")

File = Annotated[Path, typer.Argument(help="A table with headings, as lists are: CSV or XLSX.")]
Key = Annotated[str, typer.Option(help="Whose debts these are: the key under which the list was loaded.")]
Country = Annotated[str | None, typer.Option(help="How days and amounts are written; default: as most debtors live.")]
Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Say which column a field is; repeatable.")
]
Rejects = Annotated[Path | None, typer.Option(help="Write every cell that was not used to this CSV.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read, match and count everything; change nothing.")]


@app.command("update")
def update_list(
    file: File,
    creditor: Key,
    country: Country = None,
    mapping: Map = None,
    rejects: Rejects = None,
    reopen: Annotated[
        bool, typer.Option("--reopen", help="Put paid and withdrawn debts back into collection.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Change amounts, days, payment codes, numbers and e-mail addresses of debts on record."""
    order = _order("update", file, creditor, country, mapping, rejects=rejects, dry_run=dry_run, reopens=reopen)
    _change(order, as_json=as_json)


@app.command()
def withdraw(
    file: File,
    creditor: Key,
    country: Country = None,
    mapping: Map = None,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take debts out of collection (baixa). When this returns, nobody is called about them any more."""
    _change(_order("withdraw", file, creditor, country, mapping, rejects=rejects, dry_run=dry_run), as_json=as_json)


@app.command()
def payments(
    file: File,
    creditor: Key,
    country: Country = None,
    mapping: Map = None,
    rejects: Rejects = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Enter payments, each once. What is settled is called about no more; promises are kept, holds answered."""
    _change(_order("payments", file, creditor, country, mapping, rejects=rejects, dry_run=dry_run), as_json=as_json)


@app.command("return")
def give_back(
    name: Annotated[str, typer.Argument(help="The list.")],
    out: Annotated[Path, typer.Option(help="The file to write: .csv or .xlsx.")],
    codes: Annotated[
        Path | None,
        typer.Option(help="The creditor's codes: a YAML or CSV file (docs/lists-daily.md). Default: as last time."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the return file of a list: one row a debt, coded as the creditor codes."""
    made = act(lambda op: returning.give_back(op, name, codes=codes, out=out))
    show(made, lambda: _of_return(made), as_json=as_json)


@app.command()
def codes(
    name: Annotated[str, typer.Argument(help="A list of the creditor.")],
    file: Annotated[Path, typer.Argument(help="The creditor's codes: a YAML or CSV file (see docs/lists-daily.md).")],
) -> None:
    """Keep a creditor's codes: agents see them beside each outcome, and return files are written with them."""
    kept = act(lambda op: returning.keep_codes(op, name, codes=file))
    console().print(f"{len(kept.by_word)} codes kept; agents see them from now on.")


def _order(
    kind: Kind,
    file: Path,
    creditor: str,
    country: str | None,
    mapping: list[str] | None,
    *,
    rejects: Path | None,
    dry_run: bool,
    reopens: bool = False,
) -> Order:
    return Order(
        kind,
        file,
        creditor,
        country=country.upper() if country else None,
        mapping=_mapping(mapping or []),
        rejects=rejects,
        dry_run=dry_run,
        reopens=reopens,
    )


def _mapping(pairs: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column) or field in found:
            raise BadInput(f'--map {pair}: write FIELD=COLUMN once for each field, like --map contract="Nr. Título"')
        found[field] = column
    return found


def _change(order: Order, *, as_json: bool) -> None:
    with _progress(quiet=as_json) as progress:
        report = act(lambda op: changing.change_file(op, order, progress))
    show(report, lambda: _of_change(report, order), as_json=as_json)
    if report.rejected == report.rows:
        if not as_json:
            console().print("Every row is rejected: nothing was changed.", style="red")
        raise typer.Exit(1)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    if quiet:
        yield None
        return
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=errors(), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done: bar.update(task, description=f"{done:,} rows done")


def _of_change(report: Report, order: Order) -> RenderableType:
    done = "would be changed (nothing was)" if report.dry_run else "changed"
    parts: list[RenderableType] = [
        Text(f"{report.debts} debts {done} by {report.rows} rows of {order.path.name}", style="bold"),
        Text(f"Rows: {report.changed} changed something, {report.same} known already, {report.rejected} rejected"),
        Text("Columns: " + ", ".join(f"{field} ← {column}" for field, column in report.columns.items())),
    ]
    if report.calls_stopped:
        parts.append(Text(f"Calls under way that were cancelled or ended politely: {report.calls_stopped}"))
    if report.over_minor:
        parts.append(Text(f"Paid beyond what was owed: {report.over_minor / 100:,.2f} in all", style="yellow"))
    if report.rejects:
        table = Table("line", "column", "value", "reason", title_justify="left")
        for reject in report.rejects:
            table.add_row(str(reject.line), *map(escape, (reject.column, reject.value[:40], reject.reason)))
        parts += [
            table,
            Text(f"All of them: {order.rejects}" if order.rejects else "All of them: --rejects FILE.csv"),
        ]
    return Group(*parts)


def _of_return(made: returning.Returned) -> RenderableType:
    table = Table("our word", "code", "rows")
    for word, count in sorted(made.by_disposition.items(), key=lambda one: -one[1]):
        table.add_row(word, escape(made.codes[word]), str(count))
    return Group(Text(f"{made.rows} rows written to {made.path}", style="bold"), table)
