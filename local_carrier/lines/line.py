"""The seam between the exchange and whatever answers: a simulated person today, any real line tomorrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from local_carrier.lines.outlet import Outlet

AudibleKind = Literal["played", "key", "speech"]
Voice = Literal["human", "machine", "announcement", "fax"]


class HungUp(Exception):
    """The other end has left the call."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Something audible: its words (empty for a pause or a tone), their language, its seconds, its file's address.

    `raw` is the file itself where it has no address: what somebody real said.
    """

    words: str
    language: str
    seconds: float
    url: str = ""
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The call was answered: by what, how long it talks first, and whether a beep follows."""

    voice: Voice
    greeting_seconds: float
    beep: bool = False
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class NotReached:
    """The call was not answered: the final status and its SIP response code."""

    status: Literal["busy", "no-answer", "failed"]
    sip_code: int


@dataclass(frozen=True, slots=True)
class Taped:
    """What a recording caught: its length in seconds and the key that ended it, if one did."""

    seconds: float
    key: str | None


def cut(sound: Sound, begin: float, end: float) -> str:
    """Return the words of a sound between two of its seconds, with … where it was cut."""
    words = sound.words.split()
    length = max(sound.seconds, 0.001)
    first, last = (min(len(words), round(len(words) * at / length)) for at in (begin, end))
    if first >= last:
        return ""
    return ("… " if first else "") + " ".join(words[first:last]) + (" …" if last < len(words) else "")


class Line(Protocol):
    """One leg of one call. Every method but `dial` and `hang_up` raises HungUp once the other end has left."""

    @property
    def outlet(self) -> Outlet:
        """What the lines that it is bridged with hear of it."""
        ...

    async def dial(
        self, address: str, *, caller: str, timeout_seconds: float, on_ringing: Callable[[], None]
    ) -> PickedUp | NotReached:
        """Ring the address until it is answered, refused, or `timeout_seconds` have passed."""
        ...

    def sends_keys(self, digits: str) -> None:
        """Let the other end, such as a switchboard, get these key tones; w and W are pauses."""
        ...

    def calls_in(self) -> None:
        """Take it that the other end has called us, and we have answered."""
        ...

    async def play(self, sound: Sound, *, keys_stop_it: bool = False) -> bool:
        """Let the other end hear the sound; True when a key stopped it. Keys are lost unless they may stop it."""
        ...

    async def listen(self, seconds: float) -> str | None:
        """Wait so long for the next key; None when none came."""
        ...

    def forget_keys(self) -> None:
        """Drop keys that were pressed and never asked for."""
        ...

    def hide_keys(self, *, hidden: bool) -> None:
        """From now on tell nobody which keys are pressed, only how many; or tell again."""
        ...

    async def record(self, max_seconds: float, *, silence_seconds: float, finish_on: str) -> Taped:
        """Record the other end until it falls silent, presses a finish key, or the time is over."""
        ...

    async def bridge(self, others: Sequence[Line]) -> None:
        """Let the other end talk with these lines, or wait when there are none. Runs until cancelled."""
        ...

    async def hang_up(self) -> None:
        """End the leg from our side."""
        ...
