"""I2 in every run of the tests: a short soak, each of the worst faults once, and the audit of the long one."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dialer.store import campaigns, tokens
from dialer.store.database import Database
from dialer.store.models import Number, Person
from tests.conftest import fresh_database
from tests.dialer.records import KEYS, NOON, campaign_of
from tests.dialer.test_cut_connections import cut
from tests.processes.entry import SetClock
from tests.processes.fleet import Terms, fleet
from tests.processes.orders import Order
from tests.processes.people import Crowd, Known
from tests.processes.soak import Soak, picture
from tests.processes.stores import redis
from tests.processes.storm import KINDS, RESTARTS, SHORT, blows
from tests.processes.striking import Striker

PEOPLE = 40
SHARED = 8  # people who share a number with somebody else on the list
WISHING = 12  # people who may be opted out in the midst of it
PERSONAS = (
    "promiser", "payer", "no_answer", "busy", "machine_with_beep", "silent", "opts_out", "wrong_number",
    "hangs_up_at_once", "invalid", "agent_seeker", "hangs_up_mid_sentence",
)  # fmt: skip


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from fresh_database(request, "postgresql", tmp_path)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="toque-soak-", dir="/tmp") as made:  # a socket's path must be short
        yield Path(made)


@pytest.mark.timeout(240)
async def test_under_faults_nothing_is_doubled_lost_late_or_told_differently(
    postgres_url: str, home: Path, loopback: None
) -> None:
    said: list[str] = []
    database = Database(postgres_url, KEYS)
    token, crowd = await _people_on_record(database, home / "people.json")
    order = Order(
        seconds=0, calls=24, people=PEOPLE, seed=20260321, campaigns=("campaign 1",), token=token,
        terms=Terms(start=NOON, speed=60, calls_per_second=20, http_timeout=1.5, unknown_grace=1.0), kinds=SHORT,
        pause=(0.1, 0.4), lasts=(0.3, 0.8), wishes_every=0.7, rests_every=2.0, settling=60, blows=len(SHORT),
    )  # fmt: skip
    with redis(home) as cache:
        async with fleet(
            home, database_url=postgres_url, redis_url=cache.address, people=home / "people.json", terms=order.terms
        ) as town:
            striker = Striker(town, cache, None, lambda: asyncio.run(cut(database)), order.seed, said.append)
            outcome = await Soak(order, striker, crowd, said.append).live_through()
            told = f"{picture(outcome, order)}\n" + "\n".join(said)
            assert outcome.violations == 0, f"{told}\n{town.tail()}"
    await database.close()
    assert {kind: outcome.struck[kind] for kind in SHORT} == dict.fromkeys(SHORT, 1)
    assert outcome.struck["opt-out by API"] + outcome.struck["opt-out by command"] > 0, told
    assert outcome.struck["pause and resume"] > 0, told
    assert outcome.calls >= order.calls, told
    assert len(outcome.verdicts) == 9


async def _people_on_record(database: Database, phone_book: Path) -> tuple[str, Crowd]:
    """A running campaign, somebody at every telephone of it, a manager's token, and who may be opted out."""
    rows = await campaign_of(database, PEOPLE)
    async with database.write() as session:
        for index in range(SHARED):
            first = await session.get_one(Number, rows.numbers[index])
            await session.execute(update(Number).where(Number.id == rows.numbers[-1 - index]).values(e164=first.e164))
        campaign = await session.get_one(campaigns.Campaign, rows.campaign)
        campaign.name = "campaign 1"
        token = await tokens.create(session, rows.tenant, "manager", "manager", NOON)
    async with database.read() as session:
        found = await session.execute(select(Person.key, Number.e164).join(Number).order_by(Person.id))
        known = [Known(key, (number,)) for key, number in found]
    numbers = sorted({phone for one in known for phone in one.phones})
    people = [
        {"address": number, "persona": PERSONAS[index % len(PERSONAS)], "language": "pt-BR"}
        for index, number in enumerate(numbers)
    ]
    await asyncio.to_thread(phone_book.write_text, json.dumps({"default": "no_answer", "people": people}))
    return token, Crowd((), tuple(known[SHARED : SHARED + WISHING]))


def test_a_seed_is_a_storm() -> None:
    first, again, other = (list(islice(blows(seed), len(KINDS))) for seed in (1, 1, 2))
    assert first == again != other
    assert {one.kind for one in first} == set(KINDS), "every kind once before any comes twice"
    assert not set(SHORT) & set(RESTARTS), "the server of the tests is not restarted under other tests"


def test_a_clock_that_was_set_is_off_until_it_is_set_right(tmp_path: Path) -> None:
    file = tmp_path / "web-1.clock"
    clock = SetClock(file)
    assert abs(clock.time() - time.time()) < 1
    for off in ("90.0", "-90.0", "0.0"):
        file.write_text(off)
        os.utime(file, ns=(0, int(float(off)) + 1000))  # another moment than before, however coarse the file's are
        assert abs(clock.time() - time.time() - float(off)) < 1
        assert abs(clock.time_ns() / 1e9 - time.time() - float(off)) < 1
