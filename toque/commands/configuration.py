"""`toque settings`: every setting, what it means and whether it is set. Secrets are never shown."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit, urlunsplit

import typer
from pydantic import SecretStr
from rich.table import Table

from dialer.settings import Settings
from toque.commands.output import Json, show

PREFIX = "TOQUE_"


def settings(
    describe: Annotated[
        bool, typer.Option("--describe", help="Only what each setting means; works whatever is set.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Every setting (environment or .env): its meaning and its present value."""
    rows = [{"name": PREFIX + name.upper(), "description": field.description or ""} for name, field in _fields()]
    if not describe:
        present = Settings()
        rows = [
            row | {"value": _shown(getattr(present, name))} for row, (name, _) in zip(rows, _fields(), strict=True)
        ]
    show(rows, lambda: _table(rows), as_json=as_json)


def _fields() -> list[tuple[str, Any]]:
    return list(Settings.model_fields.items())


def _shown(value: Any) -> str:
    match value:
        case SecretStr():
            return "set" if value.get_secret_value() else "unset"
        case None | "" | ():
            return "unset"
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return _without_password(str(value))


def _without_password(text: str) -> str:
    parts = urlsplit(text) if "://" in text else None
    if parts is None or parts.password is None:
        return text
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}"))


def _table(rows: list[dict[str, str]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name == "name")
    for row in rows:
        table.add_row(*row.values())
    return table
