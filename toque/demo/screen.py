"""What the demo shows in the terminal: the funnel, the calls in the air with their last words, the agents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from dialer.campaigns import campaigning
from dialer.operation import Operation
from dialer.results import reporting
from dialer.rules.phone_numbers import mask
from dialer.store.models import Agent, Attempt
from local_carrier.exchange import Exchange

FUNNEL = (
    "loaded", "blocked", "dialed", "answered", "human", "machine", "right_party", "promised", "payment_code",
    "transferred", "opted_out", "wrong_person", "disputed", "already_paid",
)  # fmt: skip
ROWS = 12
WORDS = 70
AGENT_COLOURS = {"ready": "green", "in_call": "cyan", "reserved": "yellow", "wrapup": "magenta"}

TALKING = (
    "[bold]You are the agent.[/] Open the desk, put headphones on, press Connect my headset, then R:"
    " then the calls begin. The debtors speak, and answer when you pause; the first comes within a minute."
)
TALK_YOURSELF = 'Be the agent yourself, and talk with the debtors through the page: [bold]make demo ARGS="--talk"[/]'


@contextmanager
def rendering(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for the prompts."""
    columns = (TextColumn("Making the prompts"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("prompts", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def live(
    console: Console, op: Operation, exchange: Exchange, campaign: str
) -> Iterator[Callable[[], Awaitable[None]]]:
    """The live table; the function that is yielded looks again. Off a terminal: a line now and then."""
    if not console.is_terminal:
        yield _plain(console, op, campaign)
        return
    with Live(console=console, refresh_per_second=8, transient=True) as view:

        async def refresh() -> None:
            view.update(await _picture(op, exchange, campaign))

        yield refresh


def closing_words(console: Console, made: dict[str, Any], audio: Path, report: Path | None) -> None:
    """The end: the funnel, the rates, what was blocked and why, and where the sound is."""
    table = Table(title="What came of it", show_header=False, box=None, padding=(0, 2))
    for name, value in made["funnel"].items():
        table.add_row(name.replace("_", " "), str(value))
    rates = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in made["rates"].items():
        rates.add_row(name.replace("_", " "), "–" if value is None else f"{value:.2f}")
    console.print(table)
    console.print(rates)
    for rule, count in made["blocked_by_rule"].items():
        console.print(f"[yellow]{count}[/] not called, as the law or our own rules have it: {rule}")
    console.print(f"\nEvery prompt that was heard lies in [bold]{audio}[/] (WAV; the words are inside the files).")
    if report is not None:
        console.print(f"The report: [bold]{report}[/]")


def _plain(console: Console, op: Operation, campaign: str) -> Callable[[], Awaitable[None]]:
    looks = 0

    async def refresh() -> None:
        nonlocal looks
        looks += 1
        if looks % 20 == 1:
            (standing,) = await campaigning.standing(op, campaign)
            now = standing.now
            console.print(f"{op.clock.now():%H:%M:%S} UTC  {now.live} calls in the air, {now.left} people left")

    return refresh


async def _picture(op: Operation, exchange: Exchange, campaign: str) -> Group:
    made = await reporting.report(op, campaign)
    async with op.database.read() as session:
        attempts = (
            await session.scalars(
                select(Attempt).where(Attempt.status != "denied").order_by(Attempt.id.desc()).limit(40)
            )
        ).all()
        agents = (await session.scalars(select(Agent).order_by(Agent.id))).all()
    return Group(
        Text(f"{op.clock.now():%A %H:%M:%S} UTC, simulated ×{op.settings.clock_speed:g}", style="bold"),
        _funnel(made["funnel"]),
        _calls(attempts, exchange, {call["attempt"]: call["keys"] for call in made["calls"]}),
        _agents(agents),
    )


def _funnel(funnel: dict[str, int]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for name in FUNNEL:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(str(funnel[name]) for name in FUNNEL))
    return table


def _calls(attempts: Any, exchange: Exchange, keys: dict[int, str]) -> Table:
    """Live calls first, then those that ended last."""
    table = Table(box=None, padding=(0, 1), header_style="dim", min_width=110)
    for name, width in (("number", 18), ("state", 17), ("keys", 9), ("last words", WORDS)):
        table.add_column(name, width=width, no_wrap=True)
    legs = {leg.sid: leg for leg in exchange.ledger}
    ordered = sorted(attempts, key=lambda one: (one.status == "ended", -one.id))
    for attempt in ordered[:ROWS]:
        leg = legs.get(attempt.sid or "")
        heard = leg.words("heard") if leg else []
        ended = attempt.status == "ended"
        state = Text(
            attempt.disposition or attempt.status if ended else attempt.status, style="dim" if ended else "green"
        )
        words = heard[-1][:WORDS] if heard else ""
        table.add_row(
            mask(attempt.to_number), state, keys.get(attempt.id, ""), Text(words, style="dim" if ended else "")
        )
    return table


def _in_words(attempt: Attempt) -> str:
    return (attempt.disposition or "ended" if attempt.status == "ended" else attempt.status).replace("_", " ")


def _agents(agents: Any) -> Text:
    line = Text("agents  ", style="dim")
    for agent in agents:
        line.append(f"{agent.name} ", style="bold")
        line.append(f"{agent.status}   ", style=AGENT_COLOURS.get(agent.status, "dim"))
    return line
