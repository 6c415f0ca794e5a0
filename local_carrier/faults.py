"""Bad weather on request: which callbacks and answers go wrong, decided by a seed so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

CallbackKind = Literal["status", "voice", "amd", "conference", "message", "recording"]
CallbackEffect = Literal["lost", "duplicated", "delayed", "reordered"]
AnswerEffect = Literal["rate_limited", "dropped_before", "dropped_after", "error_after"]
Effect = CallbackEffect | AnswerEffect

CALLBACK_EFFECTS: tuple[str, ...] = get_args(CallbackEffect)
ANSWER_EFFECTS: tuple[str, ...] = get_args(AnswerEffect)
KINDS: tuple[str, ...] = get_args(CallbackKind)


class FaultRefused(ValueError):
    """A fault description that the carrier cannot make."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of bad weather.

    Callback effects: lost, duplicated, delayed (by `seconds` of the carrier's clock), reordered (held until
    the next callback of the same call has gone, at most `seconds`). `kinds` limits them; empty means any.
    Answer effects, on POST Calls.json and Messages.json: rate_limited (429 with Retry-After `seconds`, nothing
    created), dropped_before and dropped_after (the connection breaks before or after the creation), error_after
    (a 503 although the resource was created). `limit` is how often at most.
    """

    effect: Effect
    probability: float = 1.0
    kinds: frozenset[str] = frozenset()
    seconds: float = 5.0
    limit: int | None = None


def read_fault(given: Mapping[str, object]) -> Fault:
    """Build a fault from JSON or YAML: {"effect", "kind" or "kinds", "probability", "seconds", "limit"}."""
    effect = given.get("effect")
    if effect not in CALLBACK_EFFECTS + ANSWER_EFFECTS:
        raise FaultRefused(
            f"fault effect {effect!r} is unknown; use one of {', '.join(CALLBACK_EFFECTS + ANSWER_EFFECTS)}"
        )
    named = given.get("kinds", given.get("kind", ()))
    kinds = frozenset([named] if isinstance(named, str) else [str(k) for k in named or ()])  # type: ignore[attr-defined]
    if "any" in kinds:
        kinds = frozenset()
    if not kinds <= set(KINDS):
        raise FaultRefused(f"fault kind {sorted(kinds - set(KINDS))} is unknown; use {', '.join(KINDS)} or any")
    probability = float(str(given.get("probability", 1.0)))
    if not 0 <= probability <= 1:
        raise FaultRefused(f"fault probability {probability} is not between 0 and 1")
    limit = given.get("limit")
    return Fault(
        effect=effect,  # type: ignore[arg-type]
        probability=probability,
        kinds=kinds,
        seconds=float(str(given.get("seconds", 5.0))),
        limit=None if limit is None else int(str(limit)),
    )


class Weather:
    """The faults in force. The same seed and the same order of questions give the same answers."""

    def __init__(self, faults: tuple[Fault, ...] = (), *, seed: int = 0) -> None:
        self.change(faults, seed=seed)

    def change(self, faults: tuple[Fault, ...], *, seed: int = 0) -> None:
        """Replace all faults and start the random sequence again."""
        self.faults = faults
        self.seed = seed
        self._random = random.Random(seed)
        self._used = [0] * len(faults)

    def strikes(self, kind: CallbackKind) -> tuple[Fault, ...]:
        """Faults that hit this callback, in the order they were given."""
        return self._draw(CALLBACK_EFFECTS, kind)

    def answer_fault(self) -> Fault | None:
        """Return the fault that hits this REST creation, if any."""
        struck = self._draw(ANSWER_EFFECTS, None)
        return struck[0] if struck else None

    def _draw(self, effects: tuple[str, ...], kind: str | None) -> tuple[Fault, ...]:
        struck = []
        for index, fault in enumerate(self.faults):
            if fault.effect not in effects or (fault.kinds and kind and kind not in fault.kinds):
                continue
            if fault.limit is not None and self._used[index] >= fault.limit:
                continue
            if self._random.random() < fault.probability:
                self._used[index] += 1
                struck.append(fault)
        return tuple(struck)
