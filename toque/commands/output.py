"""What commands print: words and tables for people, or JSON and nothing else with --json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import orjson
import typer
from pydantic_core import to_jsonable_python
from rich.console import Console, RenderableType

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.", rich_help_panel="Output")]


def console() -> Console:
    """Standard output as it is now."""
    return Console(highlight=False)


def errors() -> Console:
    """Standard error as it is now: messages, never data."""
    return Console(stderr=True, highlight=False)


def show(data: Any, picture: Callable[[], RenderableType], *, as_json: bool) -> None:
    """Data as JSON (dataclasses and dates too), or the picture of it."""
    if as_json:
        typer.echo(to_json(data))
    else:
        console().print(picture(), soft_wrap=True)


def to_json(data: Any) -> str:
    """Indented JSON."""
    return orjson.dumps(to_jsonable_python(data), option=orjson.OPT_INDENT_2).decode()
