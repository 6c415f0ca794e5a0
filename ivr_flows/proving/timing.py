"""How long calls go on when nobody presses a key that leads on: words, waits and the queue, the longest way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ivr_flows import nodes
from ivr_flows.proving.exploring import Explored, Step
from ivr_flows.turn import Language, Transfer

Seconds = Callable[[Language, str], float]
FOR_EVER = float("inf")
_SIGNS_PER_SECOND = 14.0  # of unhurried speech, where no voice tells better
_SLOT_SECONDS = 2.0  # a name, an amount, a date
_CARD_FIGURES = 4


def estimated(_language: Language, text: str) -> float:
    """About how long a text takes to say."""
    return len(text) / _SIGNS_PER_SECOND


@dataclass(slots=True)
class Times:
    """The seconds of one exploration; `seconds` tells how long fixed words take in a language."""

    explored: Explored
    seconds: Seconds = estimated
    known: dict[int, float] = field(default_factory=dict)
    words: dict[tuple[Language, str], float] = field(default_factory=dict)

    def longest(self) -> float:
        """The longest of all, from the answer or from the last key on."""
        return max((self.from_state(number) for number in range(len(self.explored.states))), default=0.0)

    def from_state(self, number: int) -> float:
        """Seconds from this wait to the end, its own time for a key included; FOR_EVER when there is none."""
        if number not in self.known:
            self.known[number] = FOR_EVER  # come to again on the way, it has no end
            self.known[number] = max((self._onward(step) for step in self._idle(number)), default=0.0)
        return self.known[number]

    def _idle(self, number: int) -> Iterator[Step]:
        steps = self.explored.leaving.get(number, ())
        return (step for step in steps if step.happening.sort == "idle" and not _stays(step))

    def _onward(self, step: Step) -> float:
        node = self.explored.flow.nodes[self.explored.states[step.before].node]
        after = self.from_state(step.after) if step.after >= 0 else 0.0
        return _waits_for(node) + self.spoken(step) + after

    def spoken(self, step: Step) -> float:
        """How long the words of a turn take, in the language that takes longest."""
        aloud = [said.fixed for said in step.said if not said.written]
        totals = (sum(self._said(each, one.get(each, "")) for one in aloud) for each in self.explored.flow.languages)
        return max(totals, default=0.0)

    def _said(self, language: Language, fixed: str) -> float:
        if (language, fixed) not in self.words:
            slots = fixed.count("—") * _SLOT_SECONDS
            self.words[language, fixed] = slots + sum(self.seconds(language, each) for each in fixed.split("—"))
        return self.words[language, fixed]


def _waits_for(node: nodes.Node) -> float:
    match node:
        case nodes.Transfer():
            return node.max_wait_seconds
        case nodes.Record():
            return node.max_seconds
        case nodes.PayByCard():
            return node.timeout_seconds * node.tries * _CARD_FIGURES
        case nodes.Asking():
            return node.timeout_seconds
        case _:
            return 0.0


def _stays(step: Step) -> bool:
    """The queue's music goes on: its time is counted once, by its limit."""
    return step.after == step.before and isinstance(step.wait, Transfer)
