"""The live calls that this process spoke with last, as they stood then. Never the truth: a swap on the version says
whether a call still stands so, and whoever finds it changed looks at it whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dialer.store.models import Attempt
from ivr_flows.nodes import Flow
from ivr_flows.turn import State

MOST = 4096  # calls, of some kilobytes each; one that is forgotten costs a whole look


@dataclass(frozen=True, slots=True)
class Known:
    """A call after its last turn: the row (no session's any more), its flow and the flow's state."""

    attempt: Attempt
    flow: Flow
    state: State


@dataclass(slots=True)
class Calls:
    """What one process knows, by token; the one that was heard of longest ago goes when there are too many."""

    _known: dict[str, Known] = field(default_factory=dict)

    def find(self, token: str) -> Known | None:
        """The call as it stood after its last turn here."""
        return self._known.get(token)

    def remember(self, token: str, known: Known) -> None:
        """Keep a call at hand."""
        self._known.pop(token, None)
        while len(self._known) >= MOST:
            self._known.pop(next(iter(self._known)))
        self._known[token] = known

    def forget(self, token: str) -> None:
        """The call is over, or is not as it was."""
        self._known.pop(token, None)
