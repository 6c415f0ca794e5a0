"""How the numbers that we show are doing: answered of all calls today, in a week, in a month; and complaints.

From the meters, so that it costs the same however many calls there were. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from dialer.campaigns import showing
from dialer.campaigns.showing import ShownNumber
from dialer.operation import Operation
from dialer.rules.meters import load_meters
from dialer.rules.showing import last_midnight, today_at
from dialer.store import campaigns, meters
from dialer.store.meters import Counted
from dialer.store.models import Attempt, Suppression

WINDOWS = (1, 7, 30)  # days, today among them


@dataclass(frozen=True, slots=True)
class Window:
    """The calls of the last `days` days: how many, how many of them answered, how many short."""

    days: int
    calls: int
    answered: int
    short: int

    @property
    def rate(self) -> float | None:
        """Answered of all calls (0 to 1); None when there were none."""
        return self.answered / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Health:
    """One number. `fallen`: it is answered less than before, so that people should look into it.

    `opt_outs`: people who, in the last 30 days, asked in a call from this number not to be called again.
    """

    shown: ShownNumber
    windows: tuple[Window, ...]
    fallen: bool
    opt_outs: int


async def healths(op: Operation) -> list[Health]:
    """Every number that calls may show or have shown."""
    known = await showing.shown_numbers(op)
    rule, now = load_meters().answer_rate, op.clock.now()
    today = today_at(op.settings.time_zone, now)
    begun = {days: today - timedelta(days=days - 1) for days in WINDOWS}
    recent = today - timedelta(days=rule.recent_days - 1)
    before = recent - timedelta(days=rule.before_days)
    whose = [Counted("number", one.number) for one in known]
    async with op.database.survey() as session:
        tenant = await campaigns.tenant(session)
        sums = await meters.sums(session, tenant.id, whose, {*begun.values(), recent, before})
        since = last_midnight(op.settings.time_zone, now) - timedelta(days=WINDOWS[-1] - 1)
        asked = await session.execute(
            select(Attempt.from_number, func.count(Suppression.person_id.distinct()))
            .join(Suppression, Suppression.attempt_id == Attempt.id)
            .where(
                Attempt.tenant_id == tenant.id,
                Attempt.direction == "out",
                Suppression.kind == "opt_out",
                Suppression.since >= since,
            )
            .group_by(Attempt.from_number)
        )
        opt_outs = {number: int(count) for number, count in asked}
    found = []
    for one in known:
        lately, earlier = _of(sums, one.number, recent), _of(sums, one.number, before)
        fallen = rule.has_fallen(lately, (earlier[0] - lately[0], earlier[1] - lately[1]))
        windows = tuple(_window(sums, one.number, days, day) for days, day in begun.items())
        found.append(Health(one, windows, fallen, opt_outs.get(one.number, 0)))
    return found


def _of(sums: Mapping[tuple[Counted, str, date], int], number: str, since: date) -> tuple[int, int]:
    """(answered, calls) from a day on."""
    whose = Counted("number", number)
    return sums.get((whose, "answers", since), 0), sums.get((whose, "calls", since), 0)


def _window(sums: Mapping[tuple[Counted, str, date], int], number: str, days: int, since: date) -> Window:
    answered, calls = _of(sums, number, since)
    return Window(days, calls, answered, sums.get((Counted("number", number), "short_calls", since), 0))
