"""`toque flow …`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dialer.errors import BadInput
from ivr_flows import checking, drawing, loading, player
from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import Flow
from toque.commands.output import Json, errors, show

app = typer.Typer(no_args_is_help=True, help="Flows: what is said, and what happens on each key.")

Which = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A flow of the library, or a file.")]


class Form(StrEnum):
    """How a flow is drawn."""

    TREE = "tree"
    MERMAID = "mermaid"


@app.command()
def check(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|NAME]…", help="Without it: the whole library.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find what is wrong with flows before anybody is called with them; exit code 1 if anything is."""
    checked = [(one, _problems(one)) for one in which or loading.library()]
    found: dict[str, Any] = {
        "flows": [name for name, _ in checked],
        "problems": [one for _, problems in checked for one in problems],
    }
    show(found, lambda: _verdicts(checked), as_json=as_json)
    if found["problems"]:
        raise typer.Exit(1)


@app.command()
def draw(
    which: Which,
    form: Annotated[
        Form, typer.Option("--as", help="A tree for the terminal, or Mermaid for documents.")
    ] = Form.TREE,
    as_json: Json = False,
) -> None:
    """A picture of a flow."""
    flow = loading.load(which)
    picture = drawing.tree(flow) if form is Form.TREE else drawing.mermaid(flow)
    show({"flow": flow.name, "form": form, "drawing": picture}, lambda: Text(picture, end=""), as_json=as_json)


@app.command()
def play(
    which: Which,
    language: Annotated[str | None, typer.Option(help="One of the flow's languages.")] = None,
) -> None:
    """Play a call with an invented person in the terminal. Prints its inputs at the end, to paste into a test."""
    flow = loading.load(which)
    if language is not None and language not in flow.languages:
        raise BadInput(f"{flow.name} is not spoken in {language}: choose {', '.join(flow.languages)}")
    caller = player.sample_caller(flow, language or flow.languages[0], datetime.now(UTC).date())
    try:
        player.play(flow, caller, _ask, typer.echo)
    except EOFError:
        errors().print("The input ended before the call did.", style="dim")
        raise typer.Exit(1) from None


def _ask(prompt: str) -> str:
    return input(prompt if sys.stdin.isatty() else "")


def _problems(which: str) -> list[dict[str, Any]]:
    try:
        flow: Flow = loading.load(which)
    except FlowInvalid as fault:
        return [{"flow": which, "node": "", "language": "", "line": fault.line, "message": fault.what, "remedy": ""}]
    names = ("flow", "node", "language", "line", "message", "remedy")
    return [{name: getattr(one, name) for name in names} for one in checking.check(flow)]


def _verdicts(checked: list[tuple[str, list[dict[str, Any]]]]) -> RenderableType:
    lines: list[RenderableType] = []
    for name, problems in checked:
        lines.append(Text(f"✗ {name}", style="red") if problems else Text(f"✓ {name}", style="green"))
        for one in problems:
            place = " ".join(
                filter(None, (f"line {one['line']}" if one["line"] else "", one["node"], one["language"]))
            )
            lines.append(Text(f"  {place}: {one['message']} {one['remedy']}"))
    return Group(*lines)
