"""Which of our numbers a person sees: few, stable, and known when it is called back. Never rotated to dodge a label.

Whoever was shown a number sees the same one again, and waits while its day is full. Only people who have seen none
yet are spread over the numbers that have room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dialer.rules.facts import CampaignBar

Status = Literal["active", "resting", "retired"]


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number of ours: its country (ISO 3166, None: unknown), and how many calls of today have shown it."""

    e164: str
    country: str | None = None
    status: Status = "active"
    daily_cap: int | None = None
    used_today: int = 0

    @property
    def full(self) -> bool:
        """Whether its day is used up."""
        return self.daily_cap is not None and self.used_today >= self.daily_cap


def choose(own: Sequence[OwnNumber], *, shown_before: str | None, seed: int, country: str) -> OwnNumber | None:
    """The number for one person, full or not; None when no number may be shown.

    `shown_before` is what the person saw last, `seed` anything stable about them, `country` that of their number:
    numbers of that country come first. Resting numbers are kept by those who know them; retired ones are not shown.
    """
    usable = [one for one in own if one.status == "active" or (one.status, one.e164) == ("resting", shown_before)]
    near = [one for one in usable if one.country == country] or usable
    if known := next((one for one in near if one.e164 == shown_before), None):
        return known
    fresh = [one for one in near if one.status == "active"]
    if not fresh:
        return None
    ring = [fresh[(seed + step) % len(fresh)] for step in range(len(fresh))]
    return next((one for one in ring if not one.full), ring[0])


def bar_of(chosen: OwnNumber | None, *, place: str, at: datetime) -> CampaignBar | None:
    """Why no call may show the chosen number now, if it may not. `place` is the zone of our own days."""
    if chosen is None:
        return CampaignBar("NO_CALLER_ID", "no active number of ours is left to show")
    if not chosen.full:
        return None
    reason = f"the {chosen.daily_cap} calls a day that may show this person's number are used"
    return CampaignBar("CALLER_ID_CAP", reason, next_midnight(place, at))


def today_at(place: str, at: datetime) -> date:
    """The day at our own place."""
    return at.astimezone(ZoneInfo(place)).date()


def next_midnight(place: str, at: datetime) -> datetime:
    """The start of the next day at our own place (UTC)."""
    return _start_of(today_at(place, at) + timedelta(days=1), place)


def last_midnight(place: str, at: datetime) -> datetime:
    """The start of the day at our own place (UTC)."""
    return _start_of(today_at(place, at), place)


def _start_of(day: date, place: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(place)).astimezone(UTC)
