"""The live calls that this process spoke with last, as they stood then. Never the truth: a swap on the version says
whether a call still stands so, and whoever finds it changed looks at it whole.

What is known of a person goes with the call, also where another process hears of its end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dialer.store.models import Attempt
from ivr_flows.nodes import Flow
from ivr_flows.turn import State

MOST = 4096  # calls, of some kilobytes each; one that is forgotten costs a whole look
SILENT_SECONDS = 300.0  # real time without a turn


@dataclass(frozen=True, slots=True)
class Known:
    """A call after its last turn: the row (no session's any more), its flow and the flow's state."""

    attempt: Attempt
    flow: Flow
    state: State


@dataclass(slots=True)
class Calls:
    """What one process knows, by token. Who was silent for long goes first, or was heard of longest ago."""

    _known: dict[str, tuple[float, Known]] = field(default_factory=dict)

    def find(self, token: str) -> Known | None:
        """The call as it stood after its last turn here."""
        found = self._known.get(token)
        return found[1] if found else None

    def remember(self, token: str, known: Known) -> None:
        """Keep a call at hand."""
        self._known.pop(token, None)
        now = time.monotonic()
        while self._known:
            first = next(iter(self._known))
            if len(self._known) < MOST and now - self._known[first][0] < SILENT_SECONDS:
                break
            del self._known[first]
        self._known[token] = (now, known)

    def forget(self, token: str) -> None:
        """The call is over, or is not as it was."""
        self._known.pop(token, None)
