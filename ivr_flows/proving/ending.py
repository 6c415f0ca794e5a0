"""F5, F10: whatever can happen has a way on. F6: every call ends in time. F13: nothing is out of reach."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import Explored, Step
from ivr_flows.proving.telling import Violation
from ivr_flows.turn import End

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


def nothing_out_of_reach(explored: Explored) -> Iterator[Violation]:
    """F13: some call comes to each node."""
    reached = {name for step in explored.steps for name in step.path}
    for name in explored.flow.nodes:
        if name not in reached:
            remedy = "Lead something to it or remove it."
            yield Violation("F13", explored.flow.name, name, "is reached by no call.", remedy)


def ends_in_time(case: Case) -> Iterator[Violation]:
    """F6: without a key that leads on, every call ends, and within the limit."""
    for number in range(len(case.explored.states)):
        seconds = case.times.from_state(number)
        if seconds == float("inf") or seconds > case.asked.longest_seconds:
            step = case.explored.steps[case.explored.first[number]]
            never = "goes on for ever without a key." if seconds == float("inf") else ""
            what = (
                never or f"goes on for {seconds:.0f} s without a key; {case.asked.longest_seconds:g} s are allowed."
            )
            yield case.violation("F6", step, what, "Let too_many or silent lead to an end.")


def _waited_at(case: Case, step: Step) -> nodes.Node | None:
    return case.flow.nodes[case.explored.states[step.before].node] if step.before >= 0 else None


def _is_transfer(case: Case, step: Step) -> bool:
    return bool(step.path) and isinstance(case.flow.nodes.get(step.path[-1]), nodes.Transfer)
