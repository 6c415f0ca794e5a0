"""Which script fits a call: the scripts say what they are for, and this orders those whose conditions hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr_flows.scripts.loading import library, load
from ivr_flows.scripts.script import Fits, Kind, Wish

# The nodes of the library's flows at which a caller has made a wish clear.
_HEARD: dict[str, Wish] = {
    "pay": "pay",
    "promise_when": "promise",
    "promised": "promise",
    "paid_date": "paid",
    "paid_how": "paid",
    "paid_hold": "paid",
    "dispute_why": "dispute",
    "dispute_hold": "dispute",
    "absent_when": "busy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known of a call when a script is wanted; what is not known meets no condition.

    `flow` and `step`: the flow that ran before the agent and the step of the ladder. `days_past_due`: of the oldest
    debt, negative before the due date. `attempt`: which try this is, from 1. `wish`: what was keyed in or said.
    `machine`: a machine has answered.
    """

    flow: str = ""
    step: int | None = None
    days_past_due: int | None = None
    person: Kind = "person"
    debt_kind: str = ""
    promise_broken: bool = False
    attempt: int = 1
    wish: Wish | None = None
    machine: bool = False


def scripts_for(situation: Situation) -> tuple[str, ...]:
    """The names of the library's scripts that fit, best first; never empty.

    A script fits when every condition of one of its `fits` holds. The best is the one that asks for what comes first
    in this order, then for the next:

    1. a machine (then nothing else is offered, and never to a person);
    2. the wish: what the person said or pressed in this very call is answered before anything that we want;
    3. a broken promise;
    4. the kind of debt;
    5. person or company;
    6. the flow that ran before;
    7. days past due, or the step of the ladder;
    8. which attempt this is.

    Of equals the one with the lower number comes first.
    """
    ranks: dict[str, tuple[bool, ...]] = {}
    for name in library():
        found = [_rank(fits) for fits in load(name).fits if _holds(fits, situation)]
        if found:
            ranks[name] = max(found)
    return tuple(sorted(ranks, key=ranks.__getitem__, reverse=True))


def wish_heard(nodes: Iterable[str]) -> Wish | None:
    """The wish that the nodes of a flow tell of, in the order in which they were visited: the last one counts."""
    wish: Wish | None = None
    for node in nodes:
        wish = _HEARD.get(node, wish)
    return wish


def _holds(fits: Fits, known: Situation) -> bool:
    return (
        fits.machine == known.machine
        and (not fits.wishes or known.wish in fits.wishes)
        and (not fits.promise_broken or known.promise_broken)
        and (not fits.debt_kinds or known.debt_kind in fits.debt_kinds)
        and fits.person in (None, known.person)
        and (not fits.flows or known.flow in fits.flows)
        and (not fits.steps or known.step in fits.steps)
        and (fits.days is None or _within(known.days_past_due, fits.days))
        and (fits.attempts is None or _within(known.attempt, fits.attempts))
    )


def _within(number: int | None, bounds: tuple[int | None, int | None]) -> bool:
    low, high = bounds
    return number is not None and (low is None or number >= low) and (high is None or number <= high)


def _rank(fits: Fits) -> tuple[bool, ...]:
    return (
        fits.machine,
        bool(fits.wishes),
        fits.promise_broken,
        bool(fits.debt_kinds),
        fits.person is not None,
        bool(fits.flows),
        fits.days is not None or bool(fits.steps),
        fits.attempts is not None,
    )
