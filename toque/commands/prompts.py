"""`toque prompts …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from sqlalchemy import select

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import campaigns
from dialer.store.models import ContactList
from ivr_flows.errors import FlowInvalid
from toque.commands import flow_choice
from toque.commands.acting import act
from toque.commands.output import Json, errors, show

if TYPE_CHECKING:
    from toque.voices import Recorded

app = typer.Typer(no_args_is_help=True, help="Prompts: the sound of what is said.")


@app.command()
def render(
    campaign: Annotated[str | None, typer.Option(help="Everything that this campaign will say.")] = None,
    flow: Annotated[str | None, typer.Option(help="Or: a flow…")] = None,
    list_name: Annotated[str | None, typer.Option("--list", help="…for the people of this list.")] = None,
    as_json: Json = False,
) -> None:
    """Make the prompts that a list needs before anybody is called. What is there already is not made again."""
    if (campaign is None) == (flow is None or list_name is None):
        raise BadInput("Say what to render: --campaign NAME, or --flow FLOW --list LIST")
    if campaign is not None and (flow or list_name):
        raise BadInput("--campaign names flow and list already: leave --flow and --list out")

    async def make(op: Operation) -> dict[str, Any]:
        chosen, people = await _of_campaign(op, campaign) if campaign else (flow or "", list_name or "")
        return await _make(op, flow=chosen, list_name=people, quiet=as_json)

    made = act(make)
    show(made, lambda: in_words(made), as_json=as_json)


@app.command()
def check(
    flow: Annotated[str, typer.Argument(help="Of the library, a file, or an own one (own/natal).")],
    language: Annotated[str | None, typer.Option(help="Only this language, like pt-BR.")] = None,
    as_json: Json = False,
) -> None:
    """What your own recordings lack of a flow, sentence by sentence; exit code 1 if anything is missing.

    Recordings lie in TOQUE_HOME/recordings/LANGUAGE beside a words.yaml. What is missing is spoken by another voice.
    """
    from audio.recordings import RecordingsEngine
    from toque.voices import recorded

    said = flow_choice.chosen(flow)
    languages = [one for one in said.languages if language in (None, one)]
    if not languages:
        raise BadInput(f"{flow} does not speak {language}. Choose among {', '.join(said.languages)}.")
    try:
        recordings = RecordingsEngine(Settings().home / "recordings")
    except ValueError as fault:
        raise BadInput(str(fault)) from fault
    found = [recorded(said, one, recordings) for one in languages]
    show(found, lambda: Text("\n\n".join(map(_of_language, found))), as_json=as_json)
    if any(one.missing for one in found):
        raise typer.Exit(1)


def _of_language(found: Recorded) -> str:
    lines = [f"{found.language}: {found.recorded} sentences are recorded, {len(found.missing)} are missing."]
    lines += [f"  missing: {sentence}" for sentence in found.missing]
    lines += [f"  not a sentence of this flow: {name}" for name in found.unused]
    return "\n".join(lines)


async def for_campaign(op: Operation, name: str, *, quiet: bool) -> dict[str, Any]:
    """Make what a campaign will say, with a progress bar on standard error."""
    flow, list_name = await _of_campaign(op, name)
    return await _make(op, flow=flow, list_name=list_name, quiet=quiet)


async def to_be_made(op: Operation, name: str) -> dict[str, int]:
    """How many prompts the start of a campaign would make."""
    from toque.prerendering import missing_for_list
    from toque.serving import prompt_store

    flow, list_name = await _of_campaign(op, name)
    try:
        return {"to_render": await missing_for_list(op, prompt_store(op.settings), flow=flow, list_name=list_name)}
    except FlowInvalid:  # the check says so itself
        return {"to_render": 0}


def in_words(made: dict[str, Any]) -> Text:
    """What came of it."""
    words = f"{made['prompts']} prompts are ready in {made['folder']}."
    if made["failed"]:
        words += f" {made['failed']} could not be made, the carrier's voice will say them: {made['why']}"
    return Text(words)


async def _make(op: Operation, *, flow: str, list_name: str, quiet: bool) -> dict[str, Any]:
    from toque.prerendering import render_for_list
    from toque.serving import prompt_store

    columns = (TextColumn("Making the prompts"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors(), transient=True, disable=quiet) as bar:
        task = bar.add_task("prompts", total=None)
        rendered = await render_for_list(
            op,
            prompt_store(op.settings),
            flow=flow,
            list_name=list_name,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    folder = str(op.settings.home / "audio")
    return {"prompts": rendered.prompts, "failed": rendered.failed, "why": rendered.reason, "folder": folder}


async def _of_campaign(op: Operation, name: str) -> tuple[str, str]:
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        campaign = await campaigns.by_name(session, tenant.id, name)
        people = await session.scalar(select(ContactList.name).where(ContactList.id == campaign.list_id))
    return campaign.flow, str(people)
