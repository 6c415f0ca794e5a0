"""`toque flow list|show|save|publish|versions|diff`: a company's own flows and their versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dialer.errors import BadInput
from dialer.flows import publishing, saving
from dialer.flows.naming import own_name
from dialer.flows.publishing import Published
from dialer.flows.reading import LONGEST_BYTES
from dialer.flows.saving import Written
from dialer.operation import Operation
from dialer.store import campaigns, flow_versions
from dialer.store.models import FlowVersion
from ivr_flows import loading
from ivr_flows.comparing.changes import changes
from ivr_flows.comparing.lines import Row, side_by_side
from ivr_flows.nodes import Flow
from toque.commands.acting import act
from toque.commands.flow_choice import chosen, of_company
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of an own flow, with or without own/.")]


@app.command("list")
def list_flows(as_json: Json = False) -> None:
    """The flows of the library, and your own with their newest version and the one in force."""
    own = act(_all)
    rows = [_library_row(loading.load(name)) for name in loading.library()] + own
    show(rows, lambda: _table(rows, ("name", "about", "newest", "in_force")), as_json=as_json)


@app.command("show")
def show_flow(
    which: Annotated[str, typer.Argument(metavar="FILE|NAME[@N]", help="own/NAME: the version in force.")],
    as_json: Json = False,
) -> None:
    """The text of a flow, as it can be edited and saved."""
    flow = chosen(which)
    found = {"flow": flow.name, "revision": flow.revision, "text": flow.texts[""]}
    show(found, lambda: Text(flow.texts[""], end=""), as_json=as_json)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="A flow as YAML; fragments of its own lie in `fragments` beside it.")],
    name: Annotated[str, typer.Option(help="Of the own flow: small letters, digits, hyphens.")],
    why: Annotated[str, typer.Option(help="What is changed and why: others read it later.")],
    over: Annotated[int | None, typer.Option(help="The version that it was made from; default: the newest.")] = None,
    as_json: Json = False,
) -> None:
    """Save a file as the next version of an own flow. It speaks in no call before it is published."""
    text, fragments = _read(file)

    async def run(op: Operation) -> FlowVersion:
        base = over if over is not None else await _newest(op, own_name(name))
        return await saving.save(op, name, Written(text, why, base, fragments))

    saved = _told(act(run))
    todo = f"{saved['name']}@{saved['number']} is saved. In force with: toque flow publish {name} {saved['number']}"
    show(saved, lambda: Text(todo), as_json=as_json)


@app.command()
def publish(
    name: Name,
    number: Annotated[int, typer.Argument(metavar="N", help="The version; an older one is gone back to.")],
    pack: Annotated[str, typer.Option(help="Countries to prove it for: US,BR… (default: all that have a pack)")] = "",
    as_json: Json = False,
) -> None:
    """Prove a version and put it in force: new calls say it at once, live ones end with what they began with."""
    places = tuple(one.strip().upper() for one in pack.split(",") if one.strip())

    async def run(op: Operation) -> Published:
        return await publishing.publish(op, name, number, places=places)

    done = act(run)
    back = f", with the text of version {done.back_to}" if done.back_to else ""
    words = f"{own_name(name)}@{done.number} is in force{back}. Proven for {', '.join(done.places)}."
    show(done, lambda: Text(words), as_json=as_json)


@app.command()
def versions(name: Name, as_json: Json = False) -> None:
    """Every version: who saved and published it, when, and why."""

    async def run(op: Operation) -> list[dict[str, Any]]:
        return [_told(one) for one in await _versions(op, own_name(name))]

    rows = act(run)
    if not rows:
        raise BadInput(f"There is no flow {own_name(name)}. See yours: toque flow list")
    columns = ("number", "saved_at", "saved_by", "why", "published_at", "published_by", "revision")
    show(rows, lambda: _table(rows, columns), as_json=as_json)


@app.command()
def diff(
    name: Name,
    before: Annotated[int, typer.Argument(metavar="A", help="A version.")],
    after: Annotated[int, typer.Argument(metavar="B", help="Another one.")],
    as_json: Json = False,
) -> None:
    """What people will hear differently between two versions, in sentences; then the lines of the text."""
    full = own_name(name)

    async def run(op: Operation) -> tuple[Flow, Flow]:
        return await of_company(op, f"{full}@{before}"), await of_company(op, f"{full}@{after}")

    old, new = act(run)
    found = changes(old, new)
    rows = side_by_side(old.texts[""], new.texts[""])
    told = {"flow": full, "before": before, "after": after, "changes": [str(one) for one in found]}
    show({**told, "lines": rows}, lambda: _difference(told["changes"], rows), as_json=as_json)


def _difference(sentences: Any, rows: tuple[Row, ...]) -> RenderableType:
    said = [Text(f"· {one}") for one in sentences] or [Text("Nothing that a caller would notice.")]
    lines: list[RenderableType] = []
    for row in rows:
        if row.kind == "gap":
            lines.append(Text("  …", style="dim"))
        elif row.kind == "same":
            lines.append(Text(f"  {row.after}", style="dim"))
        else:
            lines += [Text(f"- {row.before}", style="red")] if row.left is not None else []
            lines += [Text(f"+ {row.after}", style="green")] if row.right is not None else []
    return Group(*said, Text(""), *lines)


def _read(file: Path) -> tuple[str, dict[str, str]]:
    """The text and the fragments that lie beside it; FlowInvalid when it cannot be read."""
    if file.is_file() and file.stat().st_size > LONGEST_BYTES:
        raise BadInput(f"{file.name} is longer than {LONGEST_BYTES} bytes: split the flow.")
    flow = loading.load(file if file.suffix else file.with_suffix(".yaml"))
    return flow.texts[""], {name: text for name, text in flow.texts.items() if name}


async def _versions(op: Operation, name: str) -> list[FlowVersion]:
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        return list(await flow_versions.versions(session, tenant.id, name))


async def _newest(op: Operation, name: str) -> int:
    known = await _versions(op, name)
    return known[0].number if known else 0


async def _all(op: Operation) -> list[dict[str, Any]]:
    async with op.database.read() as session:
        tenant = await campaigns.tenant(session)
        rows = []
        for newest in await flow_versions.newest_of_all(session, tenant.id):
            live = await flow_versions.in_force(session, tenant.id, newest.name)
            rows.append(
                {"name": newest.name, "about": newest.why, "newest": newest.number,
                 "in_force": live.number if live else None}
            )  # fmt: skip
    return rows


def _library_row(flow: Flow) -> dict[str, Any]:
    return {"name": flow.name, "about": flow.title, "newest": None, "in_force": flow.revision}


def _told(row: FlowVersion) -> dict[str, Any]:
    names = ("name", "number", "revision", "why", "saved_by", "saved_at", "places", "published_by", "published_at")
    return {name: getattr(row, name) for name in names}


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(escape(_cell(row[column])) for column in columns))
    return table


def _cell(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return f"{value:%Y-%m-%d %H:%M}"
    return "–" if value is None else str(value)
