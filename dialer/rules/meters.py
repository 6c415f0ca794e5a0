"""What meters count a call as, and how near a limit is: then dialling slows down, and rests before it. Pure.

The limits are those of the packs, the brakes stand in `meters.yaml`. Counts are passed in; nothing is read here.
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
from dialer.rules.packs import Pack
from dialer.rules.showing import next_midnight, today_at
from dialer.rules.statutes import AbandonMeter, Rule

CALLS_END = timedelta(seconds=30)  # calls under way give room back when they are over
SHARE_MOVES = timedelta(minutes=10)  # and the share of short calls falls as long ones end

Share = Annotated[float, Field(gt=0, le=1)]


class Brakes(BaseModel):
    """Shares of a limit: from `slow_from` on there are fewer calls, at `rest_at` none.

    `judged_from`: a rate is judged as if so many calls had been answered until so many are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slow_from: Share
    rest_at: Share
    judged_from: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Brakes:
        if not self.slow_from < self.rest_at < 1:
            raise ValueError("slow_from must lie below rest_at, and both below 1: a brake comes before the limit")
        return self


@dataclass(frozen=True, slots=True)
class VolumeLimit:
    """At most `most` calls to the country in a month of the calendar."""

    rule: Rule
    country: str
    brakes: Brakes
    most: int
    scope: Literal["tenant"] = "tenant"


@dataclass(frozen=True, slots=True)
class ShortLimit:
    """More than `calls` calls to the country in a day, of which `share` or more are short."""

    rule: Rule
    country: str
    brakes: Brakes
    calls: int
    share: float
    scope: Literal["tenant"] = "tenant"


@dataclass(frozen=True, slots=True)
class DropLimit:
    """`share` of a campaign's calls there that people answered in `days` days (today the last) met no agent in time.

    `reaching`: the share itself is too much already, else only more than it.
    """

    rule: Rule
    country: str
    brakes: Brakes
    share: float
    days: int
    reaching: bool
    scope: Literal["campaign"] = "campaign"

    def most(self, live_answers: int) -> int:
        """How many drops so many answers allow: at most the share, or fewer than it where reaching it is too many."""
        allowed = round(self.share * max(live_answers, self.brakes.judged_from), 6)
        return math.ceil(allowed) - 1 if self.reaching else math.floor(allowed)


Limit = VolumeLimit | ShortLimit | DropLimit


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
    """All of `meters.yaml`. `short_seconds` holds where the pack of a country does not say what is short."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    short_seconds: int = Field(ge=0)
    brakes: dict[str, Brakes]
    answer_rate: AnswerRate

    def of(self, code: str) -> Brakes:
        """How dialling brakes before the limit of that code."""
        return self.brakes.get(code) or self.brakes["default"]

    @model_validator(mode="after")
    def _has_default(self) -> MeterRules:
        if "default" not in self.brakes:
            raise ValueError("brakes need a default, for limits that are not named")
        return self


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted in a limit's window. `under_way`: calls that may yet turn out to be legal drops."""

    calls: int = 0
    long_calls: int = 0
    live_answers: int = 0
    legal_drops: int = 0
    under_way: int = 0


NOTHING_COUNTED = Counts()


@dataclass(frozen=True, slots=True)
class Reading:
    """How a limit stands: its share that is used (1.0: at the limit), that in words, and when it is next looked at.

    `room`: how many calls may yet be begun, as far as the limit alone tells. `counts` is what was read.
    """

    limit: Limit
    share: float
    words: str
    until: datetime
    room: int
    counts: Counts = NOTHING_COUNTED

    @property
    def rests(self) -> bool:
        """Whether nothing more is dialled for now."""
        return self.room <= 0

    @property
    def brakes(self) -> bool:
        """Whether the limit is near (and not only so many calls under way that no more can be answered for)."""
        return self.share >= self.limit.brakes.slow_from

    @property
    def pace(self) -> float:
        """The part of the usual calls that are begun: 1.0 below `slow_from`, then less and less, 0.0 at rest."""
        if self.rests:
            return 0.0
        into = (self.share - self.limit.brakes.slow_from) / (self.limit.brakes.rest_at - self.limit.brakes.slow_from)
        return min(1.0, max(0.05, 1.0 - into))


