"""Where branches lead: dead ends, circles, steps nobody comes to, and what is told before it is known who speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from ivr_flows.scripts.fault import Fault, fault
from ivr_flows.scripts.script import Branch, End, Script, Step
from ivr_flows.turn import Language, Value

Disclosures = Mapping[Language, tuple[str, ...]]
Leads = Callable[[Step, Branch], bool]
# How a call stands where the disclosures of the United States are due: a late debt of a person there.
_DUE: Mapping[str, Value] = {"country": "US", "days_past_due": 30}


def faults(script: Script) -> Iterator[Fault]:
    """Every fault of this family, but for the disclosures."""
    yield from _keys(script)
    yield from _unreached(script)
    yield from _endless(script)
    yield from _circles(script)
    yield from _told_too_early(script)


def undisclosed(script: Script, words: Disclosures) -> Iterator[Fault]:
    """Details of a person's debt that come before the words which the law wants said first, in each language.

    A debt of a company is no consumer's debt (15 USC 1692a(5)), so a script for companies only is not asked.
    """
    if all(fits.person == "company" for fits in script.fits):
        return
    for language in (each for each in script.languages if words.get(each)):
        wanted = words[language]
        heard = {step.name for step in script.steps.values() if _says(step, language, wanted)}
        for place in _first_details(script, partial(_not_yet, heard), known=True):
            if place.name not in heard:
                what = f"A debt is spoken of before the disclosures that the law asks for ({', '.join(wanted)})."
                yield fault(script, place, what, "Say them in a step before it.", language=language)


def _not_yet(heard: set[str], step: Step, _branch: Branch) -> bool:
    return step.name not in heard


def _says(step: Step, language: Language, wanted: tuple[str, ...]) -> bool:
    lines = (step.say or {}).get(language, ())
    text = " ".join(line.source for line in lines if line.when is None or line.when.holds(_DUE)).lower()
    return all(word.lower() in text for word in wanted)


def _keys(script: Script) -> Iterator[Fault]:
    common = {branch.key for branch in script.anywhere}
    for step in script.steps.values():
        if not step.branches:
            yield fault(script, step, "It has no branch.", "Write under keys what the other side may say.")
        for branch in step.branches:
            if step.anywhere and branch.key in common:
                what = f"Key {branch.key} is there twice: it is one of those that lead on from anywhere."
                yield fault(script, step, what, "Take another key, or write anywhere: false.")


def _unreached(script: Script) -> Iterator[Fault]:
    reached = _reached(script, lambda _step, _branch: True, known=True)
    for place in script.places():
        if place.name not in reached:
            yield fault(script, place, "Nothing leads here.", "Lead a branch to it or remove it.")


def _endless(script: Script) -> Iterator[Fault]:
    """Steps from which no way leads to an end."""
    ending = set(script.ends)
    more = True
    while more:
        found = {
            step.name
            for step in script.steps.values()
            if step.name not in ending and any(branch.to in ending for branch in script.branches(step))
        }
        ending |= found
        more = bool(found)
    for step in script.steps.values():
        if step.name not in ending:
            yield fault(script, step, "No way leads from here to an end.", "Lead a branch to an end.")


def _circles(script: Script) -> Iterator[Fault]:
    """Circles on which nobody decides: each of their steps has one branch."""
    only = {step.name: step.branches[0].to for step in script.steps.values() if len(step.branches) == 1}
    for name in only:
        seen: set[str] = set()
        at = only[name]
        while at in only and at not in seen and at != name:
            seen.add(at)
            at = only[at]
        if at == name:
            what = "The script comes back here without a choice of the agent."
            yield fault(script, script.step(name), what, "Give a step of the circle another branch.")


def _told_too_early(script: Script) -> Iterator[Fault]:
    for place in _first_details(script, lambda _step, branch: not branch.confirms, known=False):
        what = "A debt is spoken of before it is known who speaks."
        yield fault(script, place, what, "Lead to it only through a branch with confirms: true.")


def _first_details(script: Script, leads: Leads, *, known: bool) -> Iterator[Step | End]:
    """The places of class debt that a call comes to first by these branches; what lies behind them is not told of."""
    reached = _reached(script, lambda step, branch: step.discloses != "debt" and leads(step, branch), known=known)
    for name in sorted(reached):
        if script.at(name).discloses == "debt":
            yield script.at(name)


def _reached(script: Script, leads: Leads, *, known: bool) -> set[str]:
    """The steps and ends that a call can come to by the branches that lead on; `known`: from the other start too."""
    seen: set[str] = set()
    ahead = {script.start, *((script.start_known,) if known and script.start_known else ())}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        place: Step | End = script.at(name)
        if isinstance(place, Step):
            ahead |= {branch.to for branch in script.branches(place) if leads(place, branch)} - seen
    return seen
