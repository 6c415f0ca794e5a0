"""Prompts: templates per language over declared variables, rendered to speech in words or to the text of a message.

`{first_name|name}` puts a variable through a filter. A line whose optional variable nobody supplied is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

from ivr_flows import hours, slips, wording
from ivr_flows.conditions import Condition
from ivr_flows.errors import FlowFailed
from ivr_flows.turn import Language, Money, Part, PartKind, Privacy, Speech, Value
from ivr_flows.variables import BUILT_IN, Variable, VariableType

_SLOT = re.compile(r"\{([^{}]*)\}")
_TAIL = re.compile(r"\s*[.,;:!?…]+")
_RANK: dict[Privacy, int] = {"public": 0, "identity": 1, "debt": 2}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a variable. `tail` is the punctuation right after it, spoken with it."""

    variable: str
    filter: str = ""
    arguments: tuple[str, ...] = ()
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a prompt: fixed phrases and slots in order (`words` and `slots` are each by themselves), said when
    its condition holds. `always`: it has none, and nothing that may be absent."""

    source: str
    pieces: tuple[Part | Slot, ...]
    slots: tuple[Slot, ...]
    words: tuple[Part, ...]
    when: Condition | None = None
    always: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "always", self.when is None and not self.slots)


Prompt = Mapping[Language, tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a template may see: the values, how they were declared, the language and the day of the call."""

    language: Language
    today: date
    values: Mapping[str, Value]
    variables: Mapping[str, Variable]


def parse_line(source: str, when: Condition | None = None) -> Line:
    """Read one template line; ValueError says what is wrong with it."""
    pieces: list[Part | Slot] = []
    at = 0
    for found in _SLOT.finditer(source):
        _add_phrase(pieces, source[at : found.start()])
        tail = _TAIL.match(source, found.end())
        pieces.append(_slot(found[1], tail.group() if tail else ""))
        at = tail.end() if tail else found.end()
    _add_phrase(pieces, source[at:])
    slots = tuple(piece for piece in pieces if isinstance(piece, Slot))
    words = tuple(piece for piece in pieces if isinstance(piece, Part))
    return Line(source, tuple(pieces), slots, words, when)


def _add_phrase(pieces: list[Part | Slot], text: str) -> None:
    if "{" in text or "}" in text:
        raise ValueError(f"A brace stands alone in {text.strip()!r}; write variables as {{name}} or {{name|filter}}.")
    if phrase := " ".join(text.split()):
        pieces.append(Part(phrase))


def _slot(text: str, tail: str) -> Slot:
    name, _, rest = text.partition("|")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name.strip()):
        raise ValueError(f"{{{text}}} names no variable; write {{name}} or {{name|filter}}.")
    filter_name, *arguments = rest.split(":")
    return Slot(name.strip(), filter_name.strip(), tuple(arguments), tail)


Render = Callable[[Value, Slot, Scope], str]


@dataclass(frozen=True, slots=True)
class Filter:
    """How a value of some types becomes words, and what kind of part they are."""

    kind: PartKind
    types: tuple[VariableType, ...]
    render: Render


def _choose(value: Value, slot: Slot, scope: Scope) -> str:
    assert isinstance(value, int)
    one, many = slot.arguments
    return one if wording.is_one(value, scope.language) else many


def _count(value: Value, slot: Slot, scope: Scope) -> str:
    assert isinstance(value, int)
    return wording.cardinal(value, scope.language, feminine="feminine" in slot.arguments)


def _amount(value: Value, _slot: Slot, scope: Scope) -> str:
    assert isinstance(value, Money)
    return wording.amount(value, scope.language)


def _date(value: Value, _slot: Slot, scope: Scope) -> str:
    assert isinstance(value, date)
    return wording.calendar_day(value, scope.language, today=scope.today)


def _day(value: Value, _slot: Slot, scope: Scope) -> str:
    assert isinstance(value, date)
    return wording.weekday_and_day(value, scope.language, today=scope.today)


def _clock(value: Value, _slot: Slot, scope: Scope) -> str:
    assert isinstance(value, int)
    return hours.time_of_day(value, scope.language)


def _text_filter(speak: Callable[[str, Language], str]) -> Render:
    return lambda value, slot, scope: speak(str(value), scope.language)


