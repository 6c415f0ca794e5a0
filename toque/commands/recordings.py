"""`toque recording …`: the sound of calls, listed, given out and erased. Who asked and why is kept in the record."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from dialer.store.recordings import Listed
from dialer.tapes import keeping
from toque.commands.acting import act
from toque.commands.output import Json, console, show
from toque.commands.pictures import table_of

app = typer.Typer(no_args_is_help=True, help="Recordings of calls: sealed copies, given out and erased on record.")

Number = Annotated[int, typer.Argument(metavar="ID", help="The recording, as `toque recording list` names it.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the record.")]


@app.command("list")
def list_(
    campaign: Annotated[str | None, typer.Option(help="Only of this campaign.")] = None,
    person: Annotated[str | None, typer.Option(metavar="KEY", help="Only of the person with this key.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the youngest first.")] = 100,
    as_json: Json = False,
) -> None:
    """Recordings: of which call, how long, how they stand, and until when they are kept."""
    found = act(lambda op: keeping.listed(op, campaign=campaign, person=person, limit=limit))
    show(found, lambda: _picture(found), as_json=as_json)


@app.command()
def copy(
    number: Number,
    out: Annotated[Path, typer.Option(metavar="FILE.wav", help="A new file; only you can read it.")],
    reason: Reason,
) -> None:
    """Write the sound as WAV, the two sides on two tracks; for the debtor who asks for it, for instance."""
    size = act(lambda op: keeping.copy(op, number, out, actor=getpass.getuser(), reason=reason))
    console().print(f"{size} bytes written to {out}", soft_wrap=True, markup=False)


@app.command()
def erase(number: Number, reason: Reason) -> None:
    """Erase the sound before its time. That it was there, and who erased it, stays in the record."""
    act(lambda op: keeping.erase(op, number, actor=getpass.getuser(), reason=reason))
    console().print(f"The sound of recording {number} is erased.")


def _picture(found: Sequence[Listed]) -> RenderableType:
    if not found:
        return Text(
            "No recording. Calls are recorded where the rule pack requires it (TOQUE_RECORD, docs/recording.md)."
        )
    rows = [asdict(one) | {"started_at": f"{one.started_at:%Y-%m-%d %H:%M}"} for one in found]
    return table_of(rows, "id", "person", "started_at", "seconds", "status", "keep_until", "error")
