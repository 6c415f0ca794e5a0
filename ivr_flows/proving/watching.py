"""A run of the engine in which values may be unknown: asked for one, it says so, and is run again for each value.

What would be said, sent and left behind is noted instead of rendered. Decides nothing about right and wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ivr_flows.conditions import Condition
from ivr_flows.proving.phrasing import fixed
from ivr_flows.running.run import Run
from ivr_flows.templating import Line, Prompt, Scope, highest
from ivr_flows.turn import DEBT_VALUES, Json, Language, Level, Part, Privacy, Speech, Value
from ivr_flows.variables import BUILT_IN, Variable

UNKNOWN = "\0"  # no value of a call is this text
Decision = tuple[str, Json]
_NEVER_KNOWN = frozenset({"position", "choice"})  # built in, and only ever words
_PUBLIC_OF_DEBT = frozenset({"debt"})
DEBT_NAMES = frozenset({*DEBT_VALUES, "amount_total", "amount_due", "debt_count"}) - _PUBLIC_OF_DEBT
IDENTITY_NAMES = frozenset({"first_name", "full_name", "check_kind", "check_value"})


class UndecidedError(Exception):
    """The engine asked for this value, which is not known yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Said:
    """Something said or sent at a node: by language, the lines that may be among it and those that certainly are.

    `level`: the one of that moment; `reached`: whether it is the one that the place asks for. `marks`: what had been
    said by then; `fixed`: the fixed words of the lines, a stroke for each variable.
    """

    node: str
    lines: Mapping[Language, tuple[Line, ...]]
    certain: Mapping[Language, tuple[Line, ...]]
    privacy: Privacy
    level: Level
    reached: bool
    marks: frozenset[str]
    fixed: Mapping[Language, str] = field(default_factory=dict)
    discloses: bool = False
    written: bool = False


@dataclass(frozen=True, slots=True)
class _Noted:
    lines: Mapping[Language, tuple[Line, ...]]
    certain: Mapping[Language, tuple[Line, ...]]
    privacy: Privacy
    fixed: Mapping[Language, str]
    discloses: bool


@dataclass(slots=True)
class Memory:
    """What one exploration knows of prompts already: the variables in each, what may be said of it."""

    names: dict[int, tuple[str, ...]] = field(default_factory=dict)
    noted: dict[tuple[object, ...], _Noted | None] = field(default_factory=dict)

    def names_of(self, prompt: Prompt) -> tuple[str, ...]:
        """The variables that a prompt or the conditions of its lines name."""
        if id(prompt) not in self.names:
            lines = [line for lines in prompt.values() for line in lines]
            found = {slot.variable for line in lines for slot in line.slots}
            found |= {name for line in lines if line.when for name in line.when.names}
            self.names[id(prompt)] = tuple(sorted(found))
        return self.names[id(prompt)]


class Data(dict[str, Json]):
    """The state's data; the debts may be unknown. `ask` is the run's."""

    ask: Callable[[str], None]

    def get(self, name: str, default: Any = None) -> Any:
        """As ever, but how many debts there are is asked for first."""
        if name == "debts" and super().get("debts") == UNKNOWN:
            self.ask("debts")
        return super().get(name, default)


