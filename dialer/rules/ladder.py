"""Which debts a flow may speak of: never before its days past due, never behind a later step already taken.

Days are counted at the debtor's place; where that may be several, the flow must fit in all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from dialer.rules.facts import CampaignBar
from ivr_flows.nodes import Ladder

Fit = Literal["fits", "too_early", "too_late", "behind"]


@dataclass(frozen=True, slots=True)
class Rung:
    """Where one debt stands: the day it is due, and the latest step of the ladder taken for it (0: none)."""

    debt: str
    due_on: date
    step: int = 0


def fit(ladder: Ladder | None, rung: Rung, *, zones: Iterable[str], at: datetime) -> Fit:
    """How a flow of this place on the ladder fits a debt at an instant; a flow without a place fits any debt."""
    if ladder is None:
        return "fits"
    if rung.step > ladder.step:
        return "behind"
    days = [(today - rung.due_on).days for today in _todays(zones, at)]
    if min(days) < ladder.from_day:
        return "too_early"
    if ladder.to_day is not None and max(days) > ladder.to_day:
        return "too_late"
    return "fits"


def fitting(
    ladder: Ladder | None, rungs: Sequence[Rung], *, zones: Iterable[str], at: datetime
) -> tuple[str, ...] | CampaignBar:
    """The debts that the flow may be about; where there is none of several, the bar that lifts first says why."""
    zones = tuple(zones)
    fits = {rung.debt: fit(ladder, rung, zones=zones, at=at) for rung in rungs}
    debts = tuple(debt for debt, found in fits.items() if found == "fits")
    if debts or ladder is None or not rungs:
        return debts
    early = [rung for rung in rungs if fits[rung.debt] == "too_early"]
    if early:
        first = min(early, key=lambda rung: rung.due_on)
        return _bar("too_early", ladder, until=fits_from(ladder, first, zones=zones))
    return _bar("too_late" if "too_late" in fits.values() else "behind", ladder)


def fits_from(ladder: Ladder, rung: Rung, *, zones: Iterable[str]) -> datetime:
    """The first instant (UTC) at which the debt is old enough for the flow in every candidate place."""
    day = rung.due_on + timedelta(days=ladder.from_day)
    starts = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) for zone in tuple(zones) or ("UTC",)]
    return max(start.astimezone(UTC) for start in starts)


def _todays(zones: Iterable[str], at: datetime) -> list[date]:
    return [at.astimezone(ZoneInfo(zone)).date() for zone in tuple(zones) or ("UTC",)]


def _bar(why: Fit, ladder: Ladder, until: datetime | None = None) -> CampaignBar:
    match why:
        case "too_early":
            when = f"{ladder.from_day} day(s) after" if ladder.from_day >= 0 else f"{-ladder.from_day} day(s) before"
            reason = f"this flow begins {when} the due date, and no debt is there yet"
            return CampaignBar("LADDER_TOO_EARLY", reason, until)
        case "too_late":
            return CampaignBar(
                "LADDER_TOO_LATE",
                f"this flow ends {ladder.to_day} day(s) after the due date, and every debt is older",
            )
        case "behind":
            reason = f"a later step than this flow's ({ladder.step}) has been taken for every debt"
            return CampaignBar("LADDER_BEHIND", reason)
        case "fits":
            raise ValueError("a debt that fits is no reason for a bar; pass why it does not fit")
        case _:
            assert_never(why)
