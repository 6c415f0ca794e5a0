"""Words: missing languages, filters that do not fit, messages that are too long, private words for a machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.faults.names import texts_of
from ivr_flows.faults.problem import Problem, problem
from ivr_flows.lexicon import LEXICONS
from ivr_flows.nodes import Flow, Node
from ivr_flows.phrases import spoken_prompts
from ivr_flows.templating import FILTERS, Prompt, Slot, filter_of
from ivr_flows.variables import BUILT_IN, VariableType

SEPTETS = 306  # two joined segments of GSM 03.38 text; more costs more and is read less
UNICODE = 134  # two joined segments as soon as one sign is outside GSM 03.38
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
_USUAL_LENGTH: dict[VariableType, int] = {"text": 24, "secret": 0, "flag": 0, "count": 3, "money": 14, "date": 10}
_USUAL_OF: dict[str, int] = {"payment_code": 180, "pix": 180, "boleto": 54, "link": 40}  # a PIX text is long
_ARGUMENTS = {"choose": 2}
_SLOT = re.compile(r"\{[^{}]*\}")


def faults(flow: Flow) -> Iterator[Problem]:
    """Every fault of this family."""
    for language in flow.languages:
        if language not in LEXICONS:
            known = ", ".join(LEXICONS)
            yield problem(
                flow, None, "There are no number words for it.", f"Use {known} or add a lexicon.", language=language
            )
    for name in ("silent", "invalid"):
        if name in flow.prompts:
            yield from _prompt(flow, None, flow.prompts[name])
    for node in flow.nodes.values():
        for prompt in spoken_prompts(node):
            yield from _prompt(flow, node, prompt)
        for text in texts_of(node):
            yield from _prompt(flow, node, text)
            yield from _long(flow, node, text)
        yield from _unsaid(flow, node)
        yield from _public(flow, node)
        yield from _read_back(flow, node)


def _prompt(flow: Flow, node: Node | None, prompt: Prompt) -> Iterator[Problem]:
    for language in flow.languages:
        if not prompt.get(language):
            yield problem(flow, node, "A prompt has no words.", "Write them.", language=language)
    for language, lines in prompt.items():
        if language not in flow.languages:
            yield problem(
                flow, node, "The flow does not list this language.", "List it or remove the words.", language=language
            )
        for slot in (slot for line in lines for slot in line.slots):
            yield from _slot(flow, node, slot, language)


def _slot(flow: Flow, node: Node | None, slot: Slot, language: str) -> Iterator[Problem]:
    variable = flow.variables.get(slot.variable) or BUILT_IN.get(slot.variable)
    if variable is None:
        return  # reported as undeclared
    if slot.filter and slot.filter not in FILTERS:
        known = ", ".join(FILTERS)
        yield problem(flow, node, f"There is no filter {slot.filter!r}.", f"Use one of {known}.", language=language)
        return
    chosen = filter_of(slot, variable)
    if chosen is None or variable.type not in chosen.types:
        yield problem(
            flow,
            node,
            f"{slot.variable} ({variable.type}) cannot be said with filter {slot.filter!r}.",
            "Use a filter of its type; flags and secrets are never said.",
            language=language,
        )
    elif len(slot.arguments) != _ARGUMENTS.get(slot.filter, len(slot.arguments)):
        yield problem(
            flow, node, f"Filter {slot.filter!r} needs two words.", "Write {name|choose:one:many}.", language=language
        )


def _long(flow: Flow, node: Node, text: Prompt) -> Iterator[Problem]:
    for language, lines in text.items():
        fixed = "".join(_SLOT.sub("", line.source) + " " for line in lines)
        length = len(fixed) + sum(_usual(flow, slot) for line in lines for slot in line.slots)
        plain = set(fixed) <= _GSM
        limit = SEPTETS if plain else UNICODE
        if length > limit:
            yield problem(
                flow,
                node,
                f"The message takes about {length} signs; two segments hold {limit}.",
                "Shorten it" + ("." if plain else " or write it without the signs outside GSM 03.38."),
                language=language,
            )


def _usual(flow: Flow, slot: Slot) -> int:
    variable = flow.variables.get(slot.variable)
    return _USUAL_OF.get(slot.variable, _USUAL_LENGTH[variable.type] if variable else 0)


def _unsaid(flow: Flow, node: Node) -> Iterator[Problem]:
    """A question asked again needs a word about why."""
    if not isinstance(node, nodes.Asking):
        return
    for name in ("silent",) if isinstance(node, nodes.Record) else ("silent", "invalid"):
        if flow.exit_of(node, name) == nodes.AGAIN and not (node.retry.get(name) or flow.prompts.get(name)):
            yield problem(flow, node, f"Nothing is said before asking again ({name}).", f"Add retry: {name}.")


def _read_back(flow: Flow, node: Node) -> Iterator[Problem]:
    """What a card is charged with must be said in so many words, in every language, right before."""
    if not isinstance(node, nodes.PayByCard):
        return
    missing = sorted({"number", "expiry", "postal_code", "code"} - set(node.prompts))
    if missing:
        yield problem(flow, node, f"The card's {', '.join(missing)} would be asked in other words.", "Add prompts.")
    for language in flow.languages:
        always = [line for line in (node.prompt or {}).get(language, ()) if not line.when]
        slots = {slot.variable for line in always for slot in line.slots}
        if node.amount not in slots:
            yield problem(
                flow,
                node,
                f"The card would be charged with {node.amount}, which the prompt does not say.",
                f"Say {{{node.amount}|amount}} in a line that always holds.",
                language=language,
            )


def _public(flow: Flow, node: Node) -> Iterator[Problem]:
    """A machine may be played back to anybody."""
    if not isinstance(node, nodes.Voicemail):
        return
    slots = {slot.variable for lines in (node.prompt or {}).values() for line in lines for slot in line.slots}
    private = sorted(name for name in slots if name in flow.variables and flow.variables[name].privacy != "public")
    if private or node.privacy != "public":
        what = ", ".join(private) or "its own words"
        yield problem(flow, node, f"A machine would be told {what}.", "Say only what anybody may hear.")
