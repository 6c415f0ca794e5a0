"""How many calls to start now. No I/O and no clock: the state is passed in, times in seconds.

Caps on calls per second are enforced elsewhere, exactly; here they only bound what one decision asks for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

MODES = ("preview", "progressive", "press1")
LINES_PER_AGENT = 3.0
LONGEST_TICK = 10.0  # seconds of call starts that one decision may catch up on


@dataclass(frozen=True, slots=True)
class PacingState:
    """The campaign at one instant. Ages and means in seconds; counts are of the campaign so far.

    Idle, busy, wrap-up and reserved agents are disjoint. `ringing_ages` are calls dialled and not answered,
    `ivr_ages` answered and in the flow, `waiting_ages` due to an agent and not connected, `talk_ages` connected.
    No agents at all means a campaign without any; one whose agents are all away has a `lines_cap` of 0.
    """

    agents_idle: int
    agents_busy: int
    agents_wrapup: int
    agents_reserved: int
    talk_ages: tuple[float, ...]
    wrapup_ages: tuple[float, ...]
    ringing_ages: tuple[float, ...]
    ivr_ages: tuple[float, ...]
    waiting_ages: tuple[float, ...]
    dialed: int
    answered: int
    requested_agent: int
    connected: int
    abandoned: int
    talk_mean: float | None
    wrapup_mean: float | None
    ring_mean: float | None
    ivr_mean: float | None
    mode: Literal["direct", "ivr"]
    cps_cap: float
    lines_cap: int
    patience: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One finished call: seconds from its start to the answer, to the agent key, and so on; None: never."""

    started: float
    answered_after: float | None
    human: bool
    key_after: float | None
    connected_after: float | None
    talk: float | None
    wrapup: float | None


class Pacer(Protocol):
    """Decides how many calls to start."""

    def calls_to_start(self, now: float, state: PacingState) -> int:
        """Calls to start at `now` (seconds, any origin): never negative, never beyond `lines_cap` in use."""
        ...

    def observe(self, ended: CallRecord) -> None:
        """Learn from one finished call."""
        ...


class _CappedPacer:
    """What all pacers share: lines in use and calls per second bound every wish."""

    def __init__(self) -> None:
        self._last: float | None = None

    def observe(self, ended: CallRecord) -> None:
        """Fixed ratios learn nothing."""

    def _capped(self, wish: int, now: float, state: PacingState) -> int:
        elapsed = 1.0 if self._last is None else min(max(now - self._last, 1.0), LONGEST_TICK)
        self._last = now
        by_rate = max(1, math.floor(state.cps_cap * elapsed)) if state.cps_cap > 0 else 0
        return max(0, min(wish, state.lines_cap - _lines_in_use(state), by_rate))


class PreviewPacer(_CappedPacer):
    """No call begins by itself: an agent looks at each case first, and calls or leaves it for later."""

    def calls_to_start(self, now: float, state: PacingState) -> int:
        """None, ever."""
        return 0


class ProgressivePacer(_CappedPacer):
    """One call per idle agent, less those already promised one: nobody who answers waits."""

    def calls_to_start(self, now: float, state: PacingState) -> int:
        """Idle agents without a call on its way to them."""
        return self._capped(state.agents_idle - _on_the_way(state), now, state)


class PressOnePacer(_CappedPacer):
    """A fixed number of lines per idle agent; a campaign without agents takes what lines and rate allow."""

    def __init__(self, lines_per_agent: float) -> None:
        super().__init__()
        self._ratio = lines_per_agent

    def calls_to_start(self, now: float, state: PacingState) -> int:
        """Lines that the ratio still leaves free."""
        signed_in = state.agents_idle + state.agents_busy + state.agents_wrapup + state.agents_reserved
        if signed_in == 0:
            return self._capped(state.lines_cap, now, state)
        return self._capped(math.ceil(state.agents_idle * self._ratio) - _on_the_way(state), now, state)


def make_pacer(
    mode: str, *, max_abandonment: float = 0.03, seed: int = 0, lines_per_agent: float = LINES_PER_AGENT
) -> Pacer:
    """A pacer by name. `max_abandonment` (a share) and `seed` are for pacers that estimate; fixed ones ignore them.

    Raises ValueError with the available modes.
    """
    if not 0 <= max_abandonment <= 1 or not lines_per_agent > 0:
        raise ValueError(
            f"max_abandonment {max_abandonment} must lie in 0..1, lines_per_agent {lines_per_agent} be > 0"
        )
    match mode:
        case "preview":
            return PreviewPacer()
        case "progressive":
            return ProgressivePacer()
        case "press1":
            return PressOnePacer(lines_per_agent)
        case _:
            raise ValueError(f"no pacing mode {mode!r} is available; choose one of {', '.join(MODES)}")


def slowed(wish: int, *, pace: float, room: int) -> int:
    """What a limit leaves of the calls that a pacer wishes: a part of them (one at least), and no more than its room.

    `pace` lies in 0..1; at 0 nothing is begun.
    """
    if not 0 <= pace <= 1:
        raise ValueError(f"pace {pace} must lie in 0..1")
    if not pace or wish <= 0:
        return 0
    return max(0, min(max(1, math.floor(wish * pace)), room))


def _on_the_way(state: PacingState) -> int:
    return len(state.ringing_ages) + len(state.ivr_ages) + len(state.waiting_ages)


def _lines_in_use(state: PacingState) -> int:
    return _on_the_way(state) + len(state.talk_ages)
