"""When people pick up: hours and weekdays at the place of the number that was called. Pure but for number tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dialer.results.counting import right_party, share, was_answered, was_dialed
from dialer.results.group import Dialled
from dialer.rules.phone_numbers import PhoneNumber, read

QUARTER = timedelta(minutes=15)  # no zone differs from another by less
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def heat_map(groups: Iterable[Dialled]) -> dict[str, Any]:
    """Cells of weekday (1 is Monday) and hour in the debtor's time: n dialled, answered, right party, and shares.

    The time is that of the number's zone (the first, where several are possible), at the moment of the intent. Only
    cells with calls are listed, in order; `unplaced` calls went to numbers of no known zone.
    """
    cells: dict[tuple[int, int], list[int]] = {}
    unplaced = 0
    for group in groups:
        if not was_dialed(group):
            continue
        zone = _zone(group.sample)
        if zone is None:
            unplaced += group.count
            continue
        at = (EPOCH + group.quarter * QUARTER).astimezone(ZoneInfo(zone))
        cell = cells.setdefault((at.isoweekday(), at.hour), [0, 0, 0])
        cell[0] += group.count
        cell[1] += group.count * was_answered(group)
        cell[2] += group.count * right_party(group)
    return {
        "time_of": "debtor",
        "cells": [_cell(weekday, hour, *counts) for (weekday, hour), counts in sorted(cells.items())],
        "unplaced": unplaced,
    }


def _cell(weekday: int, hour: int, dialed: int, answered: int, right: int) -> dict[str, Any]:
    return {
        "weekday": weekday,
        "hour": hour,
        "dialed": dialed,
        "answered": answered,
        "right_party": right,
        "answered_share": share(answered, dialed),
        "right_party_share": share(right, dialed),
    }


@lru_cache(maxsize=4096)
def _zone(number: str) -> str | None:
    parsed = read(number, "")
    return parsed.zones[0].name if isinstance(parsed, PhoneNumber) and parsed.zones else None