FILTERS: dict[str, Filter] = {
    "name": Filter("name", ("text",), _text_filter(wording.proper_name)),
    "site": Filter("name", ("text",), _text_filter(wording.web_address)),
    "phone": Filter("digits", ("text",), _text_filter(wording.phone_number)),
    "code": Filter("digits", ("text",), _text_filter(wording.digit_by_digit)),
    "slip": Filter("digits", ("text",), _text_filter(slips.slip_number)),
    "part": Filter("number", ("text",), _text_filter(slips.instalment)),
    "amount": Filter("amount", ("money",), _amount),
    "date": Filter("date", ("date",), _date),
    "day": Filter("date", ("date",), _day),
    "count": Filter("number", ("count",), _count),
    "clock": Filter("number", ("count",), _clock),
    "choose": Filter("phrase", ("count",), _choose),
}
_BY_TYPE: dict[VariableType, str] = {"text": "name", "money": "amount", "date": "date", "count": "count"}


def filter_of(slot: Slot, variable: Variable) -> Filter | None:
    """The filter that a slot names, or the usual one of the variable's type; None if there is none such."""
    return FILTERS.get(slot.filter or _BY_TYPE.get(variable.type, ""))


def render(prompt: Prompt, scope: Scope, *, privacy: Privacy = "public") -> Speech | None:
    """One utterance in words, or None when no line applies. `privacy` is what the fixed words give away."""
    parts: list[Part] = []
    for line in _of_language(prompt, scope):
        if not (line.always or _applies(line, scope.values)):
            continue
        if line.slots:
            parts += [spoken_slot(piece, scope) if isinstance(piece, Slot) else piece for piece in line.pieces]
            for slot in line.slots:
                privacy = highest(privacy, _declared(slot, scope).privacy)
        else:  # most lines are the same for everybody
            parts += line.words
    return Speech(scope.language, tuple(parts), privacy) if parts else None


def highest(*classes: Privacy) -> Privacy:
    """The most private of the classes."""
    return max(classes, key=_RANK.__getitem__)


def _of_language(prompt: Prompt, scope: Scope) -> tuple[Line, ...]:
    lines = prompt.get(scope.language)
    if lines is None:
        raise FlowFailed(f"A prompt has no words in {scope.language}; add them to the flow.")
    return lines


def _applies(line: Line, values: Mapping[str, Value]) -> bool:
    if line.when is not None and not line.when.holds(values):
        return False
    for slot in line.slots:  # noqa: SIM110 - a third of the time of all(), in what every turn does most
        if values.get(slot.variable) is None:
            return False
    return True


def _declared(slot: Slot, scope: Scope) -> Variable:
    variable = scope.variables.get(slot.variable) or BUILT_IN.get(slot.variable)
    if variable is None:
        raise FlowFailed(f"A prompt uses {slot.variable}, which the flow does not declare; declare it.")
    return variable


def spoken_slot(slot: Slot, scope: Scope) -> Part:
    """A slot's value in words. FlowFailed when the variable is not declared or the filter does not fit it."""
    variable = _declared(slot, scope)
    chosen = filter_of(slot, variable)
    if chosen is None or variable.type not in chosen.types:
        raise FlowFailed(f"Filter {slot.filter!r} does not fit {slot.variable} ({variable.type}); use another.")
    return Part(chosen.render(scope.values[slot.variable], slot, scope) + slot.tail, chosen.kind)


def render_text(prompt: Prompt, scope: Scope) -> tuple[str, Privacy]:
    """The text of a message as people write it (R$ 10,00 and 31/12/2026), and the class it discloses."""
    said: list[str] = []
    privacy: Privacy = "public"
    for line in _of_language(prompt, scope):
        if not _applies(line, scope.values):
            continue
        said.append(_SLOT.sub(lambda found: _written(found[1], scope), line.source))
        privacy = highest(privacy, *(_declared(slot, scope).privacy for slot in line.slots))
    return " ".join(said), privacy


def _written(slot: str, scope: Scope) -> str:
    words = wording.lexicon(scope.language)
    name = slot.partition("|")[0].strip()
    if _declared(Slot(name), scope).type == "secret":
        raise FlowFailed(f"A message uses {name}, which is secret and never sent; take it out of the text.")
    value = scope.values.get(name)
    if isinstance(value, Money):
        shown = format_currency(Decimal(value.minor).scaleb(-2), value.currency, locale=words.locale)
        return shown.replace("\u00a0", " ").replace("\u202f", " ")
    if isinstance(value, date):
        return format_date(value, words.date_format, locale=words.locale)
    return str(value)


def fixed_phrases(prompt: Prompt, language: Language) -> set[str]:
    """Every fixed phrase that the prompt can render in a language, exactly as the parts carry it."""
    found: set[str] = set()
    for line in prompt.get(language, ()):
        for piece in line.pieces:
            if isinstance(piece, Part):
                found.add(piece.text)
            elif piece.filter == "choose":
                found |= {option + piece.tail for option in piece.arguments}
    return found
