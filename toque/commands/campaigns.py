"""`toque campaign …`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import typer

from dialer.campaigns import campaigning
from dialer.campaigns.standing import Told
from dialer.operation import Operation
from dialer.rules.ranking import orderings
from dialer.rules.retry import policies
from toque.commands import checks, choices, pictures, prompts, reports
from toque.commands.acting import act
from toque.commands.choices import Settings
from toque.commands.output import Json, console, errors, show

app = typer.Typer(no_args_is_help=True, help="Campaigns: a list, a flow and a plan.")
app.command()(reports.report)
app.command()(checks.check)
app.command()(checks.plan)

Name = Annotated[str, typer.Argument(help="The campaign's name.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="A name of your choice.")],
    list_name: Annotated[str, typer.Option("--list", help="Whom to call: a list that was loaded.")],
    flow: Annotated[str, typer.Option(help="What is said: a flow of the library, or a file.")],
    caller_id: Annotated[
        list[str] | None, typer.Option(metavar="E164", help="Number to show; repeatable. Default: TOQUE_CALLER_IDS.")
    ] = None,
    pacing: Annotated[
        str | None, typer.Option(help="preview (agents call by hand), progressive (a call per free agent) or press1.")
    ] = None,
    ratio: Annotated[float | None, typer.Option(help="press1: lines per agent on duty.")] = None,
    detect: Annotated[str | None, typer.Option(help="Answering machines: off, quick, beep or first.")] = None,
    skill: Annotated[str, typer.Option("--agents", metavar="SKILL", help="Only agents with this skill.")] = "",
    ring: Annotated[int | None, typer.Option(help="Seconds that it rings.")] = None,
    gap: Annotated[int | None, typer.Option(help="Least minutes between two attempts to one person.")] = None,
    per_day: Annotated[int | None, typer.Option(help="Most attempts to one person a day.")] = None,
    per_week: Annotated[int | None, typer.Option(help="Most attempts to one person a week.")] = None,
    total: Annotated[int | None, typer.Option(help="Most attempts to one person in the campaign.")] = None,
    wrapup: Annotated[int | None, typer.Option(help="An agent's seconds after a call.")] = None,
    retry: Annotated[str | None, typer.Option(help=f"When to try again: {', '.join(policies())}.")] = None,
    order: Annotated[str | None, typer.Option(help=f"Whom to call first: {', '.join(orderings())}.")] = None,
    only: Annotated[str | None, typer.Option(help="all, or broken-promise: only people who broke one.")] = None,
    hours: Annotated[str | None, typer.Option(help='Only then, local time: "mon-fri 09:00-18:00".')] = None,
    voicemail: Annotated[str | None, typer.Option(help="A message on a machine: off, or once (per person).")] = None,
    weight: Annotated[int | None, typer.Option(help="Share beside other running campaigns (1 is usual).")] = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Make a draft; nothing is dialled before `toque campaign start`. The law's own limits always hold as well."""
    given = {
        "pacing": pacing, "ratio": ratio, "detect": detect, "ring_seconds": ring, "person_gap_minutes": gap,
        "attempts_per_day": per_day, "attempts_per_week": per_week, "attempts_total": total,
        "wrapup_seconds": wrapup, "retry": retry, "order": order, "only": only, "hours": hours,
        "voicemail": voicemail, "weight": weight, "caller_ids": ",".join(caller_id or ()) or None,
    }  # fmt: skip
    plan = choices.plan(given, settings or ())

    async def make(op: Operation) -> list[Told]:
        await campaigning.create(op, name, list_name=list_name, flow=flow, plan=plan, skill=skill)
        return await _standing(op, name)

    _tell(act(make), as_json=as_json, hint=f'See what is missing: toque campaign check "{name}"')


@app.command()
def clone(
    name: Name,
    new: Annotated[str, typer.Argument(help="The new campaign's name.")],
    list_name: Annotated[str | None, typer.Option("--list", help="Another list than the first one's.")] = None,
    as_json: Json = False,
) -> None:
    """Make a draft like a campaign of before, over the same list or another."""

    async def make(op: Operation) -> list[Told]:
        await campaigning.clone(op, name, new, list_name=list_name)
        return await _standing(op, new)

    _tell(act(make), as_json=as_json, hint=f'See what is missing: toque campaign check "{new}"')


@app.command()
def edit(
    name: Name,
    settings: Settings = None,
    flow: Annotated[str | None, typer.Option(help="Another flow.")] = None,
    skill: Annotated[
        str | None, typer.Option("--agents", metavar="SKILL", help="Only agents with this skill.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a campaign that does not run. One that has not begun is a draft again; a paused one stays paused."""

    async def change(op: Operation) -> list[Told]:
        with choices.named():
            await campaigning.edit(op, name, choices.changes(settings or ()), flow=flow, skill=skill)
        return await _standing(op, name)

    _tell(act(change), as_json=as_json)


@app.command()
def start(name: Name, as_json: Json = False) -> None:
    """Make the prompts that the list needs, then dial; `toque serve` (or `toque work`) must be running."""

    async def begin(op: Operation, chosen: str) -> None:
        await campaigning.may_start(op, chosen)
        made = await prompts.for_campaign(op, chosen, quiet=as_json)
        if not as_json:
            errors().print(prompts.in_words(made))
        await campaigning.start(op, chosen)

    _change(begin, name, as_json=as_json)


@app.command()
def pause(name: Name, as_json: Json = False) -> None:
    """Stop dialling for now: when this returns, no call starts any more. Live calls go on to their end."""
    _change(campaigning.pause, name, as_json=as_json)


@app.command()
def resume(name: Name, as_json: Json = False) -> None:
    """Dial on after a pause."""
    _change(campaigning.resume, name, as_json=as_json)


@app.command()
def stop(name: Name, as_json: Json = False) -> None:
    """End the campaign for good."""
    _change(campaigning.stop, name, as_json=as_json)


@app.command()
def status(
    name: Annotated[str | None, typer.Argument(help="One campaign; without it, all of them.")] = None,
    as_json: Json = False,
) -> None:
    """How campaigns stand, and why one does not move."""
    found = act(lambda op: _standing(op, name))
    show(found[0] if name is not None else found, lambda: pictures.of_standings(found), as_json=as_json)


async def _standing(op: Operation, name: str | None) -> list[Told]:
    """In the words of the pages."""
    from console.campaigns.sentences import in_english

    in_words = partial(in_english, zone=op.settings.time_zone)
    return [one.told(in_words) for one in await campaigning.standing(op, name)]


def _change(command: Callable[[Operation, str], Awaitable[None]], name: str, *, as_json: bool) -> None:
    async def change(op: Operation) -> list[Told]:
        await command(op, name)
        return await _standing(op, name)

    _tell(act(change), as_json=as_json)


def _tell(found: list[Told], *, as_json: bool, hint: str = "") -> None:
    show(found[0], lambda: pictures.of_standings(found), as_json=as_json)
    if hint and not as_json:
        console().print(hint, style="dim", markup=False)
