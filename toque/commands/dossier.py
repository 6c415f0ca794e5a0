"""`toque dossier …`: all that is on record of a person, as JSON or PDF, and whether the record is what was sealed."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Group, RenderableType
from rich.text import Text
from typer.core import TyperGroup

from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.record import attesting, dossiers, verifying
from dialer.record.dossiers import Asked
from dialer.settings import Settings
from dialer.store.sealing import Keyring
from toque.commands.acting import act
from toque.commands.output import Json, console, show, to_json


class KeyFirst(TyperGroup):
    """`toque dossier KEY` means `toque dossier make KEY`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments with the command that they leave out."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=KeyFirst, no_args_is_help=True, help="All that is on record of a person, with proof that it is unchanged."
)

Key = Annotated[str, typer.Argument(metavar="KEY", help="The person, by the key of the list (toque person find).")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the record. Without one, data is masked.")]


@app.command()
def make(
    key: Key,
    out: Annotated[Path, typer.Option(metavar="FILE.json|FILE.pdf", help="A new file; only you can read it.")],
    reason: Reason = "",
    language: Annotated[str | None, typer.Option(help="Of the PDF; default: the person's.")] = None,
) -> None:
    """Write every attempt, decision, word, message, opt-out, promise, payment and recording of a person."""
    if out.suffix not in (".json", ".pdf"):
        raise BadInput(f"--out {out}: the name must end with .json or .pdf")
    from dialer.record import printing  # loads slowly; other commands do not wait for it

    if language is not None and language not in printing.languages():
        raise BadInput(f"--language {language}: choose among {', '.join(printing.languages())}")
    refuse_existing(out)
    dossier = act(lambda op: dossiers.make(op, key, Asked(getpass.getuser(), reason)))
    write_file(out, dossier, language or dossier["person"]["language"])
    state = "intact" if not dossier["proof"]["faults"] else "NOT intact: toque dossier verify tells what is wrong"
    console().print(f"{out}: {dossier['proof']['rows']} lines; the record is {state}", soft_wrap=True, markup=False)


@app.command()
def verify(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="One person; without: --all.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every person and every seal.")] = False,
    anchor: Annotated[bool, typer.Option("--anchor", help="Print the latest seal, to keep elsewhere.")] = False,
    against: Annotated[str | None, typer.Option(metavar="ANCHOR", help="Check that this seal still stands.")] = None,
    as_json: Json = False,
) -> None:
    """Find any change, removal, insertion or reordering of what was sealed. Exit code 1 when there is one."""
    if anchor:
        line = act(_newest)
        show({"anchor": line}, lambda: Text(line), as_json=as_json)
        return
    if against is not None and not act(lambda op: verifying.against(op, against)):
        raise Refused("The record does not hold that seal: it was changed or set back since the anchor was taken.")
    if not (key or everybody or against):
        raise BadInput("Say whose record: a KEY, or --all")
    if key or everybody:
        finding = act(lambda op: verifying.verify_person(op, key) if key else verifying.verify_all(op))
        show(finding, lambda: _picture(finding), as_json=as_json)
        if not finding.sound:
            raise typer.Exit(1)
    else:
        show({"stands": True}, lambda: Text("The record holds that seal."), as_json=as_json)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A dossier as JSON.")], as_json: Json = False) -> None:
    """Check a written dossier by itself, and whether this installation made it. Exit code 1 when it was changed."""
    try:
        dossier = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        raise BadInput(f"{file} cannot be read as JSON; give the file that toque dossier wrote") from None
    faults = dossiers.faults_of(dossier, Keyring(*Settings().keys()))
    show(
        {"faults": faults}, lambda: Text("\n".join(faults) or "The dossier is what was signed here."), as_json=as_json
    )
    if faults:
        raise typer.Exit(1)


def refuse_existing(out: Path) -> None:
    """Raises Refused when the file is there already."""
    if out.exists():
        raise Refused(f"{out} is there already; choose another name.")


def write_file(out: Path, dossier: dict[str, Any], language: str) -> None:
    """Write JSON or PDF, by the name's ending, into a file that only its owner reads."""
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise Refused(f"{out} cannot be written ({fault.strerror}); choose another place.") from None
    os.close(descriptor)
    if out.suffix == ".pdf":
        from dialer.record import printing

        printing.write(dossier, out, language)
    else:
        out.write_text(to_json(dossier) + "\n", encoding="utf-8")


async def _newest(op: Operation) -> str:
    await attesting.seal_new(op)
    return await verifying.anchor(op)


def _picture(finding: verifying.Finding) -> RenderableType:
    looked = f"{finding.rows} sealed rows in {finding.chains} chains, {finding.seals} seals"
    waiting = f"; {finding.waiting} rows wait for their seal" if finding.waiting else ""
    if finding.sound:
        return Text(f"Intact: {looked}{waiting}.")
    lines = [Text(f"{fault.whose}, {fault.where}: {fault.what}") for fault in finding.faults]
    return Group(Text(f"NOT INTACT: {len(finding.faults)} faults in {looked}{waiting}."), *lines)
