"""F4: what a machine hears is what the place allows, or nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.proving import phrasing
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import Step
from ivr_flows.proving.telling import Violation
from ivr_flows.turn import Language, VoicemailLeft

REQUIRED = ("caller_name", "contact_person", "callback_number")  # 12 CFR 1006.2(j)(1): what must be said, all of it


def machines_hear_little(case: Case) -> Iterator[Violation]:
    """F4, in every turn after a machine was heard, and in every one that leaves a message."""
    for step in case.steps:
        left = any(isinstance(effect, VoicemailLeft) for effect in step.effects)
        if not left and "machine" not in step.happening.words:
            continue
        if left and case.asked.voicemail == "none":
            what = f"leaves a message on a machine, which {case.asked.place} does not allow."
            yield case.violation("F4", step, what, "Lead machines to a silent hangup.")
        for said in step.said:
            if not isinstance(case.flow.nodes[said.node], nodes.Voicemail) or said.privacy != "public":
                yield case.violation("F4", step, "tells a machine more than its message.", "Say it in no other node.")
        if left and case.asked.voicemail == "limited":
            yield from _limited(case, step)


def _limited(case: Case, step: Step) -> Iterator[Violation]:
    for language in case.flow.languages:
        what = _more_or_less(step, language)
        if what:
            yield case.violation("F4", step, what, "See limited_content in phrases.yaml.")


def _more_or_less(step: Step, language: Language) -> str:
    lines = [line for said in step.said for line in said.lines.get(language, ())]
    slots = {slot.variable for line in lines for slot in line.slots}
    if missing := [name for name in REQUIRED if name not in slots]:
        return f"leaves a message without {', '.join(missing)} ({language})."
    if more := sorted(slots - set(REQUIRED)):
        return f"tells a machine {', '.join(more)} ({language})."
    beyond = next((words for line in lines if (words := phrasing.limited(line, language))), None)
    return f'tells a machine "{beyond}", which is no limited content ({language}).' if beyond else ""
