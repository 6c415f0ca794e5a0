"""What other packs would change for a campaign's contacts now: both dry runs side by side. Writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from dialer.campaigns import planning
from dialer.campaigns.foreseeing import Forecast
from dialer.law import Law
from dialer.operation import Operation
from dialer.rules.packs import Packs


@dataclass(slots=True)
class Compared:
    """How contacts move. `moves` counts by words such as "now → later by US_REGF_TIME"; earlier, later: when."""

    contacts: int = 0
    same: int = 0
    earlier: int = 0
    later: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    first_before: datetime | None = None
    first_after: datetime | None = None

    def add(self, before: Forecast, after: Forecast) -> None:
        """Count one contact, as it would be called by each."""
        self.contacts += 1
        self.first_before = _first(self.first_before, before.at)
        self.first_after = _first(self.first_after, after.at)
        if before.at is not None and after.at is not None and before.at != after.at:
            self.earlier += after.at < before.at
            self.later += after.at > before.at
        was, will = _word(before), _word(after)
        if (was, before.at) == (will, after.at):
            self.same += 1
        else:
            self.moves[f"{was} → {will}"] += 1


async def compare(op: Operation, name: str, changed: Packs) -> Compared:
    """The dry run of the campaign (NotFound) by the packs in force, beside the one by `changed`."""
    found = Compared()
    other = replace(op, law=Law.of(changed))
    async with aclosing(_each(op, name)) as before, aclosing(_each(other, name)) as after:
        async for was in before:
            found.add(was, await anext(after))
    return found


async def _each(op: Operation, name: str) -> AsyncGenerator[Forecast]:
    async for one in planning.forecasts(op, name):
        yield one


def _word(one: Forecast) -> str:
    return f"{one.call} by {one.rule}" if one.rule else one.call


def _first(known: datetime | None, at: datetime | None) -> datetime | None:
    return min((one for one in (known, at) if one is not None), default=None)
