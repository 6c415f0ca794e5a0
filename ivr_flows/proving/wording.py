"""F7: what variables give away. F8: words in every language. F12: nothing that threatens or misleads."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows.faults import names, words
from ivr_flows.faults.names import texts_of
from ivr_flows.nodes import Flow
from ivr_flows.phrases import spoken_prompts
from ivr_flows.proving import phrasing
from ivr_flows.proving.telling import Violation
from ivr_flows.proving.watching import class_of
from ivr_flows.templating import Prompt


def declared_as_they_are(flow: Flow) -> Iterator[Violation]:
    """F7: every variable is declared, of a type that fits, and of the class that its name or type tells."""
    for fault in names.faults(flow):
        yield Violation("F7", flow.name, fault.node, fault.message, fault.remedy)
    for name, variable in flow.variables.items():
        real = class_of(name, flow.variables)
        if real != variable.privacy:
            what = f"Variable {name!r} is declared {variable.privacy} and is of class {real}."
            yield Violation("F7", flow.name, "", what, f"Write privacy: {real}.")


def words_in_every_language(flow: Flow) -> Iterator[Violation]:
    """F8: every prompt has words in each language of the flow, with filters that fit."""
    for fault in words.faults(flow):
        where = f"{fault.message} ({fault.language})" if fault.language else fault.message
        yield Violation("F8", flow.name, fault.node, where, fault.remedy)


def nothing_unfair(flow: Flow) -> Iterator[Violation]:
    """F12: no reviewed phrase that threatens or misleads stands in what is said or sent."""
    for node, prompt in _prompts(flow):
        for language, lines in prompt.items():
            if phrase := phrasing.objection(phrasing.fixed(lines), language):
                what = f'says "{phrase}" ({language}), which nobody may be told.'
                yield Violation("F12", flow.name, node, what, "Use other words; see phrases.yaml.")


def _prompts(flow: Flow) -> Iterator[tuple[str, Prompt]]:
    yield from (("", prompt) for prompt in flow.prompts.values())
    for name, node in flow.nodes.items():
        yield from ((name, prompt) for prompt in (*spoken_prompts(node), *texts_of(node)))
