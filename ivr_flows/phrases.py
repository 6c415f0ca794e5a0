"""The prompts of a flow, and the fixed phrases in them: what voice packs are rendered from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr_flows.engine import spoken_language
from ivr_flows.nodes import Asking, Choose, Flow, Menu, Node, PayByCard, Set, Transfer, Verify
from ivr_flows.templating import Prompt, Scope, fixed_phrases, spoken_slot
from ivr_flows.turn import Caller, Language, Part, Value
from ivr_flows.variables import copied_name


def phrases(flow: Flow, language: Language) -> set[str]:
    """Every distinct fixed phrase that the flow can speak in a language, exactly as phrase parts carry them."""
    prompts = [*flow.prompts.values()]
    for node in flow.nodes.values():
        prompts += spoken_prompts(node)
    return set().union(*(fixed_phrases(prompt, language) for prompt in prompts))


def spoken_prompts(node: Node) -> Iterator[Prompt]:
    """Every prompt that a node can speak; message texts are not among them."""
    if node.prompt is not None:
        yield node.prompt
    if isinstance(node, Asking):
        yield from node.retry.values()
    match node:
        case Menu():
            yield from (key.say for key in node.keys if key.say is not None)
        case Choose():
            yield from (node.each, node.more)
            yield from (key.say for key in node.keys if key.say is not None)
        case Verify() | PayByCard():
            yield from node.prompts.values()
        case Transfer() if node.waiting is not None:
            yield node.waiting
        case _:
            return


def personal_parts(flow: Flow, caller: Caller) -> set[Part]:
    """What the flow may say of this person alone, in words: names, amounts, dates that are known beforehand.

    Together with `phrases` these are all the pieces that a call can be joined from, but for what is keyed in.
    """
    language = spoken_language(flow, caller.language)
    prompts = [*flow.prompts.values(), *(prompt for node in flow.nodes.values() for prompt in spoken_prompts(node))]
    slots = {slot for prompt in prompts for line in prompt.get(language, ()) for slot in line.slots}
    said = {
        (slot, known[slot.variable]) for known in _known(flow, caller) for slot in slots if slot.variable in known
    }
    return {
        spoken_slot(slot, Scope(language, caller.today, {slot.variable: value}, flow.variables))
        for slot, value in said
    }


def _known(flow: Flow, caller: Caller) -> Iterator[Mapping[str, Value]]:
    """The values of variables at one time or another: all the debts together, each by itself, and copies of them."""
    copies = {(name, source) for node in flow.nodes.values() for name, source in _copies(node)}
    for said in (caller.values, *({**caller.values, **debt} for debt in caller.debts)):
        known = {name: value for name, value in said.items() if name in flow.variables and _can_be_said(value)}
        yield known
        for name, source in copies:
            if source in known:
                yield known | {name: known[source]}


def _can_be_said(value: Value) -> bool:
    """Not what is unknown, nor a count below zero, such as the days past due of a debt that is not due yet."""
    return value is not None and not (isinstance(value, int) and value < 0)


def _copies(node: Node) -> Iterator[tuple[str, str]]:
    """(variable, the one that it is set to) of a node."""
    assigned = [node.values] if isinstance(node, Set) else []
    if isinstance(node, Menu | Choose):
        assigned = [key.values for key in node.keys]
    for values in assigned:
        yield from ((name, source) for name, text in values.items() if (source := copied_name(text)))
