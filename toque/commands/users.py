"""`toque user …`: who may sign in to the console."""

from __future__ import annotations

import getpass
import secrets
import sys
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from dialer import users as acts
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.store import campaigns, users
from dialer.store.tokens import ROLES
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="People who sign in to the console.")
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address with which they sign in.")]


@app.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help=f"What they may do: {', '.join(ROLES)}.")],
    name: Annotated[str, typer.Option(help="Their name; default: what stands before the @.")] = "",
    agent: Annotated[str | None, typer.Option(help="For the role agent: whose desk is theirs.")] = None,
    creditor: Annotated[
        list[str] | None, typer.Option(help="They see the people of this creditor only; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Add a user. The password is asked for (or read from standard input); with none, one is made and shown once."""
    given = getpass.getpass("Password (empty: one is made): ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    password = given or secrets.token_urlsafe(12)
    new = acts.NewUser(
        email, name or email.partition("@")[0], role, password, tuple(creditor) if creditor else None, agent
    )
    made = act(lambda op: acts.add(op, new))
    shown = {"user": made, "email": email, "role": role} | ({} if given else {"password": password})
    show(shown, lambda: Text("\n".join(f"{key}: {value}" for key, value in shown.items())), as_json=as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Who may sign in."""

    async def look(op: Operation) -> list[dict[str, object]]:
        async with op.database.read() as session:
            found = await users.of_company(session, (await campaigns.tenant(session)).id)
        return [
            {"id": one.id, "email": one.email, "name": one.name, "role": one.role, "creditors": one.creditors,
             "code": one.totp is not None, "disabled": one.disabled_at is not None}
            for one in found
        ]  # fmt: skip

    rows = act(look)

    def table() -> Table:
        made = Table("id", "e-mail", "name", "role", "creditors", "code", "disabled")
        for row in rows:
            made.add_row(*("" if value is None else str(value) for value in row.values()))
        return made

    show(rows, table, as_json=as_json)


@app.command()
def link(email: Email, as_json: Json = False) -> None:
    """Make a link that signs this user in once, within ten minutes."""
    made = act(lambda op: acts.link(op, email))
    show({"link": made}, lambda: Text(made), as_json=as_json)


@app.command()
def disable(email: Email, as_json: Json = False) -> None:
    """The user may not sign in any more, and is signed out at once."""

    async def end(op: Operation) -> int:
        async with op.database.read() as session:
            user = await users.by_email(session, email)
        if user is None:
            raise BadInput(f"Nobody signs in with {email}. See who does: toque user list")
        await acts.disable(op, user.id)
        return user.id

    ended = act(end)
    show({"user": ended, "disabled": True}, lambda: Text(f"{email} is signed out and stays out."), as_json=as_json)
