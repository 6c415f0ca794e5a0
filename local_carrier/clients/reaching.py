"""Which line an address gets: a browser that is registered under the client's name, else a simulated person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from local_carrier.clients.leg import ClientLeg, Surroundings
from local_carrier.lines.line import Line
from local_carrier.lines.people import Person
from local_carrier.lines.simulated import SimulatedLine, Sounds, Tell

if TYPE_CHECKING:
    from local_carrier.exchange import Exchange

CLIENT = "client:"


def line_to(exchange: Exchange, call_sid: str, address: str, person: Person, told: tuple[Tell, Sounds]) -> Line:
    """The line of a new call. A simulated person on a client's line gives way once its browser has come."""
    relief: asyncio.Event | None = None
    if address.startswith(CLIENT):
        device = exchange.clients.device(address.removeprefix(CLIENT).split("?")[0])
        if device.present.is_set():
            shared = Surroundings(exchange.clock, exchange.voices, exchange.media.raw)
            return ClientLeg(call_sid, device, shared, *told)
        relief = device.present
    return SimulatedLine(person, exchange.clock, *told, voices=exchange.voices, relief=relief)
