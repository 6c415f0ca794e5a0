"""One turn in the making: the state's data, what is said, what must be committed. Guards what may be disclosed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ivr_flows.conditions import Condition
from ivr_flows.errors import FlowFailed
from ivr_flows.nodes import Flow, Spoken
from ivr_flows.running.days import next_payday
from ivr_flows.running.outcomes import stronger
from ivr_flows.templating import Prompt, Scope, render, render_text
from ivr_flows.turn import RANKS, Effect, Json, Language, Level, LevelReached, Privacy, Speech, Value
from ivr_flows.variables import PLAIN, Variable, copied_name, from_json, reaches, to_json


@dataclass(slots=True)
class Run:
    """Scratch of one turn. `data` is the state's JSON: lang, level, need, today, minute, vars, debts, chosen, page,
    turns, tries, repeats, pressed, outcome, queue, path, ended."""

    flow: Flow
    data: dict[str, Any]
    speech: list[Speech] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    known: Scope | None = None  # what templates see, until something changes

    @property
    def language(self) -> Language:
        """The language of the call."""
        known: Language = self.data["lang"]
        return known

    @property
    def today(self) -> date:
        """The date at the person's place when the call began."""
        return date.fromisoformat(self.data["today"])

    @property
    def level(self) -> Level:
        """The identity level reached."""
        known: Level = self.data["level"]
        return known

    @property
    def may_disclose(self) -> bool:
        """Whether the level reached is the one needed for what is of class debt."""
        data = self.data
        return RANKS[data["level"]] >= RANKS[data["need"]]

    @property
    def stored(self) -> dict[str, Json]:
        """The values of variables in their JSON form."""
        values: dict[str, Json] = self.data["vars"]
        return values

    def count(self, name: str, more: int = 0) -> int:
        """A counter of the state, after adding to it."""
        counted: int = self.data.get(name, 0) + more
        self.data[name] = counted
        return counted

    @property
    def minute(self) -> int | None:
        """The time of day at the person's place when the call began, in minutes; None if it is not known."""
        known: int | None = self.data.get("minute")
        return known

    def value(self, name: str) -> Value:
        """The value of a variable, None if absent."""
        return from_json(self.stored.get(name))

    def values(self) -> Mapping[str, Value]:
        """All values that conditions and prompts may ask for, the built-in ones included."""
        return self.scope().values

    def holds(self, condition: Condition | None) -> bool:
        """Whether a condition holds now; none always does."""
        return condition is None or condition.holds(self.values())

    def offers(self, condition: Condition | None) -> bool:
        """Whether what has this condition is said to be there."""
        return self.holds(condition)

    def say(self, prompt: Prompt | None, privacy: Privacy, *, scope: Scope | None = None) -> None:
        """Render and add one utterance; FlowFailed rather than a word of class debt below the needed level.

        With a `scope`, by its values instead of the call's.
        """
        if prompt is not None and (spoken := self.spoken(prompt, privacy, scope=scope)):
            self.speech.append(spoken)

    def spoken(self, prompt: Prompt, privacy: Privacy, *, scope: Scope | None = None) -> Speech | None:
        """Render one utterance under the guard, without saying it; None when none of its lines holds."""
        spoken = render(prompt, scope or self.known or self.scope(), privacy=privacy)
        if spoken and spoken.privacy == "debt":
            self.guard("debt")
        return spoken

    def text(self, prompt: Prompt) -> str:
        """The text of a message, under the same guard."""
        text, privacy = render_text(prompt, self.scope())
        self.guard(privacy)
        if not text:
            raise FlowFailed(
                f"{self.flow.name}: the message of {self.path[-1]} is empty; give it a line that always holds."
            )
        return text

    def guard(self, privacy: Privacy) -> None:
        """Fail the session before anything about a debt leaves it below the needed level (I8)."""
        if privacy == "debt" and not self.may_disclose:
            where = self.path[-1] if self.path else "a prompt"
            raise FlowFailed(
                f"{self.flow.name}: {where} would disclose a debt at level {self.level!r}; put a check before it."
            )

    def raise_level(self, level: Level) -> None:
        """Note a higher identity level; never lowers it."""
        if not reaches(self.level, level):
            self.data["level"] = level
            self.changed()
            self.effects.append(LevelReached(level))

    def reach(self, outcome: str) -> None:
        """Note an outcome; the strongest is the call's."""
        self.data["outcome"] = stronger(self.data.get("outcome"), outcome)

    def store(self, name: str, value: Value) -> None:
        """Set a declared variable."""
        if name not in self.flow.variables:
            raise FlowFailed(f"{self.flow.name} sets {name}, which it does not declare; declare it.")
        self.stored[name] = to_json(value)
        self.changed()

    def assign(self, values: Mapping[str, str]) -> None:
        """Set variables from the flow's own words: today, tomorrow, payday for dates; `{name}` is that variable's
        value; literals else."""
        for name, text in values.items():
            variable = self.flow.variables.get(name)
            copied = copied_name(text)
            literal = self._literal(text, variable) if variable and not copied else None
            self.store(name, self.value(copied) if copied else literal)

    def _literal(self, text: str, variable: Variable) -> Value:
        if variable.type == "date":
            days = {"today": self.today, "tomorrow": self.today + timedelta(days=1)}
            return days.get(text) or next_payday(self.today, self.language)
        if variable.type == "count":
            return int(text)
        return text == "true" if variable.type == "flag" else text

    def leave(self, node: Spoken, name: str) -> str:
        """The node behind an exit; FlowFailed if the flow has none."""
        target = self.flow.exit_of(node, name)
        if target is None:
            raise FlowFailed(f"{self.flow.name}: node {node.name} has no exit {name!r}; run the flow checker.")
        return target

    def changed(self) -> None:
        """Forget what templates saw: a value, the level or the place in the queue is another now."""
        self.known = None

    def scope(self) -> Scope:
        """What prompts and conditions see now."""
        if self.known is None:
            queue = self.data.get("queue")
            values = {
                name: value if isinstance(value, PLAIN) else from_json(value) for name, value in self.stored.items()
            }
            values["level"] = self.level
            values["required_level"] = self.data["need"]
            values["language"] = self.language
            values["position"] = queue[0] if queue else None
            values["minute"] = self.minute
            self.known = Scope(self.language, self.today, values, self.flow.variables)
        return self.known
