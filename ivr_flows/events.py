"""What can happen to a call while its flow waits. Facts, in the past tense; the engine takes one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AnsweredBy = Literal["human", "machine", "fax", "unknown"]
CardResult = Literal["paid", "failed", "stopped", "unavailable"]
TransferResult = Literal["talked", "nobody_free", "closed", "left", "failed"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The call was picked up. `by` is the carrier's verdict, or "unknown" when detection is off or undecided."""

    by: AnsweredBy = "unknown"


@dataclass(frozen=True, slots=True)
class MachineHeard:
    """A late verdict of asynchronous detection: the greeting of a machine has ended (or a fax was heard)."""

    by: AnsweredBy = "machine"


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed these keys (the finish key is not among them)."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The wait ended without a key."""


@dataclass(frozen=True, slots=True)
class StillWaiting:
    """The person waits for an agent: place in the queue (1 = next) and seconds waited so far."""

    position: int
    seconds: int


@dataclass(frozen=True, slots=True)
class TransferEnded:
    """The hand-over is over: talked to an agent, or why not."""

    result: TransferResult


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The person's recorded message ended: its length in seconds and the carrier's reference."""

    seconds: int
    reference: str


@dataclass(frozen=True, slots=True)
class CardEnded:
    """The carrier is done with a card. `confirmation` is the processor's reference of a charge.

    failed: not charged (declined, or too many wrong figures); stopped: the person pressed star; unavailable: the
    carrier cannot take cards now.
    """

    result: CardResult
    confirmation: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    """The product needs the call to end politely: the debtor opted out elsewhere, or nothing is due any more."""

    reason: Literal["opted_out", "nothing_due", "stopped"]


@dataclass(frozen=True, slots=True)
class HungUp:
    """The person left."""


Event = (
    Answered
    | MachineHeard
    | Pressed
    | Silent
    | StillWaiting
    | TransferEnded
    | RecordingEnded
    | CardEnded
    | Recalled
    | HungUp
)
