"""`toque dnc …`: do-not-call lists, our own and those of registers and creditors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from dialer import sparing
from dialer.errors import BadInput
from dialer.heeding import listing
from dialer.heeding.listing import LISTED_KINDS, Order, TakenOver
from dialer.heeding.numbers_file import lines_of
from dialer.rules.facts import SuppressionKind
from dialer.rules.phone_numbers import mask
from dialer.sparing import Entry
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, errors, show

app = typer.Typer(no_args_is_help=True, help="Do not call: numbers and people to be left alone.")

Country = Annotated[str | None, typer.Option(help="Country of numbers written without +, like BR.")]
Key = Annotated[
    str | None, typer.Option("--person", metavar="KEY", help="A person on record, by the key of the list.")
]
Full = Annotated[bool, typer.Option("--full-numbers", help="Whole numbers, for those who may see them.")]
COLUMNS = ("number", "person", "what", "list", "creditor", "since", "until", "by")
WHAT = {
    ("do_not_call", None, False): "no calls, no texts",
    ("opt_out", None, True): "no automated calls, no texts",
    ("opt_out", None, False): "no calls, no texts",
    ("opt_out", "phone", True): "no automated calls",
    ("opt_out", "phone", False): "no calls",
    ("opt_out", "sms", False): "no texts",
}


@app.command()
def add(
    numbers: Annotated[list[str] | None, typer.Argument(metavar="[NUMBER]…", help="Like +5511…")] = None,
    person: Key = None,
    everything: Annotated[bool, typer.Option("--all", help="With --person: no calls of agents either.")] = False,
    because: Annotated[str, typer.Option(help="Why, for the record; name nobody.")] = "",
    country: Country = None,
    as_json: Json = False,
) -> None:
    """Leave numbers alone, whoever answers there; or a person on all their numbers.

    When this returns it is on record, and calls that were under way are cancelled or end politely.
    """
    if (person is None) == (not numbers):
        raise BadInput("Give numbers, or a person with --person: one of the two")
    if person is not None:
        scope = "all" if everything else "automated"
        stopped = act(lambda op: sparing.add_person(op, person, scope=scope, because=because))
        told = {"person": person, "scope": scope, "calls_stopped": stopped}
        show(told, lambda: Text(f"{person} is left alone ({scope} calls); calls stopped: {stopped}"), as_json=as_json)
        return
    lines = list(enumerate(numbers or [], start=1))
    _tell(act(lambda op: sparing.add_numbers(op, lines, country=_country(country), because=because)), as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Text or CSV, one number a line; a heading may say which column.")],
    list_name: Annotated[str | None, typer.Option("--list", help="Which list it is; without it, our own.")] = None,
    creditor: Annotated[str | None, typer.Option(help="Only for calls about this creditor's debts.")] = None,
    kind: Annotated[str, typer.Option(help=f"What the list says: {', '.join(LISTED_KINDS)}.")] = "do_not_call",
    replace: Annotated[
        bool, typer.Option("--replace", help="The file is the whole list: entries that it lacks are ended.")
    ] = False,
    because: Annotated[str, typer.Option(help="Why, for the record; name nobody.")] = "",
    country: Country = None,
    as_json: Json = False,
) -> None:
    """Leave all numbers of a file alone, a million if need be. Loading it again changes nothing.

    A running campaign obeys at once: its next call asks the list, and calls that ring to one of these numbers are
    taken back. A day in the line (2026-03-31) is the day of registration.
    """
    order = Order(
        lines_of(file),
        name=list_name,
        country=_country(country),
        creditor=creditor,
        kind=cast(SuppressionKind, kind),
        replace=replace,
        because=because,
    )
    with _progress(quiet=as_json) as progress:
        taken = act(lambda op: sparing.take_over(op, order, progress))
    _tell(taken, as_json)


@app.command()
def remove(
    because: Annotated[str, typer.Option(help="Why it may be called again, for the record; name nobody.")],
    number: Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="Like +5511…")] = None,
    person: Key = None,
    list_name: Annotated[str | None, typer.Option("--list", help="Off this list; without it, off our own.")] = None,
    country: Country = None,
    as_json: Json = False,
) -> None:
    """Take a number off a list, or end the opt-outs of a person who has asked to be called again."""
    if (person is None) == (number is None):
        raise BadInput("Give a number, or a person with --person: one of the two")
    if person is not None:
        ended = act(lambda op: sparing.remove_person(op, person, because=because))
    else:
        ended = act(
            lambda op: sparing.remove_number(
                op, number or "", country=_country(country), because=because, list_name=list_name
            )
        )
    show(
        {"ended": ended},
        lambda: Text(f"Ended: {ended}. The law's own rules and other bars hold on."),
        as_json=as_json,
    )


@app.command("list")
def list_entries(
    list_name: Annotated[str | None, typer.Option("--list", help="Only entries of this list.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 200,
    full: Full = False,
    as_json: Json = False,
) -> None:
    """Who is left alone now, the newest first: do-not-call entries and opt-outs. How many there are: `dnc lists`."""
    rows = [_row(entry, full=full) for entry in act(lambda op: sparing.listed(op, name=list_name, at_most=limit))]
    show(rows, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)


@app.command("lists")
def list_lists(as_json: Json = False) -> None:
    """Every list of numbers with how many entries of it hold now."""
    found = act(listing.lists)
    rows = [
        {"list": one.name or "our own", "kind": one.kind, "creditor": one.creditor or "", "entries": one.entries,
         "newest": _moment(one.newest)}
        for one in found
    ]  # fmt: skip
    show(found, lambda: pictures.table_of(rows, "list", "kind", "creditor", "entries", "newest"), as_json=as_json)


@app.command("show")
def show_number(
    number: Annotated[str, typer.Argument(help="Like +5511…")],
    country: Country = None,
    full: Full = False,
    as_json: Json = False,
) -> None:
    """Every bar that holds now at a number, and since when."""
    rows = [_row(one, full=full) for one in act(lambda op: sparing.at_number(op, number, country=_country(country)))]
    show(rows, lambda: pictures.table_of(rows, *COLUMNS) if rows else Text("Nothing bars it."), as_json=as_json)


def _row(entry: Entry, *, full: bool) -> dict[str, Any]:
    number = (entry.number if full else mask(entry.number)) if entry.number else ""
    key = entry.person or ""
    return {
        "number": number,
        "person": "caller" if key.startswith("caller:") else key,
        "what": WHAT.get((entry.kind, entry.channel, entry.automated_only), entry.kind),
        "list": entry.list_name or "",
        "creditor": entry.creditor or "",
        "since": _moment(entry.since),
        "until": _moment(entry.until) if entry.until else "",
        "by": entry.source,
    }


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _country(given: str | None) -> str | None:
    return given.upper() if given else None


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    if quiet:
        yield None
        return
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} lines"), TimeElapsedColumn())
    with Progress(*columns, console=errors(), transient=True) as bar:
        task = bar.add_task("Taking over", total=None)
        yield lambda done: bar.update(task, completed=done)


def _tell(taken: TakenOver, as_json: bool) -> None:
    lines = [f"Left alone from now on: {taken.added}; were so already: {taken.known}"]
    if taken.ended:
        lines.append(f"No longer on the list: {taken.ended}")
    if taken.calls_stopped:
        lines.append(f"Calls under way that were stopped: {taken.calls_stopped}")
    lines += [f"Line {line} is not used: {why}" for line, why in taken.rejected]
    if taken.rejects > len(taken.rejected):
        lines.append(f"Lines that are not used: {taken.rejects} in all")
    show(taken, lambda: Text("\n".join(lines)), as_json=as_json)
    if taken.rejects:
        raise typer.Exit(1)
