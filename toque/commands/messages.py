"""`toque message …`: texts in both directions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from dialer.rules.phone_numbers import mask
from dialer.texts import reviewing
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="Text messages, sent and received.")

COLUMNS = ("id", "at", "direction", "number", "person", "what", "status", "segments", "price", "error")
Direction = Literal["in", "out"]


@app.command("list")
def list_messages(
    person: Annotated[str | None, typer.Option(metavar="KEY", help="Only those of one person.")] = None,
    direction: Annotated[Direction | None, typer.Option(help="Only sent (out) or received (in).")] = None,
    unread: Annotated[bool, typer.Option("--to-answer", help="Only those of people who wait for an answer.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """Texts, newest first; their words are told by `toque message show`."""
    found = act(lambda op: reviewing.texts(op, person=person, direction=direction, to_answer=unread, limit=limit))
    rows = [_row(one) for one in found]
    show(rows, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)


@app.command("show")
def show_message(number: Annotated[int, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """One text with its words."""
    text, words = act(lambda op: reviewing.text(op, number))
    row = _row(text)
    show(
        row | {"words": words},
        lambda: Text(f"{row['at']}  {row['direction']}  {row['status']}\n\n{words}"),
        as_json=as_json,
    )


def _row(text: reviewing.Text) -> dict[str, Any]:
    price = f"{text.price_micros / 1_000_000:.4f} {text.price_currency}" if text.price_micros is not None else ""
    return {
        "id": text.id,
        "at": f"{text.at:%Y-%m-%d %H:%M} UTC",
        "direction": text.direction,
        "number": mask(text.number),
        "person": "caller" if text.person.startswith("caller:") else text.person,
        "what": text.read_as or text.template,
        "status": text.status,
        "segments": text.segments,
        "price": price,
        "error": text.error or "",
    }
