"""`toque agent case|call|skip|outcome`: an agent looks at a case, calls by hand, and says what came of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from dialer import calling, concluding
from dialer.calling import Order, Seen
from dialer.errors import Refused
from dialer.rules.gate import Deny
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, show

Agent = Annotated[str, typer.Argument(help="The agent's name.")]
Key = Annotated[str, typer.Argument(help="The person's key, as `toque person find` shows it.")]
Number = Annotated[str | None, typer.Option(help="Which of the person's numbers, like +55…; default: the best one.")]
InCampaign = Annotated[
    str | None, typer.Option("--campaign", help="As one try of this campaign; default: outside of any.")
]


def case(
    agent: Agent,
    key: Annotated[str | None, typer.Argument(help="The person's key; none: who is next in --campaign.")] = None,
    campaign: InCampaign = None,
    number: Number = None,
    as_json: Json = False,
) -> None:
    """A look before a call: the case, and what the gate would say now. Nobody is called."""

    async def look(op: Any) -> Seen:
        chosen = key or await calling.next_in(op, campaign or "")
        return await calling.look(op, Order(agent, chosen, number, campaign))

    seen = act(look)
    denial = seen.decision if isinstance(seen.decision, Deny) else None
    row = {
        "key": seen.key,
        "campaign": seen.campaign,
        "number": seen.number,
        "debts": seen.debts,
        "allowed": denial is None,
        "rule": denial.rule if denial else None,
        "reason": denial.reason if denial else None,
        "citation": denial.citation if denial else None,
        "until": denial.until if denial else None,
        "pack": seen.decision.pack,
    }
    show(row, lambda: pictures.pairs({name: str(value) for name, value in row.items()}), as_json=as_json)


def call(agent: Agent, key: Key, number: Number = None, campaign: InCampaign = None, as_json: Json = False) -> None:
    """Call somebody for an agent who is ready: who answers is put through to them at once."""
    said = act(lambda op: calling.call(op, Order(agent, key, number, campaign)))
    if isinstance(said, Deny):
        raise Refused(calling.refusal(said))
    words = Text(f"Calling. Say what came of it: toque agent outcome {agent} WORD")
    show({"attempt": said.attempt}, lambda: words, as_json=as_json)


def skip(
    agent: Agent,
    key: Key,
    campaign: Annotated[str, typer.Option(help="The campaign in which the person waits.")],
    why: Annotated[str, typer.Option(help="Why, in a word; no names and no numbers.")] = "later",
    as_json: Json = False,
) -> None:
    """Leave somebody of a campaign for later, after a look."""
    act(lambda op: calling.skip(op, Order(agent, key, campaign=campaign), why=why[:100]))
    show({"skipped": key}, lambda: Text("Left for later."), as_json=as_json)


def outcome(
    agent: Agent,
    word: Annotated[str, typer.Argument(help=f"What came of the call: {', '.join(concluding.WORDS)}.")],
    as_json: Json = False,
) -> None:
    """What came of the agent's call by hand; hangs up if it is still under way."""
    coded = act(lambda op: concluding.conclude(op, agent, word))
    show({"disposition": coded}, lambda: Text(f"On record: {coded}."), as_json=as_json)
