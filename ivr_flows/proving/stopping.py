"""F3: the calls can be stopped from everywhere, and it is kept before it is confirmed. F11: a stranger is let go."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.proving import phrasing
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import Step
from ivr_flows.proving.telling import Violation
from ivr_flows.turn import Disposed, End, NotThisPerson, OptedOut

MOST_KEYS = 2
_LET_GO = (NotThisPerson, Disposed)


def stop_within_reach(case: Case) -> Iterator[Violation]:
    """F3: at most two keys to "never again" from every wait; the call then ends at once."""
    one = {step.before for step in case.steps if step.before >= 0 and _stops(step)}
    two = {step.before for step in case.steps if step.happening.sort == "key" and step.after in one}
    for number, state in enumerate(case.explored.states):
        if number not in one | two and not state.data["tries"] and any(case.leaving(number)):
            step = case.explored.steps[case.explored.first[number]]
            what = f"waits where no {MOST_KEYS} keys stop the calls."
            yield case.violation("F3", step, what, 'Add "9": opt_out to its keys.', node=state.node)
    for step in case.steps:
        stopped = any(isinstance(effect, OptedOut) for effect in step.effects)
        if stopped and not isinstance(step.wait, End):
            what = "goes on although the person wants no more calls."
            yield case.violation("F3", step, what, "End the call there.")
        if (node := _confirms(step)) and not stopped and not step.happening.words.startswith("recalled"):
            what = "confirms that the calls stop, and nothing is kept of it."
            yield case.violation("F3", step, what, "Confirm it in the opt_out node.", node=node)


def strangers_are_let_go(case: Case) -> Iterator[Violation]:
    """F11: who is not the person hears an apology and nothing else, and nothing else is kept."""
    for step in case.steps:
        if not any(isinstance(effect, NotThisPerson) for effect in step.effects):
            continue
        gone = step.happening.words == "hangs up"
        if not isinstance(step.wait, End):
            yield case.violation("F11", step, "goes on with somebody else.", "End the call there.")
        elif not step.said and not gone:
            yield case.violation("F11", step, "lets a stranger go without a word.", "Apologize in the node.")
        if others := [type(each).__name__ for each in step.effects if not isinstance(each, _LET_GO)]:
            what = f"keeps more than that it is somebody else: {', '.join(others)}."
            yield case.violation("F11", step, what, "Take it out of the way.")
        if private := next((said for said in step.said if said.privacy != "public"), None):
            what = "tells somebody else what is not theirs to hear."
            yield case.violation("F11", step, what, "Say only public words.", node=private.node)


def _stops(step: Step) -> bool:
    return step.happening.sort == "key" and any(isinstance(effect, OptedOut) for effect in step.effects)


def _confirms(step: Step) -> str:
    for said in step.said:
        for language, words in said.fixed.items():
            if phrasing.found_in(words, "confirms_stop", language):
                return said.node
    return ""
