"""Deadlines of what follows a call: when a promise lapses, when to remind of it, when people must have answered.

Pure; the numbers stand in follow_up.yaml. Days are counted at the person's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field

from dialer.rules.hours import Calendar, has_calendar

HoldKind = Literal["already_paid", "dispute"]
SATURDAY = 5
TASK_OF: dict[HoldKind, str] = {"already_paid": "check_payment", "dispute": "answer_dispute"}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reminder(_Data):
    """When a promise is remembered: so many days before, at this local time."""

    days_before: int = Field(ge=0, le=7)
    at: time


class PromiseRules(_Data):
    """Grace after the promised day, and the reminder before it."""

    grace_working_days: int = Field(ge=0, le=10)
    reminder: Reminder


class Deadline(_Data):
    """How long people have for a task."""

    working_days: int = Field(ge=0, le=60)


class Escalation(_Data):
    """Days after which a hold without an answer is shown as escalated."""

    already_paid_days: int = Field(ge=1)
    dispute_days: int = Field(ge=1)


class FollowUp(_Data):
    """The whole of follow_up.yaml."""

    promise: PromiseRules
    tasks: dict[str, Deadline]
    escalate: Escalation
    call_again_minutes: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where days are counted: a time zone (IANA), a country (ISO 3166) and its subdivision, if known."""

    zone: str
    country: str
    region: str | None = None

    def today(self, now: datetime) -> date:
        """The date there."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def at(self, day: date, moment: time) -> datetime:
        """That local time there, as an instant."""
        return datetime.combine(day, moment, ZoneInfo(self.zone))

    def is_working_day(self, day: date) -> bool:
        """Neither a weekend nor a public holiday there."""
        region = self.region if self.region and has_calendar(self.country, self.region) else None
        return day.weekday() < SATURDAY and not Calendar(self.country, region).is_holiday(day)

    def working_days_after(self, day: date, count: int) -> date:
        """The day that lies so many working days after `day`."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day


@cache
def rules() -> FollowUp:
    """The house rules as shipped."""
    return FollowUp.model_validate(yaml.safe_load((files("dialer.rules") / "follow_up.yaml").read_text("utf-8")))


def paid_in_time_until(due_on: date, place: Place) -> date:
    """The last day that is in time: what falls due on a day without banks is paid on the next working day."""
    return due_on if place.is_working_day(due_on) else place.working_days_after(due_on, 1)


def promise_lapses_at(due_on: date, place: Place) -> datetime:
    """The instant from which an unpaid promise is broken: the end of the last day of grace."""
    grace = rules().promise.grace_working_days
    last_day = place.working_days_after(paid_in_time_until(due_on, place), grace)
    return place.at(last_day + timedelta(days=1), time(0))


def remind_at(due_on: date, made_on: date, place: Place) -> datetime | None:
    """When to remind of a promise; None when it was made for the same day. `made_on` is the date at the place."""
    reminder = rules().promise.reminder
    day = due_on - timedelta(days=reminder.days_before)
    if day <= made_on:
        day = due_on
    return place.at(day, reminder.at) if day > made_on else None


def task_due_at(kind: str, now: datetime, place: Place) -> datetime:
    """Until when people must have done a task that begins now: the end of the last working day they have."""
    days = rules().tasks[kind].working_days
    return place.at(place.working_days_after(place.today(now), days) + timedelta(days=1), time(0))


def is_escalated(kind: str, created_at: datetime, now: datetime) -> bool:
    """Whether a task about a hold has stood so long that somebody above must look."""
    limits = {
        "check_payment": rules().escalate.already_paid_days,
        "answer_dispute": rules().escalate.dispute_days,
    }
    return kind in limits and now - created_at >= timedelta(days=limits[kind])