class Values(Mapping[str, Value]):
    """What conditions see: each value when it is asked for."""

    def __init__(self, run: Watched) -> None:
        self._run = run

    def __getitem__(self, name: str) -> Value:
        return self._run.value(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The value, None if absent; UndecidedError if it is unknown."""
        return self._run.value(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._run.stored if self._run.knows(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class Watched(Run):
    """A run that notes what it would say. `disclosures` by language: the words that make the mark `disclosed`.

    `decided` are the values of what is unknown, in the order in which the engine asks for them; after the last one
    it is an UndecidedError.
    """

    disclosures: Mapping[Language, tuple[str, ...]] = field(default_factory=dict)
    decided: tuple[Decision, ...] = ()
    asked: int = 0
    memory: Memory = field(default_factory=lambda: Memory())
    said: list[Said] = field(default_factory=list)
    acts: list[tuple[str, bool]] = field(default_factory=list)  # of class debt: node, whether the level was reached

    @property
    def language(self) -> Language:
        """The language, or the flow's first while it does not matter."""
        return cast(str, self.data["lang"]) if self.data["lang"] else self.flow.languages[0]

    @property
    def minute(self) -> int | None:
        """The time of day; UndecidedError while it is unknown."""
        if self.data.get("minute") == UNKNOWN:
            self.ask("minute")
        return cast("int | None", self.data.get("minute"))

    def knows(self, name: str) -> bool:
        """Whether the value is known, be it that there is none."""
        if name in BUILT_IN:
            return (
                name not in _NEVER_KNOWN
                and (name != "language" or bool(self.data["lang"]))
                and (name != "minute" or self.data.get("minute") != UNKNOWN)
            )
        return self.stored.get(name) != UNKNOWN

    def value(self, name: str) -> Value:
        """The value of a variable; UndecidedError while it is unknown."""
        if not self.knows(name) and name == "debt_count" and dict.get(self.data, "debts") == UNKNOWN:
            self.ask("debts")
        if not self.knows(name):
            self.ask(name)
        need = self.data["need"]
        built_in: dict[str, Json] = {"level": self.level, "required_level": need, "language": self.language}
        if name in built_in:
            return cast(str, built_in[name])
        return self.minute if name == "minute" else Run.value(self, name)

    def ask(self, name: str) -> None:
        """Decide on what is unknown; UndecidedError when nobody has yet."""
        if self.asked == len(self.decided):
            raise UndecidedError(name)
        value = self.decided[self.asked][1]
        self.asked += 1
        match name:
            case "language":
                self.data["lang"] = value
            case "minute":
                self.data["minute"] = value
            case "debts":
                self._count(cast(int, value))
            case _:
                self.stored[name] = value
                if name == "days_past_due" and isinstance(value, int) and value <= 0 and self.data["chosen"] is None:
                    self._note_mark("nothing late")

    def _count(self, debts: int) -> None:
        names = [name for name in DEBT_VALUES if (one := self.flow.variables.get(name)) and not one.from_call]
        self.data["debts"] = [{"debt": str(n), **dict.fromkeys(names, UNKNOWN)} for n in range(debts)]
        if debts and "debt_count" in self.flow.variables:
            self.stored["debt_count"] = debts

    def scope(self) -> Scope:
        """What conditions see now."""
        if self.known is None:
            self.known = Scope(self.language, self.today, Values(self), self.flow.variables)
        return self.known

    def guard(self, privacy: Privacy) -> None:
        """Note the act instead of failing: the proof says what is wrong, with the way to it."""
        if privacy == "debt":
            self.acts.append((self._where, self.may_disclose))

    def offers(self, condition: Condition | None) -> bool:
        """Whether it may be said to be there; nothing is decided for the sake of words."""
        return self._may_hold(condition)

    def spoken(self, prompt: Prompt, privacy: Privacy, *, scope: Scope | None = None) -> Speech | None:
        """Note what may be said. The speech holds no words, only its class."""
        said = self._note(prompt, privacy, written=False)
        if said is None:
            return None
        self.said.append(said)
        if said.discloses:
            self._note_mark("disclosed")
        return Speech(self.language, (Part(""),), said.privacy)

    def text(self, prompt: Prompt) -> str:
        """Note what may be sent."""
        if said := self._note(prompt, "public", written=True):
            self.said.append(said)
        return "-"

    @property
    def _where(self) -> str:
        return self.path[-1] if self.path else cast(str, self.data.get("at") or "")

    def _note(self, prompt: Prompt, privacy: Privacy, *, written: bool) -> Said | None:
        noted = self._noted(prompt, privacy)
        if noted is None:
            return None
        marks = frozenset(cast("list[str]", self.data.get("marks") or []))
        return Said(
            self._where, noted.lines, noted.certain, noted.privacy, self.level, self.may_disclose, marks,
            noted.fixed, noted.discloses, written,
        )  # fmt: skip

    def _noted(self, prompt: Prompt, privacy: Privacy) -> _Noted | None:
        """What may be said of a prompt, looked up where it was asked before with the same things known."""
        names = self.memory.names_of(prompt)
        known = tuple(str(self._held(name)) if self.knows(name) else "?" for name in names)
        key = (id(prompt), privacy, self.data["lang"], known)
        if key not in self.memory.noted:
            self.memory.noted[key] = self._looked_at(prompt, privacy)
        return self.memory.noted[key]

    def _looked_at(self, prompt: Prompt, privacy: Privacy) -> _Noted | None:
        spoken = (self.language,) if self.data["lang"] else self.flow.languages
        lines = {each: tuple(line for line in prompt.get(each, ()) if self._may_be(line)) for each in spoken}
        if not any(lines.values()):
            return None
        certain = {each: tuple(line for line in found if self._must_be(line)) for each, found in lines.items()}
        slots = {slot.variable for found in lines.values() for line in found for slot in line.slots}
        privacy = highest(privacy, *(class_of(name, self.flow.variables) for name in slots))
        told = all(discloses(certain[each], self.disclosures.get(each, ())) for each in lines)
        words = {each: fixed(found) for each, found in lines.items()}
        return _Noted(lines, certain, privacy, words, bool(self.disclosures) and told)

    def _may_be(self, line: Line) -> bool:
        absent = any(self.knows(slot.variable) and self._held(slot.variable) is None for slot in line.slots)
        return not absent and self._may_hold(line.when)

    def _may_hold(self, condition: Condition | None) -> bool:
        return all(self._clause_holds(one) for one in _clauses(condition) if self._knows_all(one))

    def _must_be(self, line: Line) -> bool:
        there = all(self._is_there(slot.variable) for slot in line.slots)
        return there and all(self._knows_all(one) for one in _clauses(line.when))

    def _is_there(self, name: str) -> bool:
        if self.knows(name):
            return self._held(name) is not None
        variable = self.flow.variables.get(name)
        return variable is not None and not variable.optional and not variable.from_call

    def _held(self, name: str) -> Value:
        return None if name in _NEVER_KNOWN else self.value(name)

    def _knows_all(self, clause: Condition) -> bool:
        return all(self.knows(name) for name in clause.names)

    def _clause_holds(self, clause: Condition) -> bool:
        return clause.holds({name: self._held(name) for name in clause.names})

    def _note_mark(self, mark: str) -> None:
        self.data["marks"] = cast(Json, sorted({*cast("list[str]", self.data.get("marks") or []), mark}))


def discloses(lines: tuple[Line, ...], words: tuple[str, ...]) -> bool:
    """Whether these lines hold all the words; false where there are none to hold."""
    text = " ".join(line.source for line in lines).lower()
    return bool(words) and all(word.lower() in text for word in words)


def class_of(name: str, variables: Mapping[str, Variable]) -> Privacy:
    """What a variable gives away: as declared, but never less than what its name or an amount of money tells."""
    variable = variables.get(name) or BUILT_IN.get(name)
    declared: Privacy = variable.privacy if variable else "public"
    if name in DEBT_NAMES or (variable is not None and variable.type == "money"):
        return "debt"
    return highest(declared, "identity") if name in IDENTITY_NAMES else declared


def _clauses(condition: Condition | None) -> tuple[Condition, ...]:
    return tuple(Condition(condition.text, (clause,)) for clause in condition.clauses) if condition else ()
