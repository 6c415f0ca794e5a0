"""The command line: `toque --help`. It names the commands and turns faults into a message and an exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

import typer

from toque import __version__
from toque.commands import (
    access,
    agents,
    breaks,
    by_hand,
    caller_ids,
    campaigns,
    configuration,
    dnc,
    dossier,
    flows,
    gate,
    keys,
    law,
    list_changes,
    lists,
    messages,
    meters,
    people,
    processes,
    prompts,
    record,
    recordings,
    rights,
    scripts,
    tasks,
    users,
    why,
)
from toque.commands.faults import told

TRY, RUN, CALL, CARE = "Try it", "Run it", "Call people", "Look after it"

app = typer.Typer(
    name="toque",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(rich_help_panel=TRY)(processes.demo)
app.command(rich_help_panel=TRY)(processes.carrier)
app.command(rich_help_panel=RUN)(processes.serve)
app.command(rich_help_panel=RUN)(processes.work)
app.command("import", rich_help_panel=CALL)(lists.import_list)
app.add_typer(list_changes.app, name="list", rich_help_panel=CALL)
app.add_typer(tasks.app, name="task", rich_help_panel=CALL)
app.add_typer(campaigns.app, name="campaign", rich_help_panel=CALL)
for one in (by_hand.case, by_hand.call, by_hand.skip, by_hand.outcome, breaks.breaks, breaks.book, breaks.unbook):
    agents.app.command()(one)
app.add_typer(agents.app, name="agent", rich_help_panel=CALL)
app.add_typer(caller_ids.app, name="caller-id", rich_help_panel=CALL)
app.add_typer(flows.app, name="flow", rich_help_panel=CALL)
app.add_typer(scripts.app, name="script", rich_help_panel=CALL)
app.add_typer(prompts.app, name="prompts", rich_help_panel=CALL)
app.add_typer(messages.app, name="message", rich_help_panel=CALL)
app.add_typer(dnc.app, name="dnc", rich_help_panel=CALL)
app.add_typer(people.app, name="person", rich_help_panel=CALL)
app.command(rich_help_panel=CALL)(why.why)
app.add_typer(people.app, name="people", hidden=True)
app.add_typer(law.app, name="law", rich_help_panel=CARE)
app.add_typer(gate.app, name="gate", rich_help_panel=CARE)
app.add_typer(meters.app, name="meters", rich_help_panel=CARE)
app.add_typer(recordings.app, name="recording", rich_help_panel=CARE)
app.add_typer(record.app, name="record", rich_help_panel=CARE)
app.add_typer(dossier.app, name="dossier", rich_help_panel=CARE)
app.add_typer(rights.app, name="retention", rich_help_panel=CARE)
app.add_typer(keys.app, name="keys", rich_help_panel=CARE)
people.app.command()(rights.export)
people.app.command()(rights.erase)
app.command(rich_help_panel=CARE)(configuration.settings)
app.add_typer(access.db, name="db", rich_help_panel=CARE)
app.add_typer(users.app, name="user", rich_help_panel=CARE)
app.add_typer(access.token, name="token", rich_help_panel=CARE)
app.command(rich_help_panel=CARE)(processes.bench)

# Options that may be followed by several values, and what such a value looks like.
_MANY = {"--map": r"[a-z_]+\d*=.+", "--set": r"[a-z_-]+=.*", "--caller-id": r"\+\d+", "--skill": r"[a-z]{2}-[A-Z]{2}"}


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"toque {__version__}")
        raise typer.Exit


@app.callback()
def _toque(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Toque calls people about what they owe, politely and within the law.

    Settings come from the environment (`toque settings`). Exit codes: 0 done, 1 refused or failed, 2 wrong use.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; ends with SystemExit."""
    with told():
        _command()(spread(sys.argv[1:] if arguments is None else arguments), prog_name="toque")


@cache
def _command() -> Callable[..., Any]:
    """All commands with their options, read from their functions once: that takes longer than most of them."""
    return typer.main.get_command(app)


def spread(arguments: Sequence[str]) -> list[str]:
    """`--map a=b c=d` means `--map a=b --map c=d`: the option is repeated before each further value of its shape."""
    out: list[str] = []
    option = ""
    for at, word in enumerate(arguments):
        if word.startswith("-"):
            option = word
        elif option in _MANY and arguments[at - 1] != option:
            if re.fullmatch(_MANY[option], word):
                out.append(option)
            else:
                option = ""
        out.append(word)
    return out
