"""Proving a flow for places: the properties F1 to F14, over every state that its calls can come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from ivr_flows.nodes import Flow
from ivr_flows.proving import beginning, disclosing, ending, machines, stopping, wording
from ivr_flows.proving.case import Case
from ivr_flows.proving.exploring import MAX_STATES, Explored, explore
from ivr_flows.proving.requirements import Requirements
from ivr_flows.proving.telling import Violation
from ivr_flows.proving.timing import Seconds, Times, estimated

PROPERTIES: dict[str, str] = {
    "F1": "nothing gives a debt away before the level is reached",
    "F2": "who calls comes first, in time",
    "F3": "two keys stop the calls from everywhere, kept before confirmed",
    "F4": "a machine hears what is allowed, or nothing",
    "F5": "whatever happens at a wait leads on",
    "F6": "every call ends, in time",
    "F7": "every variable is declared, typed and classed",
    "F8": "every prompt has words in every language",
    "F9": "recordings are announced and hold no secret",
    "F10": "who waits for an agent is never dropped",
    "F11": "a stranger hears an apology and nothing else",
    "F12": "nothing threatens or misleads",
    "F13": "every node can be reached",
    "F14": "what the law wants said comes before details",
}
_OF_CALLS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    disclosing.nothing_too_early,
    beginning.who_calls_first,
    stopping.stop_within_reach,
    machines.machines_hear_little,
    ending.every_way_goes_on,
    ending.ends_in_time,
    beginning.recorded_with_notice,
    stopping.strangers_are_let_go,
    disclosing.disclosed_first,
)
_OF_WORDS: tuple[Callable[[Flow], Iterator[Violation]], ...] = (
    wording.declared_as_they_are,
    wording.words_in_every_language,
    wording.nothing_unfair,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it. `states` and `turns` are all that were looked at; `unattended_seconds`: the longest that a
    call goes on without a key that leads on. No violation: the flow is proven for these places."""

    flow: str
    revision: str
    places: tuple[str, ...]
    states: int
    turns: int
    unattended_seconds: float
    violations: tuple[Violation, ...]

    @property
    def proven(self) -> bool:
        """Whether calls may be made with it."""
        return not self.violations


def prove(flow: Flow, places: Sequence[Requirements], *, seconds: Seconds = estimated) -> Proof:
    """Look at every state of the flow's calls, for each place; the shortest way to each violation."""
    times: dict[object, Times] = {}
    found: list[Violation] = list(chain.from_iterable(each(flow) for each in _OF_WORDS))
    disclosures = next((asked.disclosures for asked in places if asked.disclosures), {})
    for asked in places:
        wanted = asked.disclosures or disclosures
        key = (asked.level, tuple(sorted(wanted.items())))
        if key not in times:
            times[key] = Times(explore(flow, asked.level, wanted), seconds)
        case = Case(times[key].explored, asked, times[key])
        found += chain.from_iterable(each(case) for each in _OF_CALLS)
    explored = [each.explored for each in times.values()]
    found += chain.from_iterable(_of_all(each) for each in explored)
    longest = max((each.longest() for each in times.values()), default=0.0)
    states, turns = sum(len(each.states) for each in explored), sum(len(each.steps) for each in explored)
    names = tuple(asked.place for asked in places)
    return Proof(flow.name, flow.revision, names, states, turns, longest, tuple(_each_once(found)))


def _of_all(explored: Explored) -> Iterator[Violation]:
    flow = explored.flow
    if not explored.complete:
        what = f"has more than {MAX_STATES} states, and was not looked at to the end."
        yield Violation("F6", flow.name, "", what, "Split it, or let fewer variables decide on its ways.")
        return
    yield from ending.nothing_out_of_reach(explored)


def _each_once(found: list[Violation]) -> Iterator[Violation]:
    """The first of each kind at each node: it has the shortest way. The same at several places is told once."""
    seen: set[tuple[str, str, str]] = set()
    order = list(PROPERTIES)
    for one in sorted(found, key=lambda each: order.index(each.code)):
        if (one.code, one.node, one.what) not in seen and (one.code, one.node, one.way) not in seen:
            seen |= {(one.code, one.node, one.what), (one.code, one.node, one.way or one.what)}
            yield one
