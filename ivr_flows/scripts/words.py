"""The words of a script: languages, variables, what they give away, and what nobody may be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr_flows.lexicon import LEXICONS
from ivr_flows.proving import phrasing
from ivr_flows.proving.watching import class_of
from ivr_flows.scripts.catalogue import DISPOSITIONS, FIELDS, REASONS, TASKS
from ivr_flows.scripts.fault import Fault, fault
from ivr_flows.scripts.loading import names_in
from ivr_flows.scripts.script import End, Script, Step
from ivr_flows.templating import Line, highest
from ivr_flows.turn import Privacy


def faults(script: Script) -> Iterator[Fault]:
    """Every fault of this family."""
    for language in script.languages:
        if language not in LEXICONS:
            known = ", ".join(LEXICONS)
            yield fault(script, None, "There are no words for it.", f"Use {known}.", language=language)
    yield from _languages(script, None, "The title", script.title)
    yield from _declared(script)
    for branch in script.anywhere:
        yield from _languages(script, None, f"The label of key {branch.key} (anywhere)", branch.label)
    for place in script.places():
        yield from _place(script, place)


def _place(script: Script, place: Step | End) -> Iterator[Fault]:
    yield from _idle_languages(script, place)
    if place.say is not None:
        yield from _languages(script, place, "What is said", place.say)
        yield from _said(script, place)
    if place.note:
        yield from _languages(script, place, "The note", place.note)
    if isinstance(place, End):
        yield from _kept(script, place)
        return
    for branch in place.branches:
        yield from _languages(script, place, f"The label of key {branch.key}", branch.label)
    if place.say is None and not place.note:
        yield fault(script, place, "It has neither words nor a note.", "Write what is said, or what the agent does.")


def _languages(script: Script, place: Step | End | None, what: str, words: Mapping[str, object]) -> Iterator[Fault]:
    for language in script.languages:
        if not words.get(language):
            yield fault(script, place, f"{what} has no words.", "Write them.", language=language)


def _idle_languages(script: Script, place: Step | End) -> Iterator[Fault]:
    """Words that no call of this script is held in; what a fragment lends may speak more languages."""
    if place.lent:
        return
    for language in sorted({*(place.say or {}), *place.note} - set(script.languages)):
        remedy = "List it under languages or remove the words."
        yield fault(script, place, "It has words in a language of no use.", remedy, language=language)


def _declared(script: Script) -> Iterator[Fault]:
    used = {name for place in script.places() for name in names_in(place)}
    for name, variable in script.variables.items():
        if name not in used:
            yield fault(script, None, f"Variable {name!r} is never used.", "Use it or remove it.")
        real = class_of(name, script.variables)
        if real != variable.privacy:
            what = f"Variable {name!r} is declared {variable.privacy} and is of class {real}."
            yield fault(script, None, what, f"Write privacy: {real}.")


def _said(script: Script, place: Step | End) -> Iterator[Fault]:
    for name in sorted(names_in(place) - set(script.variables)):
        yield fault(script, place, f"Variable {name!r} is not declared.", "Declare it under variables.")
    for language, lines in (place.say or {}).items():
        for line in lines:
            yield from _slots(script, place, line, language)
        if phrase := phrasing.objection(phrasing.fixed(lines), language):
            what = f'It says "{phrase}", which nobody may be told.'
            yield fault(script, place, what, "Use other words; see phrases.yaml.", language=language)
        if not place.note and not any(_always(script, line) for line in lines):
            what = "It may be left without a word."
            yield fault(script, place, what, "Write a line without a condition, or a note.", language=language)
        yield from _given_away(script, place, language)


def _slots(script: Script, place: Step | End, line: Line, language: str) -> Iterator[Fault]:
    for slot in line.slots:
        variable = script.variables.get(slot.variable)
        if slot.filter:
            what = f"{{{slot.variable}|{slot.filter}}} has a filter, which is for the ear."
            yield fault(script, place, what, f"Write {{{slot.variable}}}: it is read.", language=language)
        if variable is not None and variable.type in ("secret", "flag"):
            what = f"{slot.variable} ({variable.type}) cannot be said."
            yield fault(script, place, what, "Use it in a condition, or not at all.", language=language)


def _always(script: Script, line: Line) -> bool:
    """Whether the line is there in every call."""
    needed = [script.variables.get(slot.variable) for slot in line.slots]
    return line.when is None and all(variable is not None and not variable.optional for variable in needed)


def _given_away(script: Script, place: Step | End, language: str) -> Iterator[Fault]:
    lines = (place.say or {}).get(language, ())
    classes = [class_of(slot.variable, script.variables) for line in lines for slot in line.slots]
    real: Privacy = highest("public", *classes)
    if highest(real, place.discloses) != place.discloses:
        what = f"Its words are of class {real}, and it is declared {place.discloses}."
        yield fault(script, place, what, f"Write discloses: {real}, or use other words.", language=language)
    betrayed = phrasing.found_in(phrasing.fixed(lines), "gives_away", language)
    if betrayed and place.discloses != "debt":
        what = f'"{betrayed}" gives a debt away, and it is declared {place.discloses}.'
        yield fault(script, place, what, "Write discloses: debt, or use other words.", language=language)
    if isinstance(place, Step) and place.machine:
        for words in filter(None, (phrasing.limited(line, language) for line in lines)):
            what = f'A machine would be told "{words}".'
            yield fault(
                script, place, what, "Use the words under limited_content in phrases.yaml.", language=language
            )


def _kept(script: Script, end: End) -> Iterator[Fault]:
    yield from _languages(script, end, "The title", end.title)
    known = (
        ("disposition", (end.disposition,), DISPOSITIONS),
        ("reason", (end.reason,) if end.reason else (), REASONS),
        ("task", (end.task,) if end.task else (), TASKS),
        ("field", end.requires, FIELDS),
    )
    for kind, words, catalogue in known:
        for word in (word for word in words if word not in catalogue):
            yield fault(script, end, f"There is no {kind} {word!r}.", f"Use one of {', '.join(catalogue)}.")
