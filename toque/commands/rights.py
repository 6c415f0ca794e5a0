"""`toque person export`, `toque person erase`, `toque retention …`: the rights of people over what is held."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from dialer.errors import BadInput
from dialer.record import dossiers, erasing
from dialer.record.dossiers import Asked
from dialer.record.erasing import Wish
from dialer.rules.retention import policy
from toque.commands.acting import act
from toque.commands.dossier import refuse_existing, write_file
from toque.commands.output import Json, console, show
from toque.commands.pictures import table_of

app = typer.Typer(no_args_is_help=True, help="How long data is kept, by which law; erased when its time is over.")

Key = Annotated[str, typer.Argument(metavar="KEY", help="The person, by the key of the list (toque person find).")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the record.")]


def export(
    key: Key,
    out: Annotated[Path, typer.Option(metavar="FILE.json", help="A new file; only you can read it.")],
    reason: Reason,
) -> None:
    """Give out everything that is held about a person, in clear, as JSON: for the person who asks for it."""
    if out.suffix != ".json":
        raise BadInput(f"--out {out}: the name must end with .json")
    refuse_existing(out)
    content = act(lambda op: dossiers.export(op, key, Asked(getpass.getuser(), reason)))
    write_file(out, content, "en-US")
    console().print(f"{out}: everything that is held, in clear. Hand it to the person only.", markup=False)


def erase(
    key: Key,
    reason: Reason,
    force: Annotated[bool, typer.Option("--force", help="Although a duty to keep it is not over.")] = False,
    as_json: Json = False,
) -> None:
    """Erase what tells who a person is. The record's lines and what the person asked of us stay, without a name."""
    gone = act(lambda op: erasing.erase(op, key, Wish(getpass.getuser(), reason, force)))
    told = f"Erased: {gone.numbers} numbers, {gone.recordings} recordings, the name, addresses, texts, words."
    show(gone, lambda: Text(told), as_json=as_json)


@app.command("show")
def show_policy(as_json: Json = False) -> None:
    """What is kept how long, by which law."""
    terms = policy()
    rows = [
        {"country": country, "years": term.years, "law": term.law, "confidence": term.confidence}
        for country, term in [*terms.person.items(), ("other", terms.other)]
    ]
    show(terms, lambda: table_of(rows, "country", "years", "law", "confidence"), as_json=as_json)


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count whose time is over.")] = False,
    as_json: Json = False,
) -> None:
    """Erase everybody whose time is over now (a worker does so once a day)."""
    done = act(lambda op: erasing.run(op, dry=dry_run))
    word = "would be erased" if dry_run else f"erased; {done.screens} copies of agents' screens dropped"
    show(done, lambda: Text(f"{done.people} people {word}."), as_json=as_json)
