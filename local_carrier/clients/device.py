"""Who is registered: one browser for each client's name, its present leg, and the grace when its network is lost.

Knows no socket: what goes out is given to an outbox.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from local_carrier.clients.leg import ClientLeg

# Twilio's SDK tries for about ten seconds to get a lost connection back before the call ends (its error 53405).
GRACE_SECONDS = 10.0
REPLACED = "another window has connected this headset"


class Outbox(Protocol):
    """The way to one browser. Never waits; sound that cannot go out in time is dropped."""

    def put(self, item: str | bytes) -> None:
        """Send text or a frame."""

    def close(self) -> None:
        """Send what is waiting, then hang up the socket."""


class Device:
    """A client's name and whoever is registered under it. `present` is set while a browser is."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.present = asyncio.Event()
        self.leg: ClientLeg | None = None
        self._outbox: Outbox | None = None
        self._grace: asyncio.TimerHandle | None = None

    def attach(self, outbox: Outbox) -> None:
        """A browser has registered; whichever was there before is told and let go."""
        if self._outbox is not None:
            self._outbox.put(json.dumps({"type": "replaced", "why": REPLACED}))
            self._outbox.close()
        if self._grace is not None:
            self._grace.cancel()
        self._outbox, self._grace = outbox, None
        self.present.set()
        self.tell("registered", identity=self.identity)
        self.tell_state()

    def detach(self, outbox: Outbox) -> None:
        """That browser's socket is lost: its leg waits for a while, as a real client's would."""
        if self._outbox is not outbox:
            return
        self._outbox = None
        self.present.clear()
        if self.leg is not None:
            self._grace = asyncio.get_running_loop().call_later(GRACE_SECONDS, self._lost)

    def holds(self, outbox: Outbox) -> bool:
        """Whether this is the browser that is registered now: another's sound and words are too late."""
        return self._outbox is outbox

    def _lost(self) -> None:
        if self.leg is not None:
            self.leg.leaves()

    def tell(self, kind: str, **values: object) -> None:
        """Send a message."""
        if self._outbox is not None:
            self._outbox.put(json.dumps({"type": kind, **values}))

    def tell_state(self) -> None:
        """Send how things stand: the whole of it, so that who comes back has missed nothing."""
        self.tell("state", call=None if self.leg is None else self.leg.as_json())

    def plays(self, frame: bytes) -> None:
        """Send a frame of sound."""
        if self._outbox is not None:
            self._outbox.put(frame)

    def hears(self, frame: bytes) -> None:
        """The microphone's frame has come."""
        if self.leg is not None:
            self.leg.speaks(frame)

    def does(self, message: Mapping[str, Any]) -> None:
        """What the person in the browser does with the call; anything about another call is too late."""
        leg = self.leg
        if leg is None or message.get("call") != leg.call_sid:
            return
        match message.get("type"):
            case "accept":
                leg.answers(accepts=True)
            case "decline":
                leg.answers(accepts=False)
            case "hangup":
                leg.leaves()
            case "digits":
                leg.presses(str(message.get("digits", "")))


class Clients:
    """All clients' names that were ever registered."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}

    def device(self, identity: str) -> Device:
        """The device of a name, made at first sight."""
        return self._devices.setdefault(identity, Device(identity))
