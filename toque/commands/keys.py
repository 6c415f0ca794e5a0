"""`toque keys …`: the change of the keys that seal fields and files, and of those that hash."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from dialer.record import rotating
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="Keys: TOQUE_SECRET_KEY and TOQUE_HASH_KEY, newest first.")


@app.callback()
def _keys() -> None:
    """Keep `toque keys rotate` a command of a group."""


@app.command()
def rotate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what older keys have sealed.")] = False,
    as_json: Json = False,
) -> None:
    """Seal and hash everything anew with the newest keys. May be cut off and run again; calls go on meanwhile."""
    done = act(rotating.waiting if dry_run else rotating.rotate)
    told = ", ".join(f"{count} {kind}" for kind, count in done.counts.items())
    word = "sealed with older keys" if dry_run else "written anew with the newest keys"
    show(done, lambda: Text(f"{told}: {word}."), as_json=as_json)
