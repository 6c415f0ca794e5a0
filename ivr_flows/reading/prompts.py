"""Reading prompts, conditions, exits and variables out of marked YAML."""

from __future__ import annotations

from typing import get_args

from ivr_flows.conditions import Condition, parse_condition
from ivr_flows.reading.marked import Marked
from ivr_flows.templating import Line, Prompt, parse_line
from ivr_flows.turn import Privacy
from ivr_flows.variables import TYPES, Variable

PRIVACY: tuple[Privacy, ...] = get_args(Privacy)


def read_prompt(value: Marked) -> Prompt:
    """A prompt: for each language a text, or a list of texts and {when, say} lines."""
    return {language: _lines(lines) for language, lines in value.entries().items()}


def _lines(value: Marked) -> tuple[Line, ...]:
    if value.is_text():
        return (_line(value, None),)
    return tuple(_listed_line(item) for item in value.each())


def _listed_line(item: Marked) -> Line:
    if item.is_text():
        return _line(item, None)
    fields = item.fields({"when", "say"}, required=("say",))
    return _line(fields["say"], read_condition(fields["when"]) if "when" in fields else None)


def _line(value: Marked, when: Condition | None) -> Line:
    try:
        return parse_line(value.text(), when)
    except ValueError as error:
        value.fail(str(error))


def read_prompts(value: Marked) -> dict[str, Prompt]:
    """Prompts by name."""
    return {name: read_prompt(prompt) for name, prompt in value.entries().items()}


def read_condition(value: Marked) -> Condition:
    """A condition."""
    try:
        return parse_condition(value.text())
    except ValueError as error:
        value.fail(str(error))


def read_texts(value: Marked) -> dict[str, str]:
    """Plain name to text: exits, assignments."""
    return {name: text.text() for name, text in value.entries().items()}


def read_variables(value: Marked) -> dict[str, Variable]:
    """The declarations of variables."""
    return {name: _variable(name, fields) for name, fields in value.entries().items()}


def _variable(name: str, value: Marked) -> Variable:
    fields = value.fields({"type", "privacy", "optional", "from"}, required=("type", "privacy"))
    return Variable(
        name=name,
        type=fields["type"].one_of(TYPES),
        privacy=fields["privacy"].one_of(PRIVACY),
        optional="optional" in fields and fields["optional"].flag(),
        from_call="from" in fields and fields["from"].one_of(("call", "list")) == "call",
    )
