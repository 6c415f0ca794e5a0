"""`toque agent breaks|book|unbook`: breaks of agents that are booked for an hour of the day."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from dialer.operation import Operation
from dialer.resting import booking, standing
from dialer.resting.booking import Wish
from dialer.resting.standing import Booked
from toque.commands import pictures
from toque.commands.acting import act
from toque.commands.output import Json, show

COLUMNS = ("id", "agent", "days", "starts", "minutes", "reason", "zone", "next")


def breaks(
    name: Annotated[str | None, typer.Argument(help="The agent's name; none: everybody's.")] = None,
    as_json: Json = False,
) -> None:
    """The breaks that are booked."""
    _tell(act(lambda op: standing.listed(op, name)), as_json=as_json)


def book(
    names: Annotated[list[str], typer.Argument(help="The agents.")],
    at: Annotated[str, typer.Option(help="The time of day, like 09:30; with --set: when the shift begins.")],
    minutes: Annotated[int, typer.Option(help="How long it is meant to be.")] = 10,
    reason: Annotated[str, typer.Option(help="break, meal, training or meeting.")] = "break",
    days: Annotated[str, typer.Option(help="Weekdays: mon-fri, or sat,sun.")] = "mon-fri",
    zone: Annotated[str, typer.Option(help="Like America/Sao_Paulo; default: that of the company.")] = "",
    usual: Annotated[str, typer.Option("--set", help="The usual breaks of a shift, as br-teleatendimento-6h.")] = "",
    as_json: Json = False,
) -> None:
    """Book a break for agents, or the usual ones of a shift. Whoever is in a call then goes right after it."""
    starts, weekdays = booking.time_of(at), booking.days_of(days)
    wishes = (
        booking.wishes_of(usual, starts, weekdays, zone) if usual else [Wish(weekdays, starts, minutes, reason, zone)]
    )

    async def order(op: Operation) -> list[Booked]:
        made = {one.id for one in await booking.book(op, names, wishes)}
        return [one for one in await standing.listed(op) if one.id in made]

    _tell(act(order), as_json=as_json)


def unbook(
    booking_id: Annotated[int, typer.Argument(help="The number that `toque agent breaks` shows.")],
    as_json: Json = False,
) -> None:
    """A break is not booked any more; one that has begun goes on."""
    row = act(lambda op: booking.cancel(op, booking_id))
    show({"cancelled": row.id}, lambda: Text(f"Break {row.id} is cancelled."), as_json=as_json)


def _tell(found: list[Booked], *, as_json: bool) -> None:
    cards = [asdict(one) for one in found]
    rows = [card | {"next": f"{card['next_at']:%Y-%m-%d %H:%M} UTC" if card["next_at"] else ""} for card in cards]
    show(cards, lambda: pictures.table_of(rows, *COLUMNS), as_json=as_json)
