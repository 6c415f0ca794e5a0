"""`toque dnc …`: our own do-not-call list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from dialer import sparing
from dialer.errors import BadInput
from dialer.rules.phone_numbers import mask
from dialer.sparing import Entry, Spared
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="Do not call: numbers and people to be left alone.")

Country = Annotated[str | None, typer.Option(help="Country of numbers written without +, like BR.")]
Key = Annotated[
    str | None, typer.Option("--person", metavar="KEY", help="A person on record, by the key of the list.")
]
COLUMNS = ("number", "person", "what", "since", "by")
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
    file: Annotated[Path, typer.Argument(help="Text or CSV; the number is the first cell of a line.")],
    because: Annotated[str, typer.Option(help="Why, for the record; name nobody.")] = "",
    country: Country = None,
    as_json: Json = False,
) -> None:
    """Leave all numbers of a file alone. Loading it again changes nothing."""
    lines = sparing.lines_of(file)
    _tell(act(lambda op: sparing.add_numbers(op, lines, country=_country(country), because=because)), as_json)


@app.command()
def remove(
    because: Annotated[str, typer.Option(help="Why it may be called again, for the record; name nobody.")],
    number: Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="Like +5511…")] = None,
    person: Key = None,
    country: Country = None,
    as_json: Json = False,
) -> None:
    """Take a number off the list, or end the opt-outs of a person who has asked to be called again."""
    if (person is None) == (number is None):
        raise BadInput("Give a number, or a person with --person: one of the two")
    if person is not None:
        ended = act(lambda op: sparing.remove_person(op, person, because=because))
    else:
        ended = act(lambda op: sparing.remove_number(op, number or "", country=_country(country), because=because))
    show(
        {"ended": ended},
        lambda: Text(f"Ended: {ended}. The law's own rules and other bars hold on."),
        as_json=as_json,
    )


@app.command("list")
def list_entries(
    full: Annotated[bool, typer.Option("--full-numbers", help="Whole numbers, for those who may see them.")] = False,
    as_json: Json = False,
) -> None:
    """Everything that is left alone now: do-not-call entries and opt-outs, newest first."""
    rows = [_row(entry, full=full) for entry in act(sparing.listed)]
    show(rows, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)


def _row(entry: Entry, *, full: bool) -> dict[str, Any]:
    number = (entry.number if full else mask(entry.number)) if entry.number else ""
    key = entry.person or ""
    return {
        "number": number,
        "person": "caller" if key.startswith("caller:") else key,
        "what": WHAT.get((entry.kind, entry.channel, entry.automated_only), entry.kind),
        "since": f"{entry.since:%Y-%m-%d %H:%M} UTC",
        "by": entry.source,
    }


def _country(given: str | None) -> str | None:
    return given.upper() if given else None


def _tell(spared: Spared, as_json: bool) -> None:
    lines = [f"Left alone from now on: {spared.added}; were so already: {spared.known}"]
    if spared.calls_stopped:
        lines.append(f"Calls under way that were stopped: {spared.calls_stopped}")
    lines += [f"Line {line} is not used: {why}" for line, why in spared.rejected]
    show(spared, lambda: Text("\n".join(lines)), as_json=as_json)
    if spared.rejected:
        raise typer.Exit(1)
