"""What a soak is asked to live through: how long, how many, how fast, which faults. Values only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.processes.fleet import Terms
from tests.processes.storm import KINDS, Span

CLOSING = datetime(2026, 11, 9, 19, 0, tzinfo=UTC)  # a Monday; 20:00 in Paris: the middle of a run
OPENING = 30.0  # real seconds from the start of time to the first call, about
SPEED, CALLS_PER_SECOND = 20.0, 3.0
CALLS_A_MINUTE, PEOPLE_A_MINUTE = 100, 170


@dataclass(frozen=True, slots=True)
class Order:
    """Seconds are real ones. `calls` are promised; `portions` are the files that the people come in.

    `settling`: how long no call may be made before the rest counts as forgotten.
    `token` of a manager: the campaigns run already, over people who are on record. `blows`: so many and no more.
    """

    seconds: float
    calls: int
    people: int
    seed: int
    terms: Terms
    portions: int = 4
    campaigns: tuple[str, ...] = ("first", "second")
    token: str = ""
    kinds: tuple[str, ...] = KINDS
    pause: Span = (1.0, 6.0)
    lasts: Span = (1.0, 4.0)
    wishes_every: float = 6.0
    rests_every: float = 20.0
    settling: float = 60.0
    blows: int | None = None


def order_of(minutes: float, seed: int) -> Order:
    """A soak of so many minutes: a hundred calls a minute are promised, a thousand from ten minutes on."""
    start = CLOSING - timedelta(seconds=(minutes * 30 + OPENING) * SPEED)
    return Order(
        seconds=minutes * 60,
        calls=round(min(CALLS_A_MINUTE * minutes, 1000)),
        people=math.ceil(PEOPLE_A_MINUTE * minutes),
        seed=seed,
        terms=Terms(start=start, speed=SPEED, calls_per_second=CALLS_PER_SECOND),
        portions=max(2, math.ceil(minutes * 2)),
    )
