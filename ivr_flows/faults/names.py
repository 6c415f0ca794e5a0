"""Variables: used but not declared, declared but not used, set to what they cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from ivr_flows import nodes
from ivr_flows.faults.problem import Problem, problem
from ivr_flows.nodes import Flow, Node
from ivr_flows.phrases import spoken_prompts
from ivr_flows.templating import Prompt
from ivr_flows.variables import BUILT_IN, Variable, copied_name

_DAYS = ("today", "tomorrow", "payday")


def faults(flow: Flow) -> Iterator[Problem]:
    """Every fault of this family."""
    used: set[str] = set()
    for prompt in flow.prompts.values():
        used |= _in_prompt(prompt)
    for node in flow.nodes.values():
        here = _used(node)
        used |= here
        for name in sorted((here | set(_assigned(node))) - set(flow.variables) - set(BUILT_IN)):
            yield problem(flow, node, f"Variable {name!r} is not declared.", "Declare it under variables.")
        yield from _wrong_values(flow, node)
    assigned = {name for node in flow.nodes.values() for name in _assigned(node)}
    for name, variable in flow.variables.items():
        yield from _idle(flow, variable, used=name in used, assigned=name in assigned)


def _idle(flow: Flow, variable: Variable, *, used: bool, assigned: bool) -> Iterator[Problem]:
    if not used:
        yield problem(flow, None, f"Variable {variable.name!r} is never used.", "Use it or remove it.")
    if variable.from_call and not assigned:
        yield problem(flow, None, f"Variable {variable.name!r} is never set in the call.", "Set it or remove it.")
    if assigned and not variable.from_call:
        yield problem(flow, None, f"Variable {variable.name!r} is set in the call.", "Declare it with `from: call`.")


def texts_of(node: Node) -> Iterator[Prompt]:
    """The texts of messages that a node can send."""
    if isinstance(node, nodes.Message):
        yield node.text
    if isinstance(node, nodes.Pay):
        yield from node.texts.values()


def _used(node: Node) -> set[str]:
    found: set[str] = set()
    for prompt in (*spoken_prompts(node), *texts_of(node)):
        found |= _in_prompt(prompt)
    match node:
        case nodes.Menu() | nodes.Choose() | nodes.Collect() | nodes.Transfer():
            found |= {name for key in node.keys if key.when for name in key.when.names}
        case nodes.Branch():
            found |= {name for case in node.cases for name in case.when.names}
        case nodes.Verify():
            found |= {"check_kind", "check_value"}
        case nodes.Message():
            found |= {"has_mobile"}
        case nodes.Pay():
            found |= {"has_mobile", *((node.way,) if node.way else ("payment_kind", "payment_code"))}
        case nodes.PayByCard():
            found |= {"card_open", node.amount}
        case nodes.Callback():
            found |= {node.at} if node.at else set()
        case nodes.OptOut():
            found |= {node.number} if node.number else set()
        case nodes.Promise():
            found |= {node.amount, node.on}
        case nodes.Hold():
            found |= {name for name in (node.detail, node.on) if name}
        case _:
            pass
    found |= {"agents_open"} if isinstance(node, nodes.Transfer) else set()
    return found | {name for text in _assigned(node).values() if (name := copied_name(text))}


def _in_prompt(prompt: Prompt) -> set[str]:
    lines = [line for lines in prompt.values() for line in lines]
    slots = {slot.variable for line in lines for slot in line.slots}
    return slots | {name for line in lines if line.when for name in line.when.names}


def _assigned(node: Node) -> dict[str, str]:
    """The variables that a node sets; a collected one stands with an empty text."""
    match node:
        case nodes.Menu() | nodes.Choose() | nodes.Transfer():
            return _of_keys(node)
        case nodes.Set():
            return dict(node.values)
        case nodes.Collect():
            return {**_of_keys(node), node.into: ""}
        case _:
            return {}


def _of_keys(node: nodes.Menu | nodes.Choose | nodes.Collect | nodes.Transfer) -> dict[str, str]:
    return {name: text for key in node.keys for name, text in key.values.items()}


def _wrong_values(flow: Flow, node: Node) -> Iterator[Problem]:
    for name, text in _assigned(node).items():
        variable = flow.variables.get(name)
        if variable is None or (text == "" and isinstance(node, nodes.Collect)):
            continue
        if copied := flow.variables.get(copied_name(text)):
            if copied.type != variable.type:
                yield problem(
                    flow,
                    node,
                    f"Variable {name!r} ({variable.type}) is set to {copied.name!r} ({copied.type}).",
                    "Set it to a variable of its own type.",
                )
            continue
        fits = {
            "date": text in _DAYS,
            "count": text.isascii() and text.isdigit(),
            "flag": text in ("true", "false"),
            "text": True,
        }
        if not fits.get(variable.type, False):
            yield problem(
                flow,
                node,
                f"Variable {name!r} ({variable.type}) is set to {text!r}.",
                f"Use {', '.join(_DAYS)} for a date, digits for a count, true or false for a flag.",
            )
