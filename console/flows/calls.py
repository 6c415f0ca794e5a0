"""Calls of the browser phone: the real engine, an invented person, nothing but this process's memory.

No call is placed and no row is written. A visitor has one call at a time; it is forgotten after half an hour.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from console.flows.people import Example, caller
from dialer.errors import BadInput, NotFound
from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Answered
from ivr_flows.nodes import Flow
from ivr_flows.player import read_event
from ivr_flows.turn import Effect, End, Language, Speech, Turn

Role = Literal["person", "machine", "silence"]
ROLES: tuple[Role, ...] = ("person", "machine", "silence")
MOST_CALLS = 200
LONGEST_SECONDS = 1800.0
LONGEST_INPUT = 40


@dataclass(frozen=True, slots=True)
class Played:
    """A call so far. `inputs` are the words of the terminal player, one less than there are turns."""

    id: str
    user_id: int
    flow: Flow
    example: Example
    language: Language
    role: Role
    turns: tuple[Turn, ...]
    inputs: tuple[str, ...] = ()
    failed: str = ""

    @property
    def turn(self) -> Turn:
        """The latest turn."""
        return self.turns[-1]

    @property
    def ended(self) -> bool:
        """Whether nothing is waited for any more."""
        return bool(self.failed) or isinstance(self.turn.wait, End)

    @property
    def path(self) -> tuple[str, ...]:
        """Every node entered, in order."""
        return tuple(name for turn in self.turns for name in turn.path)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Everything that a real call would have left behind."""
        return tuple(effect for turn in self.turns for effect in turn.effects)

    def speech(self, turn: int, n: int) -> Speech:
        """One utterance; raises NotFound."""
        if not (0 <= turn < len(self.turns) and 0 <= n < len(self.turns[turn].speech)):
            raise NotFound("Nothing was said there. Load the page again.")
        return self.turns[turn].speech[n]


@dataclass(slots=True)
class Switchboard:
    """The calls that are going on in this process."""

    seconds: Callable[[], float] = time.monotonic
    _calls: dict[int, tuple[float, Played]] = field(default_factory=dict)  # by user; the oldest first

    def begin(self, user_id: int, flow: Flow, example: Example, *, language: Language, role: Role) -> Played:
        """A new call in place of the visitor's last. BadInput when the flow cannot even begin."""
        answered = Answered("machine") if role == "machine" else None
        try:
            turn = engine.start(flow, caller(example, language), answered=answered)
        except FlowFailed as failure:
            raise BadInput(f"The flow cannot begin with this person: {failure}") from failure
        return self._keep(Played(secrets.token_urlsafe(9), user_id, flow, example, language, role, (turn,)))

    def of(self, user_id: int, call: str) -> Played:
        """The visitor's call of that name; NotFound when it is over, too old, or another's."""
        kept = self._calls.get(user_id)
        if kept is None or kept[1].id != call or self.seconds() - kept[0] > LONGEST_SECONDS:
            raise NotFound("This call is over. Press call to begin another.")
        return kept[1]

    def press(self, played: Played, typed: str) -> Played:
        """The call after what was typed (a word of the player). BadInput when it does not fit; the call goes on."""
        if played.ended:
            raise BadInput("The call has ended. Press call to begin another.")
        try:
            event = read_event(typed[:LONGEST_INPUT].strip())
            turn = engine.resume(played.flow, played.turn.state, event)
        except (InputRefused, ValueError) as refused:
            raise BadInput(str(refused)) from refused
        except FlowFailed as failure:
            return self._keep(replace(played, failed=str(failure)))
        word = typed.strip() or "silence"
        return self._keep(replace(played, turns=(*played.turns, turn), inputs=(*played.inputs, word)))

    def _keep(self, played: Played) -> Played:
        self._calls.pop(played.user_id, None)
        while len(self._calls) >= MOST_CALLS:
            self._calls.pop(next(iter(self._calls)))
        self._calls[played.user_id] = (self.seconds(), played)
        return played