_DAYS: dict[AbandonMeter, int] = {"24h": 1, "30d": 30}


@cache
def load_meters() -> MeterRules:
    """The limits that ship with the product. Raises NotConfigured with every fault of the file."""
    text = (files("dialer.rules") / "meters.yaml").read_text("utf-8")
    try:
        return MeterRules.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as fault:
        raise NotConfigured(f"meters.yaml cannot be used: {fault}. Correct it and start again.") from fault


def limits_in(pack: Pack | None, on: date, *, verified: bool) -> tuple[Limit, ...]:
    """The limits that a pack sets on a day; `verified`: our calls to the country are authenticated."""
    if pack is None:
        return ()
    brakes, country = load_meters(), pack.country
    found: list[Limit] = [
        DropLimit(
            rule, country, brakes.of(rule.code), rule.percent / 100, _DAYS[rule.meter], rule.at_limit == "blocks"
        )
        for rule in pack.abandoned
    ]
    if (short := pack.short_calls) is not None:
        found.append(ShortLimit(short, country, brakes.of(short.code), short.calls_a_day, short.percent / 100))
    if (volume := pack.volume) is not None and not verified:
        found.append(VolumeLimit(volume, country, brakes.of(volume.code), volume.calls_a_month))
    return tuple(one for one in found if pack.in_force(one.rule, on))


def short_seconds(pack: Pack | None) -> int:
    """Up to how many seconds a call to the pack's country is short."""
    if pack is None or pack.short_calls is None:
        return load_meters().short_seconds
    return pack.short_calls.short_seconds


def first_day(limit: Limit, today: date) -> date:
    """The first day that the limit's window counts."""
    match limit:
        case VolumeLimit():
            return today.replace(day=1)
        case ShortLimit():
            return today
        case DropLimit(days=days):
            return today - timedelta(days=days - 1)
        case _:
            assert_never(limit)


def read_limit(limit: Limit, counts: Counts, *, place: str, at: datetime) -> Reading:
    """How the limit stands before another call. `place` is the zone of our own days."""
    until = _window_moves(limit, place, at)
    match limit:
        case VolumeLimit(most=most):
            room = math.floor(most * limit.brakes.rest_at) - counts.calls
            return Reading(limit, counts.calls / most, f"{counts.calls:,} calls of {most:,}", until, room, counts)
        case ShortLimit():
            return _read_short(limit, counts, min(until, at + SHARE_MOVES))
        case DropLimit():
            most = limit.most(counts.live_answers)
            used = counts.legal_drops / most if most else 1.0
            words = f"{counts.legal_drops:,} of {counts.live_answers:,} who answered met no agent, {most:,} may"
            words += f" ({counts.under_way:,} calls are under way)" if counts.under_way else ""
            if used >= limit.brakes.rest_at:
                return Reading(limit, used, words, until, 0, counts)
            room = most - counts.legal_drops - counts.under_way
            return Reading(limit, used, words, at + CALLS_END if room <= 0 else until, room, counts)
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
    return Reading(limit, used, words, until, _short_room(limit, counts), counts)


def _short_room(limit: ShortLimit, counts: Counts) -> int:
    """Calls that may be begun until both the number of calls and the share of short ones are at `rest_at`."""
    by_number = math.floor(limit.calls * limit.brakes.rest_at) - counts.calls
    ratio = limit.share * limit.brakes.rest_at
    by_share = math.ceil(counts.long_calls / (1 - ratio)) - 1 - counts.calls  # (calls - long) / calls stays below it
    return max(by_number, by_share)


def _window_moves(limit: Limit, place: str, at: datetime) -> datetime:
    if not isinstance(limit, VolumeLimit):
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
