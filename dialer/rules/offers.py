"""What may be agreed with a debtor: until when a promise, in how many instalments, with which discount. Pure.

The numbers stand in offers.yaml; an offer past them is refused with the limit in words.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate

import yaml
from pydantic import BaseModel, ConfigDict, Field


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bracket(_Data):
    """How many instalments and what discount from an age of the debt on."""

    from_days: int = Field(ge=0)
    instalments: int = Field(ge=1, le=120)
    discount_percent: int = Field(ge=0, le=90)


class PlanRules(_Data):
    """Limits of instalment plans."""

    first_within_days: int = Field(ge=0, le=60)
    smallest: dict[str, int]
    by_age: tuple[Bracket, ...] = Field(min_length=1)


class WithinDays(_Data):
    """A day that lies at most so far ahead."""

    latest_days: int = Field(ge=1, le=366)


class Offers(_Data):
    """The whole of offers.yaml."""

    promise: WithinDays
    plan: PlanRules
    call_back: WithinDays


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be offered for one debt: `smallest` and `total` in minor units, days at the person's place."""

    total: int
    smallest: int
    instalments: int
    discount_percent: int
    first_by: date
    today: date


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan that is asked for. `down` is a first payment of its own size (0: all instalments are alike)."""

    instalments: int
    first_on: date
    discount_percent: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment: its day, its amount in minor units."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Past:
    """The wish is past a limit: `limit` names it, `most` is what would be allowed (number, ISO day, minor units)."""

    limit: str
    most: str


@cache
def offers() -> Offers:
    """The limits as shipped."""
    return Offers.model_validate(yaml.safe_load((files("dialer.rules") / "offers.yaml").read_text("utf-8")))


def limits(total: int, currency: str, days_past_due: int, today: date) -> Limits:
    """What may be offered for so much money that is so late. A currency without a smallest instalment: no plan."""
    rules = offers().plan
    fitting = [one for one in rules.by_age if one.from_days <= max(0, days_past_due)] or [rules.by_age[0]]
    bracket = max(fitting, key=lambda one: one.from_days)
    smallest = rules.smallest.get(currency, total)
    return Limits(
        total=total,
        smallest=smallest,
        instalments=bracket.instalments,
        discount_percent=bracket.discount_percent,
        first_by=today + timedelta(days=rules.first_within_days),
        today=today,
    )


def plan(wish: Wish, within: Limits) -> tuple[Instalment, ...] | Past:
    """The dated instalments, a month apart, or the limit that the wish is past. They add up to the discounted total.

    What does not divide evenly is in the first instalment; the 31st becomes the last day of a shorter month.
    """
    if past := _past(wish, within):
        return past
    owed = discounted(within.total, wish.discount_percent)
    if wish.down:
        rest = _even(owed - wish.down, wish.instalments - 1)
        parts = [wish.down, *rest]
    else:
        parts = _even(owed, wish.instalments)
    if min(parts) < within.smallest and len(parts) > 1:
        return Past("smallest", str(within.smallest))
    return tuple(Instalment(_months_after(wish.first_on, n), minor) for n, minor in enumerate(parts))


def discounted(total: int, percent: int) -> int:
    """The total less the discount; a fraction of a minor unit is the debtor's."""
    return total * (100 - percent) // 100


def sums(instalments: tuple[Instalment, ...]) -> list[int]:
    """What must have been paid by each instalment's day, all before included."""
    return list(accumulate(one.minor for one in instalments))


def _past(wish: Wish, within: Limits) -> Past | None:
    if not 1 <= wish.instalments <= within.instalments:
        return Past("instalments", str(within.instalments))
    if not 0 <= wish.discount_percent <= within.discount_percent:
        return Past("discount", str(within.discount_percent))
    if not within.today <= wish.first_on <= within.first_by:
        return Past("first_on", within.first_by.isoformat())
    owed = discounted(within.total, wish.discount_percent)
    if wish.down and (wish.instalments < 2 or not within.smallest <= wish.down < owed):
        return Past("down", str(within.smallest))
    return None


def _even(total: int, count: int) -> list[int]:
    part, rest = divmod(total, count)
    return [part + rest, *[part] * (count - 1)]


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
