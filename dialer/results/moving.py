"""Why a campaign dials or does not, decided from what was seen of it: one code and its values. Pure; no words here.

The first reason that holds is the one that is told: what a person must mend comes before what passes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, assert_never

Code = Literal[
    "draft",  # nothing was checked yet
    "checked",  # may be started
    "paused",  # by a person
    "halted",  # by us, after the carrier's refusal: `reason`
    "stopped",
    "finished",
    "answering",  # takes calls that come in; never dials
    "by_hand",  # holds the calls that agents make by hand; never dials
    "no_account",  # nothing can be dialled: no account at a carrier
    "law_broken",  # `people` wait for a law file that cannot be read: `reason`
    "unled",  # no worker has taken it up
    "no_window",  # the window of calls per second cannot be reached: nothing is granted
    "no_number",  # `people` wait for a number that may be shown, or its next day at `at`
    "rests",  # a limit (`rule`) is near: nothing until `at`
    "agents_away",  # there are agents for it, and none has a line
    "agents_busy",  # `people` are due, and no agent is free
    "preview",  # `people` are due; agents look first and call
    "lines_full",  # `people` are due, and all lines of the account are in use
    "slowed",  # dials, at `pace` of the usual, before the limit `rule`
    "dialling",  # calls are under way
    "paced",  # `people` are due now, and the next call waits for its turn in the second
    "hours",  # `people` wait for the hours of `rule`, until `at`
    "rule",  # `people` wait for something else that `rule` asks for, until `at`
    "retry",  # `people` wait for their next try, at `at`
    "last_calls",  # nobody waits any more
]
Tone = Literal["good", "quiet", "warn", "danger"]
SIGNED_IN = ("ready", "reserved", "in_call", "wrapup")
BROKEN = "PACK_BROKEN"
NUMBERS = ("CALLER_ID_CAP", "NO_CALLER_ID")


@dataclass(frozen=True, slots=True)
class Block:
    """The rule that most waiting contacts wait for, what it says, how many wait for it, and when the first is due."""

    rule: str
    reason: str
    people: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Braked:
    """What the nearest limit leaves: `pace` of the usual calls (0: none), until it is looked at again."""

    rule: str
    words: str
    citation: str
    pace: float
    until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a campaign. `halted_for`: the carrier's word. `left` wait, are claimed or called; `due` now.

    `agents` counts those who fit by status. `hour_rules`: codes of rules about hours.
    """

    status: str
    halted_for: str | None = None
    can_dial: bool = True
    led: bool = True
    window_away: bool = False
    preview: bool = False
    left: int = 0
    due: int = 0
    live: int = 0
    next_due: datetime | None = None
    block: Block | None = None
    braked: Braked | None = None
    agents: Mapping[str, int] = field(default_factory=dict)
    lines_used: int = 0
    lines: int = 1
    hour_rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sentence:
    """The code and the values that its words need; what a code does not need is empty."""

    code: Code
    people: int = 0
    at: datetime | None = None
    rule: str | None = None
    reason: str | None = None
    citation: str | None = None
    pace: float = 1.0

    @property
    def tone(self) -> Tone:
        """How much it asks of whoever reads it: danger needs a person now, warn soon, quiet passes by itself."""
        return _tone(self.code)


def sentence(seen: Seen) -> Sentence:
    """The one sentence about a campaign."""
    match seen.status:
        case "running":
            return _running(seen)
        case "paused" if seen.halted_for:
            return Sentence("halted", seen.left, reason=seen.halted_for)
        case "draft" | "checked" | "paused" | "stopped" | "finished" | "answering" | "by_hand" as code:
            return Sentence(code, seen.left)
        case _:
            raise ValueError(f"a campaign has no status {seen.status!r}: say here what it means")


def _running(seen: Seen) -> Sentence:
    if (stuck := _must_be_mended(seen)) is not None:
        return stuck
    if seen.live:
        return _moves(seen)
    if not seen.left:
        return Sentence("last_calls")
    return _due_now(seen) if seen.due else _waits(seen)


def _must_be_mended(seen: Seen) -> Sentence | None:
    """What does not pass by itself, or stands in the way of every call."""
    if not seen.can_dial:
        return Sentence("no_account", seen.left)
    block = seen.block
    if block is not None and block.rule == BROKEN and not seen.live:
        return Sentence("law_broken", block.people, block.until, block.rule, block.reason)
    if not seen.led:
        return Sentence("unled", seen.left)
    if seen.window_away and seen.left:
        return Sentence("no_window", seen.left)
    if seen.braked is not None and seen.braked.pace <= 0 and seen.left:
        return _before_limit("rests", seen.braked, seen.left)
    if seen.agents and not any(seen.agents.get(one) for one in SIGNED_IN) and seen.left:
        return Sentence("agents_away", seen.left)
    return None


def _moves(seen: Seen) -> Sentence:
    if seen.braked is not None and seen.braked.pace < 1:
        return _before_limit("slowed", seen.braked, seen.left)
    return Sentence("dialling", seen.left)


def _due_now(seen: Seen) -> Sentence:
    if seen.preview:
        return Sentence("preview", seen.due)
    if seen.agents and not seen.agents.get("ready"):
        return Sentence("agents_busy", seen.due)
    if seen.lines_used >= seen.lines:
        return Sentence("lines_full", seen.due)
    if seen.braked is not None and seen.braked.pace < 1:
        return _before_limit("slowed", seen.braked, seen.left)
    return Sentence("paced", seen.due)


def _waits(seen: Seen) -> Sentence:
    block = seen.block
    if block is None:
        return Sentence("retry", seen.left, seen.next_due)
    code: Code = "hours" if block.rule in seen.hour_rules else "no_number" if block.rule in NUMBERS else "rule"
    return Sentence(code, block.people, block.until or seen.next_due, block.rule, block.reason)


def _before_limit(code: Code, brake: Braked, people: int) -> Sentence:
    return Sentence(code, people, brake.until, brake.rule, brake.words, brake.citation, brake.pace)


def _tone(code: Code) -> Tone:
    match code:
        case "halted" | "no_account" | "law_broken" | "no_window":
            return "danger"
        case "unled" | "no_number" | "agents_away" | "lines_full" | "rests":
            return "warn"
        case "dialling" | "paced" | "slowed" | "preview":
            return "good"
        case (
            "draft" | "checked" | "paused" | "stopped" | "finished" | "answering" | "by_hand" | "agents_busy"
            | "hours" | "rule" | "retry" | "last_calls"
        ):  # fmt: skip
            return "quiet"
        case _:
            assert_never(code)
