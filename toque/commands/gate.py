"""`toque gate check`: the gate asked from outside, a case a line. No database, no carrier, nothing is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from dialer.errors import BadInput
from dialer.law import Law, own_folder
from dialer.rules.asking.answer import answer
from dialer.rules.asking.fields import Misunderstood
from dialer.rules.asking.question import read_question
from dialer.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The gate that every call passes: ask it about cases of your own.")


@app.callback()
def _gate() -> None:
    """The gate that every call passes: ask it about cases of your own."""


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Cases, one a line (else stdin).")] = None,
) -> None:
    """May this contact be made? One case a line in, one decision a line out.

    The form of a case is in docs/law.md. Exit code 1 when a line could not be understood; the others are answered.
    """
    settings = Settings()
    law = Law(own_folder(settings.home, settings.law_dir))
    failed = False
    for number, line in enumerate(_lines(file), start=1):
        if not line.strip():
            continue
        try:
            typer.echo(orjson.dumps(asdict(answer(read_question(_read(line)), law.now()))).decode())
        except Misunderstood as fault:
            failed = True
            typer.echo(f"line {number}: {fault}", err=True)
    if failed:
        raise typer.Exit(1)


def _lines(file: Path | None) -> Iterator[bytes]:
    if file is None or str(file) == "-":
        yield from sys.stdin.buffer
        return
    try:
        with file.open("rb") as cases:
            yield from cases
    except OSError as fault:
        raise BadInput(f"{file} cannot be read ({fault.strerror}): check its name and who may read it.") from fault


def _read(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise Misunderstood(f"this is no JSON ({fault}); write one object a line") from None
