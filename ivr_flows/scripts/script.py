"""A script as a value: steps with words and branches, ends with what is kept. The words are filled in here.

Nothing is read or chosen here, and nothing is known of the call but the values that are handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from ivr_flows.errors import FlowError
from ivr_flows.templating import Prompt, Scope, render_text
from ivr_flows.turn import Language, Privacy, Value
from ivr_flows.variables import Variable

# What is known of the person's wish before the agent speaks: keyed in, or said in an earlier call.
Wish = Literal["pay", "promise", "paid", "dispute", "wrong_bill", "not_received", "not_approved", "no_money", "busy"]
Kind = Literal["person", "company"]
Words = Mapping[Language, str]


class ScriptStray(FlowError):
    """A step or a key was asked for that the script does not have; the page is of another revision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """One kind of situation that a script is for: every condition that is set must hold.

    `days`: days past due from and to (None: without end), negative before the due date. `attempts`: which try of the
    contact, from 1. `steps`: of the collection ladder. `machine`: for words on a machine, and for nothing else.
    """

    machine: bool = False
    wishes: tuple[Wish, ...] = ()
    promise_broken: bool = False
    debt_kinds: tuple[str, ...] = ()
    person: Kind | None = None
    flows: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    days: tuple[int | None, int | None] | None = None
    attempts: tuple[int, int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What the other side says, as the agent reads it, and where it leads. `confirms`: it is known now who speaks."""

    key: str
    label: Words
    to: str
    confirms: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a step and an end share. `note` is for the agent's eyes and never said; `discloses` is of the words.

    `source` and `line` name the file where it is written; `lent`: a fragment's.
    """

    name: str
    say: Prompt | None = None
    note: Words = field(default_factory=dict)
    discloses: Privacy = "public"
    source: str = ""
    line: int = 0
    lent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Place):
    """Words, and the branches on the keys 1 to 9. `anywhere`: the script's common branches are there besides.

    `machine`: the words are left on a machine, which may be played to anybody.
    """

    branches: tuple[Branch, ...]
    anywhere: bool = True
    machine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Place):
    """How a call ends: its disposition, a reason, the fields to be filled before, the kind of task that follows."""

    title: Words
    disposition: str
    reason: str = ""
    requires: tuple[str, ...] = ()
    task: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as loaded. `revision` is a hash of all that it was read from, to be kept with every step taken.

    `start` is for somebody who may be anybody, `start_known` for a caller whose identity is established (empty: the
    same). `anywhere` are branches that steps have besides their own.
    """

    name: str
    number: str
    title: Words
    languages: tuple[Language, ...]
    revision: str
    fits: tuple[Fits, ...]
    variables: Mapping[str, Variable]
    steps: Mapping[str, Step]
    ends: Mapping[str, End]
    start: str
    start_known: str = ""
    anywhere: tuple[Branch, ...] = ()
    source: str = ""

    def first(self, *, known: bool) -> Step:
        """Where a call begins; `known`: the identity is established already."""
        return self.step((known and self.start_known) or self.start)

    def step(self, name: str) -> Step:
        """A step by its name; ScriptStray if there is none."""
        if name in self.steps:
            return self.steps[name]
        raise ScriptStray(f"Script {self.name} has no step {name!r}; load the page again.")

    def at(self, name: str) -> Step | End:
        """A step or an end by its name; ScriptStray if there is none."""
        return self.ends[name] if name in self.ends else self.step(name)

    def places(self) -> Iterator[Step | End]:
        """Every step, then every end."""
        yield from self.steps.values()
        yield from self.ends.values()

    def branches(self, step: Step) -> tuple[Branch, ...]:
        """All the branches of a step, by their keys: its own, and those that are there anywhere."""
        common = self.anywhere if step.anywhere else ()
        return tuple(sorted((*step.branches, *common), key=lambda each: each.key))

    def follow(self, step: str, key: str) -> Step | End:
        """Where a key leads from a step; ScriptStray for a key that is none there."""
        for branch in self.branches(self.step(step)):
            if branch.key == key:
                return self.at(branch.to)
        raise ScriptStray(f"Key {key!r} leads nowhere from step {step!r} of script {self.name}; take another.")

    def tongue(self, language: Language) -> Language:
        """The script's language for a person: the very one, else one of the same tongue, else the script's first."""
        tongue = language.partition("-")[0]
        near = [each for each in self.languages if each.partition("-")[0] == tongue]
        return language if language in self.languages else (*near, self.languages[0])[0]

    def filled(self, place: Step | End, language: Language, values: Mapping[str, Value]) -> str:
        """What is said there, for the eye: R$ 10,00 and 31/12/2026 as the language writes them; may be empty.

        A line whose variable has no value is left out. Names that the script does not declare are not looked at.
        """
        if place.say is None:
            return ""
        known = {name: value for name, value in values.items() if name in self.variables}
        scope = Scope(self.tongue(language), date.min, known, self.variables)  # written dates need no today
        return render_text(place.say, scope)[0]

    def lacking(self, values: Mapping[str, Value]) -> tuple[str, ...]:
        """The variables without a value that the script cannot do without."""
        return tuple(name for name, each in self.variables.items() if not each.optional and values.get(name) is None)
