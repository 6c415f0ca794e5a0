"""What meters count a call as, and how near a limit is: then dialling slows down, and rests before it. Pure.

The limits are data (`meters.yaml`). Nothing here looks at a clock or a database: counts are passed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, assert_never
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dialer.errors import NotConfigured
from dialer.rules.packs import Rule
from dialer.rules.showing import next_midnight, today_at

CALLS_END = timedelta(seconds=30)  # calls under way give room back when they are over
SHARE_MOVES = timedelta(minutes=10)  # and the share of short calls falls as long ones end

Share = Annotated[float, Field(gt=0, le=1)]


class _Braking(Rule):
    """What every limit has: whose calls it counts, the window, and the shares of it at which dialling brakes."""

    country: str = Field(pattern=r"^[A-Z]{2}$")
    scope: Literal["tenant", "campaign"]
    window: Literal["day", "month"] | Annotated[int, Field(ge=1, le=31)]
    slow_from: Share
    rest_at: Share
    says: str

    @model_validator(mode="after")
    def _in_order(self) -> _Braking:
        if not self.slow_from < self.rest_at < 1:
            raise ValueError(f"{self.code}: slow_from must lie below rest_at, and both below 1")
        return self


class VolumeLimit(_Braking):
    """At most `most` calls in the window; `unless_verified`: not for an origin that is authenticated."""

    kind: Literal["volume"]
    most: int = Field(ge=1)
    unless_verified: bool = False


class ShortLimit(_Braking):
    """More than `calls` calls of which `share` or more are short: over within `seconds`, or met nobody."""

    kind: Literal["short_calls"]
    calls: int = Field(ge=1)
    share: Share
    seconds: int = Field(ge=0)


class DropLimit(_Braking):
    """`share` of the calls that people answered met no agent in time; judged as of `judged_from` answers at least."""

    kind: Literal["legal_drops"]
    share: Share
    judged_from: int = Field(ge=1)
    reaching: bool

    def most(self, live_answers: int) -> int:
        """How many drops so many answers allow: at most the share, or fewer than it where reaching it is too many."""
        allowed = round(self.share * max(live_answers, self.judged_from), 6)
        return math.ceil(allowed) - 1 if self.reaching else math.floor(allowed)


Limit = Annotated[VolumeLimit | ShortLimit | DropLimit, Field(discriminator="kind")]


class AnswerRate(BaseModel):
    """When the falling answer rate of a caller ID is for people to look into."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recent_days: int = Field(ge=1)
    before_days: int = Field(ge=1)
    calls: int = Field(ge=1)
    fall: Share

    def has_fallen(self, recent: tuple[int, int], before: tuple[int, int]) -> bool:
        """Of (answered, calls), recently and in the days before those."""
        if min(recent[1], before[1]) < self.calls or not before[0]:
            return False
        return recent[0] / recent[1] <= (1 - self.fall) * before[0] / before[1]


class MeterRules(BaseModel):
    """All of `meters.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limits: tuple[Limit, ...]
    answer_rate: AnswerRate

    def of(self, country: str, on: date, *, verified: bool) -> list[Limit]:
        """The limits on calls to a country on a day; `verified`: our calls there are authenticated."""
        return [
            one
            for one in self.limits
            if one.country == country
            and one.effective_from <= on
            and (one.effective_to is None or on <= one.effective_to)
            and not (verified and isinstance(one, VolumeLimit) and one.unless_verified)
        ]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in a limit's window. `under_way`: calls that may yet turn out to be legal drops."""

    calls: int = 0
    long_calls: int = 0
    live_answers: int = 0
    legal_drops: int = 0
    under_way: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """How a limit stands: its share that is used (1.0: at the limit), that in words, and when it is next looked at.

    `room`: how many calls may yet be begun, as far as the limit alone tells.
    """

    limit: Limit
    share: float
    words: str
    until: datetime
    room: int

    @property
    def rests(self) -> bool:
        """Whether nothing more is dialled for now."""
        return self.room <= 0

    @property
    def brakes(self) -> bool:
        """Whether the limit is near (and not only so many calls under way that no more can be answered for)."""
        return self.share >= self.limit.slow_from

    @property
    def pace(self) -> float:
        """The part of the usual calls that are begun: 1.0 below `slow_from`, then less and less, 0.0 at rest."""
        if self.rests:
            return 0.0
        into = (self.share - self.limit.slow_from) / (self.limit.rest_at - self.limit.slow_from)
        return min(1.0, max(0.05, 1.0 - into))


