"""The flows that a process has read from the database, by revision: a hash of the text, so that none grows old."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr_flows.nodes import Flow

MOST = 256  # of a hundred kilobytes or so each
Key = tuple[int, str, str]  # tenant, name, revision


@dataclass(slots=True)
class Flows:
    """What one process knows. `on_record`: revisions whose texts were seen to be kept."""

    on_record: set[Key] = field(default_factory=set)
    _read: dict[Key, Flow] = field(default_factory=dict)

    def find(self, key: Key) -> Flow | None:
        """The flow, if it was read before."""
        return self._read.get(key)

    def remember(self, key: Key, flow: Flow) -> None:
        """Keep a flow at hand; the one that was read first goes when there are too many."""
        while len(self._read) >= MOST:
            self._read.pop(next(iter(self._read)))
        self._read[key] = flow
