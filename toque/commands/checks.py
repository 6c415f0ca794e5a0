"""`toque campaign check` and `toque campaign plan`: what is missing, and who would be called when."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from pydantic_core import to_jsonable_python
from rich.console import Group, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.text import Text

from dialer.campaigns import checking, planning
from dialer.campaigns.planning import Forecast, Totals
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.settings import Settings
from toque.commands.acting import act
from toque.commands.output import Json, console, errors, show
from toque.commands.pictures import table_of
from toque.commands.prompts import to_be_made

Name = Annotated[str, typer.Argument(help="The campaign's name.")]
SHOWN = 40
COLUMNS = ("contact", "key", "number", "call", "at", "rule")


def check(name: Name, as_json: Json = False) -> None:
    """Say what is missing, and how many can be called now, later and never. A clean draft is checked afterwards."""

    async def look(op: Operation) -> dict[str, Any]:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=errors(), transient=True) as bar:
            task = bar.add_task("Looking at everybody", visible=not as_json)
            found = await checking.check(
                op, name, progress=lambda seen: bar.update(task, description=f"{seen} people looked at")
            )
            return {**asdict(found), **await to_be_made(op, name)}

    found = act(look)
    show(found, lambda: _of_check(found), as_json=as_json)
    if not found["clean"]:
        raise typer.Exit(1)


def plan(
    name: Name,
    rule: Annotated[str | None, typer.Option(help="Only those whom this rule holds back.")] = None,
    everybody: Annotated[
        bool, typer.Option("--all", "--contacts", help=f"All of them, not only the first {SHOWN}.")
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Say too who runs out of lawful attempts before then (YYYY-MM-DD)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """A dry run: for everybody whether and when they would be called, or the exact rule that blocks it."""
    asked = _Asked(name, rule, _instant(until) if until else None)
    act(lambda op: _plan_as_json(op, asked) if as_json else _plan_in_words(op, asked, everybody=everybody))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of which campaign is wanted: those whom `rule` holds back, and what is lawful before `until`."""

    name: str
    rule: str | None
    until: datetime | None

    async def of(self, op: Operation, totals: Totals) -> AsyncIterator[Forecast]:
        """Those who are wanted; everybody is counted."""
        async for one in planning.forecasts(op, self.name, until=self.until):
            totals.add(one)
            if self.rule is None or one.rule == self.rule.upper():
                yield one


def _instant(day: str) -> datetime:
    """The beginning of a day in our own place."""
    try:
        return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(Settings().time_zone)).astimezone(UTC)
    except ValueError as fault:
        raise BadInput(f"--until {day} is no day: write it like 2026-12-31") from fault


async def _plan_as_json(op: Operation, asked: _Asked) -> None:
    """One object, written as it is found: the memory stays flat however long the list is."""
    totals, first = Totals(), True
    sys.stdout.write(f'{{"campaign": {orjson.dumps(asked.name).decode()}, "contacts": [')
    async for one in asked.of(op, totals):
        sys.stdout.write(("" if first else ",") + "\n  " + orjson.dumps(to_jsonable_python(one)).decode())
        first = False
    sys.stdout.write(f'\n], "summary": {orjson.dumps(to_jsonable_python(_summary(totals))).decode()}}}\n')


async def _plan_in_words(op: Operation, asked: _Asked, *, everybody: bool) -> None:
    totals = Totals()
    shown: list[Forecast] = []
    found = 0
    async for one in asked.of(op, totals):
        found += 1
        shown += [one] if everybody or len(shown) < SHOWN else []
    table = table_of([_row(one) for one in shown], *COLUMNS)
    if found > len(shown):
        table.caption = f"the first {len(shown)} of {found}; all of them with --all or --json"
    console().print(Group(table, *_counts(_summary(totals)), *_running_out(totals, asked)), soft_wrap=True)


def _running_out(totals: Totals, asked: _Asked) -> list[RenderableType]:
    words = [f"{totals.last_try} have one attempt left in the campaign"] if totals.last_try else []
    if asked.until is not None:
        words.append(
            f"{totals.runs_out} run out of lawful attempts before {asked.until:%Y-%m-%d %H:%M} UTC"
            f" ({totals.none_left} of them have none)"
        )
    return [Text(one) for one in words]


def _summary(totals: Totals) -> dict[str, Any]:
    calls = {name: totals.calls[name] for name in ("now", "later", "held", "never", "in_call", "done")}
    rules = {"by_rule": dict(sorted(totals.by_rule.items())), "reasons": totals.reasons}
    ends = {"last_try": totals.last_try, "runs_out": totals.runs_out, "none_left": totals.none_left}
    return {"contacts": totals.contacts, **calls, "first_at": totals.first_at, **rules, **ends}


def _row(one: Forecast) -> dict[str, Any]:
    return asdict(one) | {"at": f"{one.at:%Y-%m-%d %H:%M} UTC" if one.at and one.call == "later" else None}


def _of_check(found: dict[str, Any]) -> RenderableType:
    parts: list[RenderableType] = [Text(f"{found['campaign']} is {found['status']}", style="bold")]
    for finding in found["findings"]:
        parts.append(Text(f"{'✗' if finding['stops'] else '!'} {finding['words']}", style=_colour(finding)))
    if not found["findings"]:
        parts.append(Text("✓ Nothing is missing", style="green"))
    parts += _counts(found)
    if found["branches"]:
        absent = ", ".join(f"{name}: {count}" for name, count in found["branches"].items())
        parts.append(Text(f"The flow does without, for so many people: {absent}", style="dim"))
    if found["to_render"]:
        parts.append(Text(f"{found['to_render']} prompts are made at the start", style="dim"))
    return Group(*parts)


def _colour(finding: dict[str, Any]) -> str:
    return "red" if finding["stops"] else "yellow"


def _counts(found: dict[str, Any]) -> list[RenderableType]:
    words = f"{found['contacts']} people: {found['now']} can be called now, {found['later']} later"
    words += f", {found['held']} are held, {found['never']} are never called"
    parts: list[RenderableType] = [Text(words)]
    if found["first_at"] and not found["now"]:
        parts.append(Text(f"The first call can be at {found['first_at']:%Y-%m-%d %H:%M} UTC"))
    for rule, count in found["by_rule"].items():
        parts.append(Text(f"  {count} by {rule}: {found['reasons'][rule]}", style="yellow"))
    return parts
