"""A simulated month through the real system: people are called, call, text, pay and object; time is a manual clock.

Everything that the auditor may read is written into a folder: the record, and the carrier's own log.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from dialer import calling, enrolling, importing
from dialer.campaigns import campaigning
from dialer.results import record_lines
from dialer.rules.plan import Plan
from dialer.store.models import Attempt, Interaction
from local_carrier.faults import read_fault
from local_carrier.lines.people import read_person
from tests.audit import happenings
from tests.audit.inside import Stage, stage
from tests.audit.residents import Resident, phone_book, residents, write_list

START = datetime(2026, 10, 26, 4, 0, tzinfo=UTC)  # a Monday; summer time ends in the US on the Sunday after
WEATHER = (
    {"effect": "lost", "kinds": ["status"], "probability": 0.02},
    {"effect": "duplicated", "kinds": ["status"], "probability": 0.02},
    {"effect": "reordered", "kinds": ["status"], "probability": 0.02, "seconds": 20},
    {"effect": "delayed", "kinds": ["status"], "probability": 0.02, "seconds": 40},
    {"effect": "error_after", "probability": 0.003},
    {"effect": "dropped_before", "probability": 0.003},
)
AUDITED = frozenset({"heard", "taped", "pressed", "status", "amd"})
PERSISTENT = 0.05  # the share of people whom a second campaign calls as often as it may

ATTENDED = 0.1  # the share whom a campaign calls as fast as its agents take calls
SKILL, NOBODYS = "collections", "none"


@dataclass(frozen=True, slots=True)
class Order:
    """What to simulate."""

    people: int = 10_000
    days: int = 30
    seed: int = 1
    attempts: int = 3  # the most of a campaign to one person (the persistent one has its own)
    beat: float = 60.0  # business seconds between two looks of the worker while anything goes on


@dataclass(slots=True)
class Figures:
    """What came of it."""

    people: int = 0
    days: int = 0
    calls: int = 0
    calls_in: int = 0
    calls_by_hand: int = 0
    texts: int = 0
    allowed: int = 0
    denied: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, object]:
        """For JSON: counters as plain objects, the most frequent first (`asdict` would count their pairs)."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: dict(one.most_common()) if isinstance(one, Counter) else one for name, one in values.items()}

    seconds: float = 0.0


async def live_through(
    order: Order, *, database_url: str, home: Path, tell: Callable[[str], None] = lambda _: None
) -> Figures:
    """Simulate; the record and the carrier's log are then `record.jsonl` and `carrier.jsonl` in `home`."""
    begun = time.monotonic()
    random = Random(order.seed)
    people = residents(order.people, start=START.date(), seed=order.seed)
    faults = tuple(read_fault(one) for one in WEATHER)
    figures = Figures(people=order.people, days=order.days)
    async with stage(
        database_url, home, phone_book(people), start=START, beat=order.beat, faults=faults, seed=order.seed
    ) as place:
        await _hire(place, order)
        names = await _open(place, home, people, order, random)
        for day in range(order.days):
            morning = START + timedelta(days=day)
            coming = happenings.of_day(morning, people, names, random=random)
            await _day(place, coming, morning + timedelta(days=1), random, figures)
            tell(
                f"day {day + 1} of {order.days}: {len(place.exchange.ledger)} calls, {time.monotonic() - begun:.0f} s"
            )
        await _count(place, figures)
        await _write(place, home)
    figures.seconds = time.monotonic() - begun
    return figures


