"""F5, F10: whatever can happen has a way on. F6: every call ends in time. F13: nothing is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr_flows import nodes
from ivr_flows.proving import phrasing
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import Step
from ivr_flows.proving.telling import Violation
from ivr_flows.templating import Line
from ivr_flows.turn import End, Transfer

_SLOT_SECONDS = 2.0  # a name, an amount, a date
_CARD_FIGURES = 4
_ANSWERED_BY_WORDS = ("transfer: nobody free", "transfer: failed", "transfer: closed", "has waited too long")


def every_way_goes_on(case: Case) -> Iterator[Violation]:
    """F5, F10: whatever happens at a wait leads on, and who asked for a person is not dropped without a word."""
    for step in case.steps:
        queue = isinstance(_waited_at(case, step), nodes.Transfer)
        if step.failed:
            code = "F10" if queue or _is_transfer(case, step) else "F5"
            yield case.violation(code, step, f"cannot go on: {step.failed}", "Give every wait its exits.")
        elif queue and step.happening.words in _ANSWERED_BY_WORDS and isinstance(step.wait, End) and not step.said:
            what = "drops somebody who waited for an agent."
            yield case.violation("F10", step, what, "Offer a call-back, or say good-bye.")


def nothing_out_of_reach(case: Case) -> Iterator[Violation]:
    """F13: some call comes to each node."""
    reached = {name for step in case.explored.steps for name in step.path}
    for name in case.flow.nodes:
        if name not in reached:
            yield case.of_flow("F13", name, "is reached by no call.", "Lead something to it or remove it.")


def ends_in_time(case: Case) -> Iterator[Violation]:
    """F6: without a key that leads on, every call ends, and within the limit."""
    found = Unattended(case)
    for number in range(len(case.explored.states)):
        seconds = found.from_state(number)
        if seconds == float("inf") or seconds > case.asked.longest_seconds:
            step = case.explored.steps[case.explored.first[number]]
            never = "goes on for ever without a key." if seconds == float("inf") else ""
            what = (
                never or f"goes on for {seconds:.0f} s without a key; {case.asked.longest_seconds:g} s are allowed."
            )
            yield case.violation("F6", step, what, "Let too_many or silent lead to an end.")


@dataclass
class Unattended:
    """How long calls go on when nobody presses a key that leads on: words, waits and the queue, the longest way."""

    case: Case
    known: dict[int, float] = field(default_factory=dict)
    words: dict[tuple[str, str], float] = field(default_factory=dict)

    def longest(self) -> float:
        """The longest of all, from the answer or from the last key on."""
        return max((self.from_state(number) for number in range(len(self.case.explored.states))), default=0.0)

    def from_state(self, number: int) -> float:
        """Seconds from this wait to the end, its own time for a key included; infinite when there is none."""
        if number not in self.known:
            self.known[number] = float("inf")  # come to again on the way, it has no end
            self.known[number] = max((self._onward(step) for step in self._idle(number)), default=0.0)
        return self.known[number]

    def _idle(self, number: int) -> Iterator[Step]:
        steps = self.case.explored.leaving.get(number, ())
        return (step for step in steps if step.happening.sort == "idle" and not _stays(step))

    def _onward(self, step: Step) -> float:
        node = self.case.flow.nodes[self.case.explored.states[step.before].node]
        after = self.from_state(step.after) if step.after >= 0 else 0.0
        return _waits_for(node) + self.spoken(step) + after

    def spoken(self, step: Step) -> float:
        """How long the words of a turn take, in the language that takes longest."""
        totals = [
            sum(self._seconds(each, said.lines.get(each, ())) for said in step.said if not said.written)
            for each in self.case.flow.languages
        ]
        return max(totals, default=0.0)

    def _seconds(self, language: str, lines: tuple[Line, ...]) -> float:
        total = 0.0
        for line in lines:
            source = phrasing.fixed([line])
            if (language, source) not in self.words:
                slots = source.count("—") * _SLOT_SECONDS
                self.words[language, source] = self.case.seconds(language, source.replace("—", " ")) + slots
            total += self.words[language, source]
        return total


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


def _waited_at(case: Case, step: Step) -> nodes.Node | None:
    return case.flow.nodes[case.explored.states[step.before].node] if step.before >= 0 else None


def _is_transfer(case: Case, step: Step) -> bool:
    return bool(step.path) and isinstance(case.flow.nodes.get(step.path[-1]), nodes.Transfer)
