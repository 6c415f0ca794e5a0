"""`toque script …`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from dialer.errors import BadInput
from dialer.rules.packs import load_packs
from ivr_flows.errors import FlowInvalid
from ivr_flows.scripts import checking
from ivr_flows.scripts.loading import library, load
from ivr_flows.scripts.script import End, Script, Step
from ivr_flows.turn import Language
from toque.commands.output import Json, show
from toque.commands.script_trees import picture

app = typer.Typer(no_args_is_help=True, help="Scripts: what an agent says, and what follows each answer.")

Which = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A script of the library, or a file.")]


@app.command()
def check(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|FILE]…", help="Without it: the whole library.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look through scripts before agents are given them; exit code 1 if anything is wrong."""
    wanted = which or library()
    faults = {one: _faults(one) for one in wanted}
    found = {"scripts": list(faults), "faults": [each for mine in faults.values() for each in mine]}
    show(found, lambda: _verdicts(faults), as_json=as_json)
    if found["faults"]:
        raise typer.Exit(1)


@app.command("show")
def show_script(
    which: Which,
    language: Annotated[str | None, typer.Option(help="One of the script's languages.")] = None,
    as_json: Json = False,
) -> None:
    """A script as a tree: what is said, and where each answer leads."""
    script = load(which)
    if language is not None and language not in script.languages:
        raise BadInput(f"{script.name} is not written in {language}: choose {', '.join(script.languages)}")
    spoken = language or script.languages[0]
    show(_as_data(script, spoken), lambda: picture(script, spoken), as_json=as_json)


def _faults(which: str) -> list[dict[str, Any]]:
    try:
        script = load(which)
    except FlowInvalid as fault:
        return [asdict(checking.Fault(fault.source, fault.line, which, "", "", fault.what, ""))]
    return [asdict(each) for each in checking.check(script, _disclosures())]


def _disclosures() -> Mapping[Language, tuple[str, ...]]:
    """The words that the law of some place wants said before details of a late debt: in every place the same ones."""
    wanted: dict[Language, tuple[str, ...]] = {}
    for pack in load_packs().by_country.values():
        for language, words in (pack.flows.disclosures if pack.flows else {}).items():
            wanted[language] = tuple(dict.fromkeys((*wanted.get(language, ()), *words)))
    return wanted


def _verdicts(faults: Mapping[str, list[dict[str, Any]]]) -> RenderableType:
    lines: list[RenderableType] = []
    for name, found in faults.items():
        lines.append(Text(f"✗ {name}", style="red") if found else Text(f"✓ {name}", style="green"))
        for one in found:
            place = " ".join(filter(None, (one["step"], one["language"])))
            what = f"{one['message']} {one['remedy']}".rstrip()
            lines.append(Text(f"  {one['file']}:{one['line']}: {place + ': ' if place else ''}{what}"))
    return Group(*lines)


def _as_data(script: Script, language: Language) -> dict[str, Any]:
    return {
        "script": script.name,
        "number": script.number,
        "title": script.title.get(language, ""),
        "language": language,
        "revision": script.revision,
        "start": script.start,
        "start_known": script.start_known,
        "variables": {
            name: {"type": each.type, "privacy": each.privacy, "optional": each.optional}
            for name, each in script.variables.items()
        },
        "steps": {name: _step_data(script, step, language) for name, step in script.steps.items()},
        "ends": {name: _end_data(end, language) for name, end in script.ends.items()},
    }


def _step_data(script: Script, step: Step, language: Language) -> dict[str, Any]:
    return {
        **_said(step, language),
        "branches": [
            {"key": one.key, "label": one.label.get(language, ""), "to": one.to, "confirms": one.confirms}
            for one in script.branches(step)
        ],
    }


def _end_data(end: End, language: Language) -> dict[str, Any]:
    kept = {"disposition": end.disposition, "reason": end.reason, "requires": end.requires, "task": end.task}
    return {"title": end.title.get(language, ""), **_said(end, language), **kept}


def _said(place: Step | End, language: Language) -> dict[str, Any]:
    lines = (place.say or {}).get(language, ())
    return {
        "discloses": place.discloses,
        "say": [{"text": line.source, "when": line.when.text if line.when else ""} for line in lines],
        "note": place.note.get(language, ""),
    }
