"""`toque agent …`."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import staffing
from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.rules.phone_numbers import Rejected, read
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
    way, skills = _way(via), _skills(skill or [])
    if not 1 <= len(name.strip()) <= 100:
        raise BadInput("An agent needs a name of 1 to 100 characters")

    async def put(op: Operation) -> dict[str, Any]:
        async with op.database.write() as session:
            tenant = await campaigns.tenant(session)
            if await _known(session, tenant.id, name.strip()):
                raise Refused(f'There is an agent "{name}" already: choose another name')
            agent = Agent(
                tenant_id=tenant.id,
                name=name.strip(),
                via=way,
                skills=skills,
                status="offline",
                since=op.clock.now(),
                leg_token=secrets.token_urlsafe(12),
            )
            session.add(agent)
            await session.flush()
            return _card(agent)

    _tell([act(put)], one=True, as_json=as_json)


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


async def _known(session: AsyncSession, tenant_id: int, name: str) -> bool:
    found = await session.scalar(select(Agent.id).where(Agent.tenant_id == tenant_id, Agent.name == name))
    return found is not None


def _way(via: str) -> str:
    """The address as the carrier will be given it: a number in E.164, a SIP address, a client's name."""
    kind, _, address = via.partition(":")
    match kind:
        case "tel" if address.startswith("+"):
            number = read(address, "ZZ")
            if isinstance(number, Rejected):
                raise BadInput(f"--via {via}: {number.reason}")
            return f"tel:{number.e164}"
        case "sip" | "sips" if re.fullmatch(r"[^\s@;?]+@[\w.-]+(:\d+)?(;[\w=.;-]+)?", address):
            return via
        case "client" if re.fullmatch(r"\w{1,120}", address, re.ASCII):
            return via
        case _:
            raise BadInput(
                f"--via {via}: write tel:+5511…, sip:user@host, or client:name (letters, digits and _ only)"
            )


def _skills(given: list[str]) -> list[str]:
    skills = [one.strip() for text in given for one in text.split(",") if one.strip()]
    if wrong := [one for one in skills if not re.fullmatch(r"[\w-]{1,50}", one)]:
        raise BadInput(f"--skill {wrong[0]}: a skill is one word of letters, digits, _ and -")
    return list(dict.fromkeys(skills))


def _card(agent: Agent) -> dict[str, Any]:
    return {name: getattr(agent, name) for name in COLUMNS}


def _tell(cards: list[dict[str, Any]], *, one: bool, as_json: bool) -> None:
    rows = [
        card | {"skills": ", ".join(card["skills"]), "since": f"{card['since']:%Y-%m-%d %H:%M} UTC"} for card in cards
    ]
    show(cards[0] if one else cards, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)