@cache
def load_meters() -> MeterRules:
    """The limits that ship with the product. Raises NotConfigured with every fault of the file."""
    text = (files("dialer.rules") / "meters.yaml").read_text("utf-8")
    try:
        return MeterRules.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as fault:
        raise NotConfigured(f"meters.yaml cannot be used: {fault}. Correct it and start again.") from fault


def first_day(limit: Limit, today: date) -> date:
    """The first day that the limit's window counts."""
    match limit.window:
        case "day":
            return today
        case "month":
            return today.replace(day=1)
        case int(days):
            return today - timedelta(days=days - 1)
        case _:
            assert_never(limit.window)


def read_limit(limit: Limit, counts: Counts, *, place: str, at: datetime) -> Reading:
    """How the limit stands before another call. `place` is the zone of our own days."""
    until = _window_moves(limit, place, at)
    match limit:
        case VolumeLimit(most=most):
            room = math.floor(most * limit.rest_at) - counts.calls
            return Reading(limit, counts.calls / most, f"{counts.calls:,} calls of {most:,}", until, room)
        case ShortLimit():
            return _read_short(limit, counts, min(until, at + SHARE_MOVES))
        case DropLimit():
            most = limit.most(counts.live_answers)
            used = counts.legal_drops / most if most else 1.0
            words = f"{counts.legal_drops:,} of {counts.live_answers:,} who answered met no agent, {most:,} may"
            words += f" ({counts.under_way:,} calls are under way)" if counts.under_way else ""
            if used >= limit.rest_at:
                return Reading(limit, used, words, until, 0)
            room = most - counts.legal_drops - counts.under_way
            return Reading(limit, used, words, at + CALLS_END if room <= 0 else until, room)
        case _:
            assert_never(limit)


def _read_short(limit: ShortLimit, counts: Counts, until: datetime) -> Reading:
    """A call that is not over is taken for a short one: so no call that is begun can bring us over the limit."""
    short = counts.calls - counts.long_calls
    of_all = short / counts.calls if counts.calls else 0.0
    words = (
        f"{short:,} of {counts.calls:,} calls short or not over, {limit.share:.0%} may not be beyond {limit.calls:,}"
    )
    used = min(counts.calls / limit.calls, of_all / limit.share)
    return Reading(limit, used, words, until, _short_room(limit, counts))


def _short_room(limit: ShortLimit, counts: Counts) -> int:
    """Calls that may be begun until both the number of calls and the share of short ones are at `rest_at`."""
    by_number = math.floor(limit.calls * limit.rest_at) - counts.calls
    ratio = limit.share * limit.rest_at
    by_share = math.ceil(counts.long_calls / (1 - ratio)) - 1 - counts.calls  # (calls - long) / calls stays below it
    return max(by_number, by_share)


def _window_moves(limit: Limit, place: str, at: datetime) -> datetime:
    if limit.window != "month":
        return next_midnight(place, at)
    first = today_at(place, at).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return next_midnight(place, datetime(last.year, last.month, last.day, 12, tzinfo=ZoneInfo(place)))


@dataclass(frozen=True, slots=True)
class Over:
    """A call that is over. `met_person`: somebody answered; `machine`: something did.

    `seconds` from the answer to the end (None: not known, or never answered). `unmet`: they were due to an agent,
    and met none within the legal wait.
    """

    answered: bool
    met_person: bool
    machine: bool
    seconds: float | None
    unmet: bool


def metered_as(call: Over, *, short_seconds: int) -> frozenset[str]:
    """The meters that count a call which is over. Exactly one of short_calls and long_calls is among them.

    Short, as Anatel says it: not completed, taken by a machine, or over within so many seconds. What is not known
    counts against us.
    """
    lasted = call.answered and call.seconds is not None and call.seconds > short_seconds
    names = {"long_calls" if lasted and not call.machine else "short_calls"}
    if call.answered:
        names.add("answers")
    if call.answered and (call.met_person or call.unmet):
        names.add("live_answers")
    if call.answered and call.unmet:
        names.add("legal_drops")
    return frozenset(names)


def short_seconds(rules: MeterRules) -> int:
    """Up to how many seconds a call is short: the strictest of all limits (the longest time)."""
    return max((one.seconds for one in rules.limits if isinstance(one, ShortLimit)), default=0)


@dataclass(frozen=True, slots=True)
class Brake:
    """What limits leave of a campaign's calls: a part of the usual ones (0..1), no more than `room`; and why."""

    pace: float
    room: int
    reading: Reading


def hardest(readings: Sequence[Reading]) -> Brake | None:
    """What all of these limits together leave; None when there is none."""
    if not readings:
        return None
    first = min(readings, key=lambda one: (one.pace, -one.share))
    return Brake(first.pace, min(one.room for one in readings), first)
