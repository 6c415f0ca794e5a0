"""The flow engine: `start` and `resume`, each running to the next wait. Pure; the host commits before it speaks.

Two grades of failure: FlowFailed ends the session (the host ends the call politely and records why),
InputRefused leaves everything as it was (the event did not fit; the call goes on).
"""

from __future__ import annotations

from typing import assert_never, cast

from ivr_flows import turn
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Answered, Event, HungUp, MachineHeard, Recalled
from ivr_flows.nodes import Flow
from ivr_flows.running import owing
from ivr_flows.running.entering import enter
from ivr_flows.running.hearing import hear, wait_at
from ivr_flows.running.run import Run
from ivr_flows.turn import Caller, Disposed, End, Json, Language, State, Turn, Wait
from ivr_flows.variables import checked, to_json

MAX_STEPS = 100  # nodes in one turn; the longest honest path of a library flow is under ten
MAX_TURNS = 200  # turns in one call; three minutes in a queue take 36, the longest honest call about 60
PATH_KEPT = 40  # node names kept in the state; every turn's own path is in the Turn


def start(flow: Flow, caller: Caller, *, answered: Answered | None = None) -> Turn:
    """The first turn of a call that was picked up.

    FlowFailed if a needed variable is missing or of another type. A verdict that a machine or a fax
    answered takes the flow's exit of that name.
    """
    values = {
        name: to_json(value)
        for name, variable in flow.variables.items()
        if not variable.from_call and (value := checked(variable, caller.values.get(name))) is not None
    }
    data: dict[str, Json] = {
        "lang": spoken_language(flow, caller.language),
        "level": "none",
        "need": caller.required_level,
        "today": caller.today.isoformat(),
        "minute": caller.now.hour * 60 + caller.now.minute if caller.now else None,
        "vars": cast(Json, values),
        "debts": cast(Json, owing.stored(flow, caller.debts)),
        "turns": 0,
    }
    run = Run(flow, data)
    owing.speak_of_all(run)
    return begin(run, answered or Answered())


def begin(run: Run, answered: Answered) -> Turn:
    """The first turn of a run whose data is complete. For whoever brings another run than a call's: the proofs."""
    match answered.by:
        case "machine" | "fax" as verdict:
            return _go(run, run.leave(run.flow.nodes[run.flow.start], verdict))
        case "human" | "unknown":
            return _go(run, run.flow.start)
        case other:
            assert_never(other)


def resume(flow: Flow, state: State, event: Event) -> Turn:
    """The next turn after an event. The state given is not changed.

    A turn with an empty path, no speech and no effects changed nothing: the host need not touch the call.
    """
    if state.flow != flow.name or state.revision != flow.revision:
        raise FlowFailed(
            f"The call runs on {state.flow} {state.revision}, not {flow.name} {flow.revision}; "
            "load the revision that it began with."
        )
    if state.data.get("ended"):
        return _after_the_end(state, event)
    values = cast("dict[str, Json]", state.data["vars"])
    return proceed(Run(flow, {**state.data, "vars": {**values}}), state, event)  # only these two are written to


def proceed(run: Run, state: State, event: Event) -> Turn:
    """The next turn of a run whose data was made from the state; as `begin`, for other runs than a call's."""
    flow = run.flow
    if run.count("turns", 1) > MAX_TURNS:
        raise FlowFailed(f"{flow.name}: the call has taken more than {MAX_TURNS} turns; it goes in circles.")
    node = flow.nodes.get(state.node)
    if node is None:
        raise FlowFailed(f"{flow.name} has no node {state.node}; the stored state is of another flow.")
    match event:
        case HungUp():
            return _gone(run, run.leave(node, "hung_up"))
        case Recalled(reason=reason):
            return _go(run, run.leave(node, f"recalled_{reason}"))
        case MachineHeard(by=by) if by in ("human", "unknown") or run.data.get("pressed"):
            return Turn(state, (), wait_at(run, node))  # a pressed key outranks a late verdict
        case MachineHeard(by=by):
            return _go(run, run.leave(node, by))
        case _:
            return _go(run, hear(run, node, event), at=state.node)


def spoken_language(flow: Flow, wanted: Language) -> Language:
    """The flow's language for a person: the very one, else one of the same tongue, else the flow's first."""
    tongue = wanted.partition("-")[0]
    near = [language for language in flow.languages if language.partition("-")[0] == tongue]
    return wanted if wanted in flow.languages else (*near, flow.languages[0])[0]


def _go(run: Run, step: str | Wait, *, at: str = "") -> Turn:
    """Run from node to node until something is waited for."""
    for _ in range(MAX_STEPS):
        if not isinstance(step, str):
            return _finished(run, at, step)
        node = run.flow.nodes.get(step)
        if node is None:
            raise FlowFailed(f"{run.flow.name}: {at or 'the flow'} leads to {step!r}, which is no node.")
        at = step
        run.path.append(at)
        step = enter(run, node)
    raise FlowFailed(f"{run.flow.name}: more than {MAX_STEPS} nodes without a wait, last {at}; it goes in circles.")


def _gone(run: Run, step: str) -> Turn:
    """The person has left: what was reached is kept, nothing is said or waited for any more."""
    ended = _go(run, step)
    if not isinstance(ended.wait, End):
        raise FlowFailed(f"{run.flow.name}: the exit hung_up waits at {ended.state.node}; lead it to a hangup.")
    return Turn(ended.state, (), End("hung_up"), ended.effects, ended.path)


def _finished(run: Run, at: str, wait: Wait) -> Turn:
    if isinstance(wait, End):
        outcome = cast(str, run.data["outcome"])
        run.effects.append(Disposed(outcome))
        run.data = {"ended": True, "outcome": outcome, "path": run.data.get("path"), "lang": run.language}
    run.data["path"] = cast(Json, [*cast("list[str]", run.data.get("path") or []), *run.path][-PATH_KEPT:])
    state = State(run.flow.name, run.flow.revision, at, run.data)
    return Turn(state, tuple(run.speech), wait, tuple(run.effects), tuple(run.path))


def _after_the_end(state: State, event: Event) -> Turn:
    if isinstance(event, HungUp | MachineHeard | Recalled):
        return Turn(state, (), turn.End())
    raise InputRefused(f"{type(event).__name__} came after the end of the call; nothing is waited for.")
