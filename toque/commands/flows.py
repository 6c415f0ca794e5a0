"""`toque flow …`."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.proving import proof_of
from dialer.rules.packs import load_packs
from ivr_flows import checking, drawing, loading, player
from ivr_flows.errors import FlowInvalid
from ivr_flows.nodes import Flow
from ivr_flows.proving.proof import Proof
from toque.commands import own_flows
from toque.commands.acting import act
from toque.commands.flow_choice import chosen
from toque.commands.output import Json, errors, show
from toque.lacking import Lacking, lacking

app = typer.Typer(no_args_is_help=True, help="Flows: what is said, and what happens on each key.")
app.add_typer(own_flows.app)

Which = Annotated[str, typer.Argument(metavar="FILE|NAME", help="A flow of the library, a file, or own/NAME[@N].")]


class Form(StrEnum):
    """How a flow is drawn."""

    TREE = "tree"
    MERMAID = "mermaid"


@app.command()
def check(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|NAME]…", help="Without it: the whole library.")
    ] = None,
    pack: Annotated[str, typer.Option(help="Countries to prove it for: US,BR… (default: all that have a pack)")] = "",
    list_name: Annotated[str, typer.Option("--list", help="Also count what the rows of this list lack.")] = "",
    as_json: Json = False,
) -> None:
    """Prove flows, over every state of a call, before anybody is called with them; exit code 1 if it fails."""
    places = _places(pack)
    checked = [_checked(one, places) for one in which or loading.library()]
    found: dict[str, Any] = {
        "flows": [one.name for one in checked],
        "problems": [each for one in checked for each in one.problems],
        "proofs": [_figures(one.proof) for one in checked if one.proof],
        "violations": [asdict(each) for one in checked if one.proof for each in one.proof.violations],
    }
    missing = _lacking(checked, list_name) if list_name else []
    found["lacking"] = [asdict(one) for one in missing]
    show(found, lambda: Group(_verdicts(checked), *map(_lacks_in_words, missing)), as_json=as_json)
    if found["problems"] or found["violations"]:
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
    flow = chosen(which)
    picture = drawing.tree(flow) if form is Form.TREE else drawing.mermaid(flow)
    show({"flow": flow.name, "form": form, "drawing": picture}, lambda: Text(picture, end=""), as_json=as_json)


@app.command()
def play(
    which: Which,
    language: Annotated[str | None, typer.Option(help="One of the flow's languages.")] = None,
) -> None:
    """Play a call with an invented person in the terminal. Prints its inputs at the end, to paste into a test."""
    flow = chosen(which)
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


@dataclass(frozen=True, slots=True)
class _Checked:
    """One flow: what is wrong with its form, and its proof; without one while its form is wrong."""

    name: str
    problems: list[dict[str, Any]]
    proof: Proof | None = None
    flow: Flow | None = None


def _places(named: str) -> tuple[str, ...]:
    """The countries that were named, refused where one has no pack."""
    places = tuple(one.strip().upper() for one in named.split(",") if one.strip())
    known = load_packs().by_country
    if strangers := [one for one in places if one not in known]:
        raise BadInput(f"no pack for {', '.join(strangers)}: choose from {', '.join(sorted(known))}")
    return places


def _checked(which: str, places: tuple[str, ...]) -> _Checked:
    try:
        flow = chosen(which)
    except FlowInvalid as fault:
        wrong = {"flow": which, "node": "", "language": "", "line": fault.line, "message": fault.what, "remedy": ""}
        return _Checked(which, [wrong])
    names = ("flow", "node", "language", "line", "message", "remedy")
    problems = [{name: getattr(one, name) for name in names} for one in checking.check(flow)]
    return _Checked(which, problems, proof_of(flow, load_packs(), places), flow)


def _lacking(checked: list[_Checked], list_name: str) -> list[Lacking]:
    async def look(op: Operation) -> list[Lacking]:
        return [await lacking(op, one.flow, list_name) for one in checked if one.flow]

    return act(look)


def _lacks_in_words(one: Lacking) -> Text:
    lines = [f"{one.list_name} for {one.flow}: {one.rows} rows"]
    for lack in one.lacks:
        what = "they are held" if lack.held else "the words that need it are left out"
        lines.append(f"  {lack.rows} lack {lack.variable}: {what}")
    return Text("\n".join(lines))


def _figures(proof: Proof) -> dict[str, Any]:
    figures = {name: value for name, value in asdict(proof).items() if name != "violations"}
    return {**figures, "unattended_seconds": round(proof.unattended_seconds), "proven": proof.proven}


def _verdicts(checked: list[_Checked]) -> RenderableType:
    lines: list[RenderableType] = []
    for flow in checked:
        sound = not flow.problems and flow.proof is not None and flow.proof.proven
        mark = Text(f"✓ {flow.name}", style="green") if sound else Text(f"✗ {flow.name}", style="red")
        lines.append(mark + Text(_extent(flow.proof), style="dim") if flow.proof else mark)
        for one in flow.problems:
            place = " ".join(
                filter(None, (f"line {one['line']}" if one["line"] else "", one["node"], one["language"]))
            )
            lines.append(Text(f"  {place}: {one['message']} {one['remedy']}"))
        lines += [Text(f"  {each}") for each in (flow.proof.violations if flow.proof else ())]
    return Group(*lines)


def _extent(proof: Proof) -> str:
    """How much was looked at."""
    where = ", ".join(proof.places)
    longest = f"{proof.unattended_seconds:.0f} s at most without a key"
    return f"  {where}: {proof.states} states, {proof.turns} turns, {longest}"
