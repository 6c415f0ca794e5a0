"""`toque db …` and `toque token …`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store import agents, campaigns, tokens, upgrading
from toque.commands.acting import act
from toque.commands.output import Json, console, show

db = typer.Typer(no_args_is_help=True, help="The database.")
token = typer.Typer(no_args_is_help=True, help="Bearer tokens of the API and the desk.")


@db.command()
def upgrade(as_json: Json = False) -> None:
    """Bring the database to the newest revision. Safe at any time; every other command does so at its start too."""

    async def reach(op: Operation) -> str:
        return await upgrading.upgrade(op.database)

    revision = act(reach)
    show({"revision": revision}, lambda: Text(f"The database stands at revision {revision}."), as_json=as_json)


@token.command()
def create(
    role: Annotated[str, typer.Option(help=f"What its holder may do: {', '.join(tokens.ROLES)}.")],
    name: Annotated[str, typer.Option(help="Whose it is. For the role agent: the agent's name.")] = "",
    as_json: Json = False,
) -> None:
    """Make a token and print it once; only its hash is kept."""
    if role not in tokens.ROLES:
        raise BadInput(f"--role {role}: there is no such role; choose {', '.join(tokens.ROLES)}")
    if role == "agent" and not name:
        raise BadInput("A token of role agent acts for one agent: --name NAME")
    if len(name) > 100:
        raise BadInput("--name: at most 100 characters")

    async def make(op: Operation) -> str:
        async with op.database.write() as session:
            tenant = await campaigns.tenant(session)
            if role == "agent":
                await agents.by_name(session, tenant.id, name)
            return await tokens.create(session, tenant.id, name or role, role, op.clock.now())

    made = act(make)
    show({"token": made, "role": role, "name": name or role}, lambda: Text(made), as_json=as_json)
    if not as_json and console().is_terminal:
        console().print("Keep it now: it cannot be shown again.", style="dim")
