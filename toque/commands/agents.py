"""`toque agent …`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text
from sqlalchemy import select

from dialer import enrolling, staffing
from dialer.errors import Refused
from dialer.operation import Operation
from dialer.store import agents, campaigns, tokens
from dialer.store.models import Agent
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, show

app = typer.Typer(no_args_is_help=True, help="Agents: the people who take calls.")

Name = Annotated[str, typer.Argument(help="The agent's name.")]
COLUMNS = ("name", "status", "via", "skills", "since", "pause_reason")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="A name of your choice.")],
    via: Annotated[str, typer.Option(help="How they are reached: tel:+NUMBER, sip:USER@HOST or client:NAME.")],
    skill: Annotated[
        list[str] | None, typer.Option(help="What they can do; languages are skills like pt-BR. Repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Put an agent on record, offline. `toque agent ready` connects their line."""
    _tell([_card(act(lambda op: enrolling.enrol(op, name, via, skill or [])))], one=True, as_json=as_json)


@app.command()
def ready(name: Name, as_json: Json = False) -> None:
    """The agent wants calls: their line is connected, or they are free again after a pause."""
    _tell([_card(act(lambda op: staffing.ready(op, name)))], one=True, as_json=as_json)


@app.command()
def pause(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why, as supervisors see it.")] = "asked for",
    as_json: Json = False,
) -> None:
    """The agent takes no more calls for now."""
    agent = act(lambda op: staffing.pause(op, name, reason[:100]))
    if agent.status != "paused":
        raise Refused(f"{name} is {agent.status.replace('_', ' ')}: pause again when the call is over")
    _tell([_card(agent)], one=True, as_json=as_json)


@app.command()
def desk(name: Name, as_json: Json = False) -> None:
    """A link to the agent's live page. It signs them in once, within ten minutes; then the page keeps them."""

    async def make(op: Operation) -> str:
        async with op.database.write() as session:
            tenant = await campaigns.tenant(session)
            agent = await agents.by_name(session, tenant.id, name)
            return op.addresses.desk(await tokens.desk_ticket(session, tenant.id, agent.name, datetime.now(UTC)))

    link = act(make)
    show({"link": link}, lambda: Text(link, no_wrap=True, overflow="ignore"), as_json=as_json)


@app.command("list")
def list_agents(as_json: Json = False) -> None:
    """All agents and what they are doing."""

    async def look(op: Operation) -> list[dict[str, Any]]:
        async with op.database.read() as session:
            tenant = await campaigns.tenant(session)
            rows = await session.scalars(select(Agent).where(Agent.tenant_id == tenant.id).order_by(Agent.name))
            return [_card(agent) for agent in rows]

    _tell(act(look), one=False, as_json=as_json)


def _card(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in COLUMNS}


def _tell(cards: list[dict[str, Any]], *, one: bool, as_json: bool) -> None:
    rows = [
        card | {"skills": ", ".join(card["skills"]), "since": f"{card['since']:%Y-%m-%d %H:%M} UTC"} for card in cards
    ]
    show(cards[0] if one else cards, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)
