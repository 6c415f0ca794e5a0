"""I2: kill -9 of workers and of the web server at seeded instants: nothing is doubled and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from dialer.store.database import Database
from dialer.store.models import LIVE_STATUSES, Attempt, Campaign, Contact, Number
from tests.conftest import fresh_database
from tests.dialer.records import KEYS, NOON, Rows, campaign_of
from tests.processes.auditor import faults
from tests.processes.fleet import Fleet, fleet

SHARED = 10  # people who share a number with somebody else on the list
VICTIMS = (("web",), ("worker-1",), ("worker-2",), ("worker-1", "worker-2"))
REAL_LIMIT = 240.0  # seconds
PERSONAS = (
    "promiser", "payer", "no_answer", "busy", "machine_with_beep", "silent", "opts_out", "wrong_number",
    "hangs_up_at_once", "invalid", "agent_seeker", "hangs_up_mid_sentence",
)  # fmt: skip


@pytest.fixture
def postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from fresh_database(request, "postgresql", tmp_path)


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    ("seed", "count", "kills"), [(20260321, 60, 3), pytest.param(20260302, 200, 6, marks=pytest.mark.soak)]
)
async def test_processes_killed_at_any_instant_neither_double_nor_lose_a_call(
    postgresql: str, redis_url: str, tmp_path: Path, loopback: None, seed: int, count: int, kills: int
) -> None:
    database = Database(postgresql, KEYS)
    dice = random.Random(seed)
    instants = sorted(dice.sample(range(5, count - 20), kills))
    rows = await _people_on_the_list(database, count)
    people = await _people_at_their_phones(database, tmp_path)
    with fleet(
        tmp_path, database_url=postgresql, redis_url=redis_url, start=NOON, speed=60, people=people,
        calls_per_second=25.0,
    ) as town:  # fmt: skip
        await asyncio.gather(*(town.start(name) for name in ("carrier", "web", "worker-1", "worker-2")))
        killed = await _kill_at_seeded_instants(town, database, dice, instants)
        await _until(database, town, _everybody_was_tried)
        async with database.write() as session:
            await session.execute(update(Campaign).where(Campaign.id == rows.campaign).values(status="paused"))
        await _until(database, town, _nothing_is_under_way)
        ledger = await town.ledger()
        await town.end()
    wrong = await faults(database, ledger)
    await database.close()
    assert len(killed) == kills
    assert wrong == [], f"after {killed}\n{town.tail()}"


async def _people_on_the_list(database: Database, count: int) -> Rows:
    rows = await campaign_of(database, count)
    async with database.write() as session:
        for index in range(SHARED):
            first = await session.get_one(Number, rows.numbers[index])
            await session.execute(update(Number).where(Number.id == rows.numbers[-1 - index]).values(e164=first.e164))
    return rows


async def _people_at_their_phones(database: Database, folder: Path) -> Path:
    async with database.read() as session:
        numbers = sorted(set(await session.scalars(select(Number.e164))))
    people = [
        {"address": number, "persona": PERSONAS[index % len(PERSONAS)], "language": "pt-BR"}
        for index, number in enumerate(numbers)
    ]
    path = folder / "people.json"
    path.write_text(json.dumps({"default": "no_answer", "people": people}))
    return path


async def _kill_at_seeded_instants(
    town: Fleet, database: Database, dice: random.Random, instants: list[int]
) -> list[str]:
    """Each time so many calls were begun, and a moment more, processes die and are started again."""
    killed = []
    for begun in instants:
        await _until(database, town, lambda attempts, _, begun=begun: attempts >= begun)
        await asyncio.sleep(dice.random() * 0.3)
        victims = dice.choice(VICTIMS)
        if "web" not in victims:
            await _until_an_intent_is_unanswered(database)
        await asyncio.gather(*(town.kill(victim) for victim in victims))
        killed.append(f"{victims} after {begun}")
        await asyncio.gather(*(town.start(victim) for victim in victims))
    return killed


async def _until_an_intent_is_unanswered(database: Database) -> None:
    """The instant that matters most: the intent is committed, the carrier's answer is not. At most a second."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        async with database.read() as session:
            if await session.scalar(select(Attempt.id).where(Attempt.status == "placing").limit(1)):
                return


async def _until(database: Database, town: Fleet, reached) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + REAL_LIMIT
    while not reached(*(numbers := await _count(database))):
        assert time.monotonic() < until, f"stuck at {numbers}:\n{town.tail()}"
        await asyncio.sleep(0.05)


async def _count(database: Database) -> tuple[int, tuple[int, int]]:
    """Attempts ever begun; contacts that nobody has looked at yet, and attempts and contacts under way."""
    async with database.read() as session:
        begun = await session.scalar(select(func.count()).select_from(Attempt))
        fresh = await session.scalar(
            select(func.count())
            .select_from(Contact)
            .where(Contact.tries == 0, Contact.status.in_(("waiting", "claimed")), Contact.blocked_rule.is_(None))
        )
        live = await session.scalar(
            select(func.count()).select_from(Attempt).where(Attempt.status.in_(LIVE_STATUSES))
        )
        held = await session.scalar(
            select(func.count()).select_from(Contact).where(Contact.status.in_(("claimed", "calling")))
        )
    return int(begun or 0), (int(fresh or 0), int(live or 0) + int(held or 0))


def _everybody_was_tried(_: int, left: tuple[int, int]) -> bool:
    return left[0] == 0


def _nothing_is_under_way(_: int, left: tuple[int, int]) -> bool:
    return left[1] == 0