async def _hire(place: Stage, order: Order) -> None:
    """Agents who take the callers of one campaign, and call by hand."""
    for n in range(max(2, order.people // 1500)):
        name, line = f"Agent {n + 1}", f"client:agent_{n + 1}"
        place.exchange.people.add(read_person({"address": line, "persona": "agent", "language": "en-US"}))
        await enrolling.enrol(place.op, name, line, [SKILL])
        place.staff[line] = name


async def _open(place: Stage, home: Path, people: Sequence[Resident], order: Order, random: Random) -> list[str]:
    """Load the lists as files, and start a campaign on each."""
    usual = Plan(retry="default", attempts_total=order.attempts, detect="beep")
    often = Plan(
        retry="intensive", person_gap_minutes=30, attempts_per_day=8, attempts_per_week=20, attempts_total=30,
        detect="quick",
    )  # fmt: skip
    chosen = [one for one in people if random.random() < PERSISTENT]
    lists = {country: [one for one in people if one.country == country] for country in ("BR", "US", "FR")}
    lists["often"] = chosen
    lists["attended"] = [one for one in people if random.random() < ATTENDED]
    names = []
    for name, listed in lists.items():
        if not listed:
            continue
        path = home / f"{name}.csv"
        write_list(path, listed)
        await importing.load(place.op, importing.Order(path, happenings.CREDITOR, list_name=name))
        plan = often if name == "often" else usual
        skill = SKILL if name == "attended" else NOBODYS
        await campaigning.create(place.op, name, list_name=name, flow="lembrete", plan=plan, skill=skill)
        await campaigning.start(place.op, name)
        names.append(name)
    return names


async def _day(
    place: Stage, coming: list[happenings.Happening], end: datetime, random: Random, figures: Figures
) -> None:
    async def live() -> None:
        for one in coming:
            await place.clock.sleep((one.at - place.clock.now()).total_seconds())
            place.activity.count += 1
            try:
                came = await happenings.let_happen(place, one, random=random)
            finally:
                place.activity.count -= 1
            figures.happened[one.what if came else f"{one.what} (refused)"] += 1

    living = asyncio.create_task(live())
    await place.until(end)
    await living


def _masked(entry: dict[str, str]) -> dict[str, str]:
    """Keys of an identity check are dots; how many there were stays."""
    secret = entry["what"] == "pressed" and len(entry["words"].strip("*#")) > 2
    return entry | {"words": "•" * len(entry["words"])} if secret else entry


async def _count(place: Stage, figures: Figures) -> None:
    async with place.op.database.read() as session:
        for direction, disposition, count in await session.execute(
            select(Attempt.direction, Attempt.disposition, func.count()).group_by(
                Attempt.direction, Attempt.disposition
            )
        ):
            figures.outcomes[f"{direction} {disposition}"] += count
        kinds = await session.execute(select(Interaction.kind, Interaction.detail))
        for kind, detail in kinds:
            if kind.endswith("_denied"):
                figures.denied[detail["rule"]] += 1
            figures.allowed += kind.endswith("_allowed")
        figures.calls_by_hand = await session.scalar(select(func.count()).where(Attempt.mode == calling.MODE)) or 0
    figures.calls = sum(
        leg.direction == "outbound-api" and leg.to not in place.staff for leg in place.exchange.ledger
    )
    figures.calls_in = sum(leg.direction == "inbound" for leg in place.exchange.ledger)
    figures.texts = len(place.exchange.messages.messages)


async def _write(place: Stage, home: Path) -> None:
    with (home / "record.jsonl").open("w", encoding="utf-8") as file:
        async for line in record_lines.lines(place.op):
            file.write(line + "\n")
    number = record_lines.number_key(place.op)
    with (home / "carrier.jsonl").open("w", encoding="utf-8") as file:
        for leg in place.exchange.ledger:
            to = leg.to if leg.to in place.staff else number(leg.to)  # an agent's line is no telephone number
            told: dict[str, Any] = leg.as_json() | {"to": to, "from": number(leg.from_)}
            told["type"] = "leg"
            del told["keys"], told["persona"]
            told["entries"] = [_masked(one) for one in told["entries"] if one["what"] in AUDITED]
            if leg.to in place.staff:
                told["entries"] = []  # what only an agent heard
            file.write(json.dumps(told, default=str, ensure_ascii=False) + "\n")
        for text in place.exchange.messages.messages.values():
            told = {
                "type": "text", "sid": text.sid, "to": number(text.order.to), "from": number(text.order.from_),
                "body": text.order.body, "at": text.created_at.isoformat(), "status": text.status,
                "direction": text.direction,
            }  # fmt: skip
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
