"""All the states that calls on a flow can come to, and every turn between them, breadth first: the first way found
to a turn is a shortest one. The turns are the engine's own; here they are only begun and kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Answered
from ivr_flows.nodes import Asking, Choose, Flow
from ivr_flows.proving.deciding import TODAY, options
from ivr_flows.proving.happening import Happening, beginnings, happenings
from ivr_flows.proving.lasting import lasting
from ivr_flows.proving.watching import UNKNOWN, Data, Decision, Memory, Said, UndecidedError, Watched
from ivr_flows.turn import Effect, End, Json, Language, Level, State, Turn, Wait

MAX_STATES = 200_000  # a flow of the library has some thousands; beyond it a flow is not proven
_KEPT = ("country",)  # decided once, it holds for the whole call and tells the places apart


@dataclass(frozen=True, slots=True)
class Step:
    """One turn. `before` and `after` are numbers of states (-1: none); `decided` is what turned out on the way."""

    before: int
    after: int
    happening: Happening
    decided: tuple[Decision, ...]
    path: tuple[str, ...]
    said: tuple[Said, ...]
    acts: tuple[tuple[str, bool], ...]
    effects: tuple[Effect, ...]
    wait: Wait | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Explored:
    """All states (what was known in each) and all turns. `first` is the turn by which a state was first come to."""

    flow: Flow
    states: list[State]
    steps: list[Step]
    first: list[int]
    complete: bool = True
    leaving: Mapping[int, list[Step]] = field(default_factory=dict)


@dataclass(slots=True)
class _Exploration:
    flow: Flow
    disclosures: Mapping[Language, tuple[str, ...]]
    kept: Mapping[str, frozenset[str]]
    choices: dict[str, tuple[Json, ...]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    numbers: dict[object, int] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    ahead: deque[int] = field(default_factory=deque)

    def beginning(self, level: Level) -> None:
        """Every way in which a call begins."""
        start = State(self.flow.name, self.flow.revision, self.flow.start, _unknown(self.flow, level))
        for happening in beginnings():
            self.take(-1, start, happening)

    def take(self, before: int, state: State, happening: Happening) -> None:
        """The event in this state, once for each value that the engine turns out to ask for."""
        open_: list[tuple[Decision, ...]] = [()]
        while open_:
            decided = open_.pop()
            run = self._run(state, happening, decided)
            try:
                step = _stepped(run, before, state, happening, decided)
            except UndecidedError as asked:
                open_ += [(*decided, (asked.name, one)) for one in reversed(self._options(asked.name))]
                continue
            if step is not None:
                self._keep(*step)

    def _options(self, name: str) -> tuple[Json, ...]:
        if name not in self.choices:
            self.choices[name] = options(self.flow, name)
        return self.choices[name]

    def _run(self, state: State, happening: Happening, decided: tuple[Decision, ...]) -> Watched:
        values = cast("dict[str, Json]", state.data["vars"])
        data = Data({**state.data, **happening.given, "vars": {**values}, "turns": 0, "at": state.node})
        run = Watched(self.flow, data, disclosures=self.disclosures, decided=decided, memory=self.memory)
        data.ask = run.ask
        return run

    def _keep(self, step: Step, turn: Turn | None) -> None:
        after = -1
        if turn is not None and not isinstance(turn.wait, End):
            state = self._abstract(turn.state)
            after = self._number(state)
        self.steps.append(_led_to(step, after))
        if after == len(self.first):
            self.first.append(len(self.steps) - 1)

    def _number(self, state: State) -> int:
        data = state.data
        values = cast("dict[str, Json]", data["vars"])
        known = tuple(sorted((name, repr(value)) for name, value in values.items() if value != UNKNOWN))
        owed = data["debts"] if data["debts"] == UNKNOWN else len(cast("list[Json]", data["debts"]))
        rest = (data["lang"], data["level"], repr(data["minute"]), data["tries"], data["page"], data.get("pressed"))
        key = (state.node, known, repr(owed), rest, tuple(cast("list[str]", data.get("marks") or [])))
        if key not in self.numbers:
            self.numbers[key] = len(self.states)
            self.states.append(state)
            self.ahead.append(self.numbers[key])
        return self.numbers[key]

    def _abstract(self, state: State) -> State:
        """The state without what makes no difference any more."""
        node = self.flow.nodes[state.node]
        values = cast("dict[str, Json]", state.data["vars"])
        kept = self.kept[state.node].union(_KEPT)
        data: dict[str, Json] = {
            **state.data,
            "vars": {name: value if name in kept else UNKNOWN for name, value in values.items()},
            "turns": 0,
            "repeats": 0,
            "tries": state.data.get("tries", 0) if isinstance(node, Asking) else 0,
            "page": state.data.get("page", 0) if isinstance(node, Choose) else 0,
            "queue": None,
            "chosen": None,
            "outcome": None,
            "path": [],
        }
        if not isinstance(node, Choose):
            data["debts"] = UNKNOWN
        data["lang"] = ""
        if "minute" not in kept:
            data["minute"] = UNKNOWN
        return State(state.flow, state.revision, state.node, data)


def explore(
    flow: Flow, level: Level = "checked", disclosures: Mapping[Language, tuple[str, ...]] | None = None
) -> Explored:
    """Everything that can happen in calls on this flow, where `level` is needed before a debt is spoken of."""
    found = _Exploration(flow, disclosures or {}, lasting(flow))
    found.beginning(level)
    while found.ahead and len(found.states) <= MAX_STATES:
        number = found.ahead.popleft()
        state = found.states[number]
        pressed = bool(state.data.get("pressed"))
        for happening in happenings(flow, flow.nodes[state.node], pressed=pressed):
            if happening.sort == "idle" or not state.data["tries"]:  # tries count only when a question was missed
                found.take(number, state, happening)
    leaving: dict[int, list[Step]] = {}
    for step in found.steps:
        leaving.setdefault(step.before, []).append(step)
    return Explored(flow, found.states, found.steps, found.first, not found.ahead, leaving)


def way_to(explored: Explored, step: Step) -> Iterator[Step]:
    """The turns of a shortest call that ends with this one."""
    way = [step]
    while way[-1].before >= 0:
        way.append(explored.steps[explored.first[way[-1].before]])
    yield from reversed(way)


def _unknown(flow: Flow, level: Level) -> dict[str, Json]:
    """What is known when a call begins: nothing but the level that is needed and the day."""
    values: dict[str, Json] = {name: UNKNOWN for name, one in flow.variables.items() if not one.from_call}
    values |= {name: None for name, one in flow.variables.items() if one.from_call}
    return {
        "lang": "",
        "level": "none",
        "need": level,
        "today": TODAY.isoformat(),
        "minute": UNKNOWN,
        "vars": cast(Json, values),
        "debts": UNKNOWN,
        "chosen": None,
        "marks": [],
    }


def _stepped(
    run: Watched, before: int, state: State, happening: Happening, decided: tuple[Decision, ...]
) -> tuple[Step, Turn | None] | None:
    """The turn that the engine makes of it; None when the event does not belong here."""
    turn, failed = None, ""
    try:
        if before < 0:
            turn = engine.begin(run, cast(Answered, happening.event))
        else:
            turn = engine.proceed(run, state, happening.event)
    except InputRefused:
        return None
    except FlowFailed as fault:
        failed = str(fault)
    said, acts = tuple(run.said), tuple(run.acts)
    effects, wait = (turn.effects, turn.wait) if turn else ((), None)
    return Step(before, -1, happening, decided, tuple(run.path), said, acts, effects, wait, failed), turn


def _led_to(step: Step, after: int) -> Step:
    return Step(
        step.before, after, step.happening, step.decided, step.path, step.said, step.acts, step.effects, step.wait,
        step.failed,
    )  # fmt: skip
