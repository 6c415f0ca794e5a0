"""Act II, the common turn: a key or a silence that leads on in the flow. Decided in memory, taken in one statement.

Everything else (the first word, identity, promises, agents, cards, machines, news of others) is for talking.py, and
so is a call that is not as this process knows it: then nothing was done here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialer.flows import pinning
from dialer.operation import Operation
from dialer.remembering import Known
from dialer.rules.lifecycle import KeyHeard, merge
from dialer.speaking import Answer, as_record, dump_answer, dump_state, load_state, name_of
from dialer.store import attempts, turns
from dialer.store.driving.driver import Busy
from dialer.store.models import Attempt
from dialer.store.turns import Step
from ivr_flows import engine
from ivr_flows.errors import FlowFailed, InputRefused
from ivr_flows.events import Pressed, Silent
from ivr_flows.turn import Disposed, Effect, End, Keys, LevelReached, Turn


async def take(op: Operation, token: str, n: int, digits: str | None) -> tuple[Attempt, Answer] | None:
    """The answer of turn n, committed, if it is a common one of a call at hand; else None, and nothing was done."""
    known = op.calls.find(token)
    if known is None or n != known.attempt.turn + 1 or known.attempt.waits != "keys":
        return None
    attempt, event = known.attempt, Pressed(digits) if digits else Silent()
    try:
        turn = engine.resume(known.flow, known.state, event)
    except (FlowFailed, InputRefused):
        return None
    columns = _columns(attempt, turn)
    if columns is None:
        return None
    answer = Answer(turn.speech, turn.wait, n + 1)
    columns |= {"waits": name_of(turn.wait), "state": op.database.keyring.seal(dump_state(turn.state))}
    if digits and not attempt.key_pressed:
        columns |= _first_key(attempt)
    sealed = op.database.keyring.seal(dump_answer(answer))
    try:
        taken = await turns.step(
            op.database, Step(attempt, columns, op.clock.now(), as_record(event, secret=False), sealed, turn.path)
        )
    except Busy:
        return None
    if not taken:
        op.calls.forget(token)
        return None
    _go_on(op, known, turn, columns)
    return attempt, answer


def remember(op: Operation, attempt: Attempt) -> None:
    """Keep a call at hand whose turn was just committed, if the next one may be a common one."""
    if attempt.waits not in ("keys", "secret") or attempt.status != "live" or attempt.recorded or not attempt.state:
        return
    state = load_state(op.database.keyring.unseal(attempt.state))
    flow = pinning.at_hand(op, attempt, state.revision)
    if flow is not None:
        op.calls.remember(attempt.token, Known(attempt, flow, state))


def _columns(attempt: Attempt, turn: Turn) -> dict[str, Any] | None:
    """What the turn's effects write into the call itself; None when one writes anything else."""
    if not isinstance(turn.wait, Keys | End):
        return None
    columns: dict[str, Any] = {}
    for effect in turn.effects:
        found = _of_effect(attempt, effect)
        if found is None:
            return None
        columns |= found
    return columns


def _of_effect(attempt: Attempt, effect: Effect) -> dict[str, Any] | None:
    match effect:
        case LevelReached(level=level):
            return {"level": level}
        case Disposed(disposition=disposition) if attempt.flow_disposition is None:
            return {"flow_disposition": disposition}
        case _:
            return None


def _first_key(attempt: Attempt) -> dict[str, Any]:
    """A key was pressed: that a person answered is known from now on, whatever a detector says later."""
    before = attempts.record_of(attempt)
    after = merge(before, KeyHeard())
    assert replace(after, key_heard=before.key_heard) == before, "a key in a live call changes nothing else"
    return {"key_pressed": True}


def _go_on(op: Operation, known: Known, turn: Turn, columns: dict[str, Any]) -> None:
    """The call as it stands now: the statement has set exactly this."""
    attempt = known.attempt
    now = {**columns, "turn": attempt.turn + 1, "version": attempt.version + 1}
    vars(attempt).update(now)  # it belongs to no session that would have to hear of it
    if isinstance(turn.wait, End):
        op.calls.forget(attempt.token)
    else:
        op.calls.remember(attempt.token, replace(known, state=turn.state))
