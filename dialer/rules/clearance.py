"""The gate's leave to make one contact, as a value: the carrier takes no call and no text without it.

Only the gate's own yes becomes a clearance, it names whom it is for, and it is spent once. It is never stored: what
was allowed before a process died is asked anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dialer.rules.facts import Channel, Mode, Proposed
from dialer.rules.gate import Allow

_MINT = object()


@final
class Clearance:
    """Leave to contact `to` once, by `channel`. Made by `clear`; TypeError for anybody else who tries."""

    __slots__ = ("_spent", "channel", "mode", "pack", "to")

    def __init__(self, mint: object, proposed: Proposed, pack: str) -> None:
        if mint is not _MINT:
            raise TypeError("a clearance comes of the gate's yes: ask decide(), then clear()")
        self.to: str = proposed.number
        self.channel: Channel = proposed.channel
        self.mode: Mode = proposed.mode
        self.pack = pack
        self._spent = False

    def spend(self, *, to: str, channel: Channel) -> None:
        """Use it up for this contact. RuntimeError when it is for another one, or was used before."""
        if (to, channel) != (self.to, self.channel):
            raise RuntimeError(f"the gate was asked about another number or channel, not this {channel} contact")
        if self._spent:
            raise RuntimeError(f"the gate's leave for this {channel} contact was used before; ask the gate again")
        self._spent = True


@dataclass(frozen=True, slots=True)
class StaffLine:
    """The one exception: the line of an agent of ours, whom nobody reminds of a debt. No gate is asked for it."""

    agent_id: int


@dataclass(frozen=True, slots=True)
class SupervisorLine:
    """The same for the line of a user who listens to an agent's talk."""

    user_id: int


Leave = Clearance | StaffLine | SupervisorLine


def clear(allowed: Allow, proposed: Proposed) -> Clearance:
    """The leave that the gate's yes to this proposal gives."""
    return Clearance(_MINT, proposed, allowed.pack)
