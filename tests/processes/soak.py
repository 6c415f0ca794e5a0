"""One soak: a day with faults, then quiet, then the two files and what the auditor says of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tests.processes import auditor
from tests.processes.auditor import Verdict
from tests.processes.day import Day
from tests.processes.evidence import LIVE, Evidence, Row, at, our_legs, read_record
from tests.processes.orders import Order
from tests.processes.people import Crowd
from tests.processes.storm import blows
from tests.processes.striking import Striker

Record = dict[str, list[Row]]
OVERDUE = timedelta(minutes=4)  # of business time: twelve real seconds
LONGEST_EVENING = 900.0  # seconds
LONGER = 2.5  # on a machine that has other things to do
SHOWN = 20  # violations of a statement


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    calls: int
    struck: Counter[str]
    verdicts: list[Verdict]

    @property
    def violations(self) -> int:
        return sum(len(one.violations) for one in self.verdicts)


@dataclass(slots=True)
class Soak:
    """A run; nothing of the fleet runs before. `say` is given a line at a time."""

    order: Order
    striker: Striker
    crowd: Crowd
    say: Callable[[str], None]
    _begun: float = field(default_factory=time.monotonic)
    _exports: int = 0

    def tell(self, words: str) -> None:
        self.say(f"{time.monotonic() - self._begun:7.1f} s  {words}")

    async def live_through(self) -> Outcome:
        """All of it, to the verdicts."""
        self.striker.tell = self.tell
        day = Day(self.order, self.striker.town, self.crowd, self.tell)
        await day.open()
        storm = asyncio.create_task(self._storm(day))
        try:
            await day.live(storm)
        finally:
            storm.cancel()
        evidence = await self._evening(day)
        return Outcome(len(evidence.legs), self.striker.struck + day.ordered, auditor.judge(evidence))

    async def _storm(self, day: Day) -> None:
        """Blows until the time is over and the calls were made; LONGER times as long at most."""
        order, begun = self.order, time.monotonic()
        for n, blow in enumerate(blows(order.seed, order.kinds, pause=order.pause, lasts=order.lasts)):
            passed = time.monotonic() - begun
            enough = passed > order.seconds and await day.count() >= order.calls
            if n == order.blows or (order.blows is None and (enough or passed > order.seconds * LONGER)):
                return
            await asyncio.sleep(blow.pause)
            await self.striker.strike(blow)

    async def _evening(self, day: Day) -> Evidence:
        """Fair weather; until nobody is overdue, then a pause of all, then until nothing is under way; the files."""
        town = self.striker.town
        await town.weather((), self.order.seed)
        self.tell("fair weather: until nobody is overdue")
        await self._until(day, _is_caught_up)
        for name in self.order.campaigns:
            await day.change("pause", name)
        self.tell("until nothing is under way")
        record = await self._until(day, _is_quiet)
        ledger = await town.ledger()
        (town.home / "ledger.json").write_text(json.dumps(ledger))
        await town.end()
        self.tell("judging")
        terms = self.order.terms
        return Evidence(
            record, our_legs(ledger), terms.calls_per_second, terms.speed, day.rests, day.opt_outs, sorted(day.grants)
        )

    async def _until(self, day: Day, reached: Callable[[Record], bool]) -> Record:
        """The record when it is so, or when nothing has moved for long: the auditor will say what is wrong."""
        latest = time.monotonic() + LONGEST_EVENING
        until, calls = time.monotonic() + self.order.settling, await day.count()
        while True:
            record = await self._export(day)
            if reached(record) or time.monotonic() > min(until, latest):
                return record
            if await day.count() > calls:
                until, calls = time.monotonic() + self.order.settling, day.calls
            await asyncio.sleep(0.5)

    async def _export(self, day: Day) -> Record:
        home = self.striker.town.home
        (home / f"record-{self._exports}.jsonl").unlink(missing_ok=True)
        self._exports += 1
        path = home / f"record-{self._exports}.jsonl"
        await day.command("record", "export", "--out", str(path))
        with path.open(encoding="utf-8") as file:
            return read_record(file)


def _is_caught_up(record: Record) -> bool:
    now = at(record["header"][0]["at"])
    running = {one["id"] for one in record["campaign"] if one["status"] == "running"}
    return not any(
        one["status"] == "claimed" or (one["status"] == "waiting" and at(one["due_at"]) < now - OVERDUE)
        for one in record["contact"]
        if one["campaign_id"] in running
    )


def _is_quiet(record: Record) -> bool:
    return not any(one["status"] in LIVE or not one["closed_at"] for one in record["attempt"]) and not any(
        one["status"] in ("claimed", "calling") for one in record["contact"]
    )


def picture(outcome: Outcome, order: Order) -> str:
    """The table at the end."""
    rows = [("calls", outcome.calls, f"{order.calls} were promised")]
    rows += [("struck", count, kind) for kind, count in sorted(outcome.struck.items())]
    for one in outcome.verdicts:
        rows.append((f"VIOLATED {len(one.violations)}" if one.violations else "holds", one.looked_at, one.statement))
    told = [f"{what:>12} {count:>6}  {words}" for what, count, words in rows]
    told += [f"{one.statement}: {words}" for one in outcome.verdicts for words in one.violations[:SHOWN]]
    return "\n".join(told)
