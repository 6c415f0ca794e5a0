"""`toque record …`: the whole record as a file, for whoever checks it from outside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.results import record_lines
from toque.commands.acting import act
from toque.commands.output import console

app = typer.Typer(no_args_is_help=True, help="The record as a whole, without names and numbers.")


@app.callback()
def _record() -> None:
    """The record as a whole, without names and numbers."""


@app.command()
def export(
    out: Annotated[Path, typer.Option(metavar="FILE.jsonl", help="A new file; only you can read it.")],
) -> None:
    """Write every call, message, decision, bar, payment and promise, one JSON object a line (docs/audit.md)."""
    count = act(lambda op: _write(op, out))
    console().print(f"{out}: {count} lines", soft_wrap=True, markup=False)


async def _write(op: Operation, out: Path) -> int:
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise BadInput(
            f"--out {out} cannot be written ({fault.strerror}): choose a new file in a folder of yours"
        ) from None
    count = 0
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: ASYNC230 - one command, one file
        async for line in record_lines.lines(op):
            file.write(line + "\n")
            count += 1
    return count
