"""Booked breaks: when the next one is, and what becomes of one whose time has come. Pure.

A break is a time of day at a place, however its clocks are set; what comes out of here are instants in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from dialer.rules.hours import instant_at, local_day

WEEK = range(1, 8)  # ISO weekdays: Monday is 1
MINUTES_OF_DAY = 24 * 60
LONGEST = 240  # minutes of one break
LATE_AFTER = timedelta(minutes=5)  # from the booked time to its beginning
EARLY = timedelta(minutes=15)  # whoever pauses so long before for the same reason has taken it
LAPSES = timedelta(hours=2)  # from the booked time on; then it is missed
NEXT_CALL = timedelta(minutes=2)  # from a dialled call to its need of an agent, about: rung, asked, decided

Fate = Literal["begins", "counts", "missed", "away", "waits"]
Stand = Literal["ahead", "due", "on", "overdue", "taken", "late", "missed", "away"]


@dataclass(frozen=True, slots=True)
class Booking:
    """A break on weekdays (ISO) at a time of day of a zone, for so many minutes. `since`: when it was booked."""

    id: int
    weekdays: frozenset[int]
    starts: time
    minutes: int
    reason: str
    zone: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Break:
    """One break of a booking."""

    at: datetime
    booking: Booking

    @property
    def ends(self) -> datetime:
        """When it is meant to be over."""
        return self.at + timedelta(minutes=self.booking.minutes)


@dataclass(frozen=True, slots=True)
class Situation:
    """An agent before whom a break lies: their state since when, and why they pause; the break's time and reason."""

    status: str
    since: datetime
    pause_reason: str | None
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a break: taken (from, to), missed, or away."""

    outcome: str
    began: datetime | None
    ended: datetime | None


class Planned(BaseModel):
    """One break of a set: so many minutes after the shift began."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    after: int = Field(ge=0)
    minutes: int = Field(ge=1, le=LONGEST)
    reason: str


class BreakSet(BaseModel):
    """The usual breaks of a shift, in minutes, with their source."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: dict[str, str]
    source: str
    link: str
    shift: int = Field(ge=60, le=MINUTES_OF_DAY)
    edge: int = Field(ge=0)
    breaks: tuple[Planned, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _within(self) -> BreakSet:
        """Inside the shift; rests not at its edges."""
        for one in self.breaks:
            edge = self.edge if one.reason == "break" else 0
            if not edge <= one.after <= one.after + one.minutes <= self.shift - edge:
                raise ValueError(f"a {one.reason} after {one.after} minutes is too near an end of the shift")
        return self


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    reasons: tuple[str, ...]
    sets: dict[str, BreakSet]


@cache
def _data() -> _Data:
    return _Data.model_validate(yaml.safe_load((files("dialer.rules") / "breaks.yaml").read_text("utf-8")))


def reasons() -> tuple[str, ...]:
    """What breaks are booked for."""
    return _data().reasons


def sets() -> dict[str, BreakSet]:
    """The sets of breaks.yaml by name."""
    return _data().sets


def of_shift(chosen: BreakSet, begins: time) -> tuple[tuple[int, time, int, str], ...]:
    """The breaks of a shift that begins then: (days later, time of day, minutes, reason)."""
    first = begins.hour * 60 + begins.minute
    made = []
    for one in chosen.breaks:
        days, minute = divmod(first + one.after, MINUTES_OF_DAY)
        made.append((days, time(minute // 60, minute % 60), one.minutes, one.reason))
    return tuple(made)


def later(weekdays: Iterable[int], days: int) -> frozenset[int]:
    """The weekdays so many days later."""
    return frozenset((one - 1 + days) % 7 + 1 for one in weekdays)


def on_day(bookings: Iterable[Booking], day: date) -> list[Break]:
    """The breaks of a day of the calendar, each at its own place; the earliest first.

    A time that the clocks leap over comes as much later as they leap; one that comes twice is the first of the two.
    """
    found = [
        Break(instant_at(day, one.starts.hour * 60 + one.starts.minute, one.zone), one)
        for one in bookings
        if day.isoweekday() in one.weekdays
    ]
    return sorted(found, key=lambda one: (one.at, one.booking.id))


def next_break(bookings: Sequence[Booking], after: datetime) -> Break | None:
    """The first break after that instant; None when none is booked."""
    found = [one for booking in bookings if (one := _next_of(booking, after)) is not None]
    return min(found, key=lambda one: (one.at, one.booking.id), default=None)


def _next_of(booking: Booking, after: datetime) -> Break | None:
    first = local_day(after, booking.zone)
    days = (first + timedelta(days=n) for n in range(9))  # a week, and a day more when today's has passed
    return next((one for day in days for one in on_day([booking], day) if one.at > after), None)


def clash(one: Booking, other: Booking, week: date) -> bool:
    """Whether two bookings meet in the week that begins at that day."""
    days = [week + timedelta(days=n) for n in range(-1, 8)]
    mine, theirs = ([each for day in days for each in on_day([booking], day)] for booking in (one, other))
    return any(a.at < b.ends and b.at < a.ends for a in mine for b in theirs)


def fate(seen: Situation, now: datetime, *, comes_back: bool = False) -> Fate:
    """What becomes of a break now. Nobody leaves a call or a caller who is coming; who is free goes.

    `comes_back`: the agent says that they want calls, or their wrap-up is over. Who was away well before the break
    and comes after it has begun their shift with it behind them.
    """
    if now < seen.due:
        return "waits"
    offline = seen.status == "offline"
    if now >= seen.due + LAPSES:
        return "waits" if seen.status in ("reserved", "in_call") else "away" if offline else "missed"
    if seen.status == "paused" and seen.pause_reason == seen.reason and seen.since > seen.due - LAPSES:
        return "counts"
    if offline and comes_back and seen.since < seen.due - EARLY:
        return "away"
    free = seen.status == "ready" or (comes_back and seen.status in ("offline", "paused", "wrapup"))
    return "begins" if free else "waits"


def is_taken_by(reason: str, seen: Situation, now: datetime) -> bool:
    """Whether pausing for that reason now is taking the break: not long before it, and before it lapses."""
    return reason == seen.reason and seen.due - EARLY <= now < seen.due + LAPSES


def how_stands(due: datetime, minutes: int, kept: Kept | None, now: datetime) -> Stand:
    """How a break of today stands."""
    if kept is None or kept.outcome not in ("taken", "missed", "away"):
        return "ahead" if now < due else "due" if now < due + LAPSES else "missed"
    if kept.began is None:
        return "missed" if kept.outcome == "missed" else "away"
    if kept.ended is None:
        return "overdue" if now >= kept.began + timedelta(minutes=minutes) else "on"
    return "late" if kept.began > due + LATE_AFTER else "taken"
