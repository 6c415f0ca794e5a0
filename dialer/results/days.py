"""Calls by day at our own place: how many were answered, and how long they took. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from dialer.results.counting import right_party, share, was_answered, was_dialed
from dialer.results.group import Dialled
from dialer.results.heat import EPOCH, QUARTER


def by_day(groups: Iterable[Dialled], zone: str) -> list[dict[str, Any]]:
    """{day, dialed, answered, right_party, asr, acd_seconds} for every day on which we dialled, oldest first.

    `day` is that of the intent in `zone` (IANA name); `asr` from 0 to 1, `acd_seconds` of answered
    calls with a length.
    """
    place = ZoneInfo(zone)
    days: dict[date, list[int]] = {}
    for group in groups:
        if not was_dialed(group):
            continue
        day = (EPOCH + group.quarter * QUARTER).astimezone(place).date()
        sums = days.setdefault(day, [0, 0, 0, 0, 0])
        answered = was_answered(group)
        more = (group.count, group.count * answered, group.count * right_party(group))
        lengths = (group.seconds * answered, group.timed * answered)
        days[day] = [one + another for one, another in zip(sums, (*more, *lengths), strict=True)]
    return [_row(day, *sums) for day, sums in sorted(days.items())]


def _row(day: date, dialed: int, answered: int, right: int, seconds: int, timed: int) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "dialed": dialed,
        "answered": answered,
        "right_party": right,
        "asr": share(answered, dialed),
        "acd_seconds": share(seconds, timed, digits=1),
    }
