"""One flow at one place: what was explored, what is asked for, how long words take. Shared by all properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from ivr_flows.nodes import Flow
from ivr_flows.proving.deciding import options
from ivr_flows.proving.exploring import Explored, Step
from ivr_flows.proving.requirements import Requirements
from ivr_flows.proving.telling import Violation, nodes_on_way, way_in_words
from ivr_flows.proving.timing import Times
from ivr_flows.proving.watching import UNKNOWN
from ivr_flows.turn import Json, Language


@dataclass(frozen=True)
class Case:
    """What the properties look at. `steps` are those that can happen at the place."""

    explored: Explored
    asked: Requirements
    times: Times

    @property
    def flow(self) -> Flow:
        """The flow."""
        return self.explored.flow

    def seconds(self, language: Language, text: str) -> float:
        """How long a text takes."""
        return self.times.seconds(language, text)

    @cached_property
    def steps(self) -> list[Step]:
        """The turns of calls to this place."""
        return [step for step in self.explored.steps if self._here(step)]

    def leaving(self, state: int) -> Iterator[Step]:
        """The turns that begin in a state, at this place."""
        return (step for step in self.explored.leaving.get(state, ()) if self._here(step))

    def violation(self, code: str, step: Step, what: str, remedy: str, *, node: str = "") -> Violation:
        """A violation with a shortest way to it."""
        way = way_in_words(self.explored, step)
        node = node or (step.path[-1] if step.path else "")
        path = nodes_on_way(self.explored, step)
        return Violation(code, self.flow.name, node, what, remedy, way, self.asked.place, path)

    def _here(self, step: Step) -> bool:
        country: Json = UNKNOWN
        if step.before >= 0:
            values = cast("dict[str, Json]", self.explored.states[step.before].data["vars"])
            country = values.get("country", UNKNOWN)
        country = dict(step.decided).get("country", country)
        if country == UNKNOWN or country == self.asked.country:
            return True
        return self.asked.country not in self._countries

    @cached_property
    def _countries(self) -> tuple[Json, ...]:
        return options(self.flow, "country") if "country" in self.flow.variables else ()
