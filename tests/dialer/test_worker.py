"""A worker outlives what goes wrong around it, and what it held is given back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.engine import Engine

from dialer import placing, reconciling
from dialer.clock import real_ms
from dialer.operation import ASKERS
from dialer.rules.lifecycle import Created
from dialer.store import attempts, campaigns, contacts
from dialer.store.database import Database
from dialer.store.models import Agent, Attempt, Campaign, Contact, Message
from dialer.worker import Worker
from tests.dialer.records import (
    KEYS,
    NOON,
    Rows,
    accepts,
    add,
    agent_of,
    attempt_of,
    campaign_of,
    message_of,
    operation_on,
)

SID = "CA" + "3" * 32
LISTED = {"sid": SID, "from": "+15005550006", "date_created": "Mon, 02 Mar 2026 15:00:01 +0000"}


class PassingClock:
    """Sleeping takes no time at all."""

    def now(self):  # type: ignore[no-untyped-def]
        return NOON

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), OSError("no database")])
async def test_a_beat_that_fails_is_not_the_last(
    database: Database, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    worker = Worker(replace(operation_on(database, accepts), clock=PassingClock()))
    beats = 0

    async def tick() -> None:
        nonlocal beats
        beats += 1
        if beats == 1:
            raise fault
        worker._stopping.set()

    monkeypatch.setattr(Worker, "tick", lambda _self: tick())
    async with asyncio.timeout(10):
        await worker.run()
    assert beats == 2


async def test_a_placing_that_fails_gives_its_contact_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await campaign_of(database, 1)
    worker = Worker(operation_on(database, accepts))

    async def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("a bug")

    monkeypatch.setattr(placing, "carry", broken)
    await worker.tick()
    await asyncio.gather(*worker._placing)
    async with asyncio.timeout(10):
        await worker.stop()
    assert (await _contact(database, rows.contacts[0])).status == "waiting"


@pytest.mark.parametrize(("cap", "room"), [(1.0, 32), (16.5, 33), (150.0, 300), (1000.0, 400)])
async def test_a_worker_takes_on_what_the_window_grants_until_after_its_next_beat(
    tmp_path: Path, cap: float, room: int
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite3'}", KEYS)
    assert Worker(operation_on(database, accepts, calls_per_second=cap))._room == room
    await database.close()


class CountingWindow:
    """Grants everything, a moment later; how many have asked at once at the most."""

    def __init__(self) -> None:
        self.asking, self.most = 0, 0

    async def ask(self) -> float:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        return 0.0


async def test_only_the_first_in_line_ask_the_window(database: Database) -> None:
    if not database.is_sqlite:
        return
    rows, window = await campaign_of(database, 12), CountingWindow()
    op = replace(operation_on(database, accepts), window=window)  # type: ignore[arg-type]
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=12, owner="w", now=NOON, until_real=real_ms() + 60_000)
    seen = await placing.look(op, rows.contacts, owner="w")
    assert all(await asyncio.gather(*(placing.carry(op, one, owner="w") for one in seen)))
    assert window.most == ASKERS < 12


class ShutWindow:
    """Grants nothing: the shared window is away, or many wait."""

    async def ask(self) -> float:
        return 3600.0


async def test_neither_a_shut_window_nor_a_slow_carrier_stops_the_heart(database: Database) -> None:
    """Messages, lost calls and agents' lines wait; leases, pacing and waiting callers go on."""
    rows = await campaign_of(database, 1)
    asked: list[tuple[str, str]] = []

    async def hangs(request: httpx.Request) -> httpx.Response:
        asked.append((request.method, request.url.path))
        await asyncio.sleep(3600)
        return accepts(request)

    op = replace(operation_on(database, hangs), window=ShutWindow())  # type: ignore[arg-type]
    tired = agent_of(rows, status="wrapup", until=NOON, leg_sid=SID)
    _, tired_id, *_ = await add(
        database,
        agent_of(rows, status="connecting"),
        tired,
        attempt_of(rows, status="unknown", intent_real=0),
        message_of(rows, status="planned"),
        message_of(rows, status="unknown"),
    )
    worker = Worker(op)
    async with asyncio.timeout(5):
        while len(asked) < 3:
            await worker.tick()
            await asyncio.sleep(0.02)
        before = await _age_lease(database, rows)
        for _ in range(5):
            await worker.tick()
        while (await _agent(database, tired_id)).status != "ready":  # noqa: ASYNC110 - it is in the database
            await asyncio.sleep(0.02)
    assert await _lease(database, rows) > before
    assert len(asked) == len(set(asked)), "a kind of work that is still at it is not begun again"
    for task in worker._working:
        task.cancel()
    await asyncio.wait(worker._working)


async def test_an_idle_beat_only_looks(database: Database) -> None:
    """One look at what is due, one at what may be dialled: nothing is begun, and nothing is written."""
    rows = await campaign_of(database, 1)
    await add(database, agent_of(rows, status="ready", leg_sid=SID, leg_heard_at=NOON, leg_joined_at=NOON))
    async with database.write() as session:
        await session.execute(update(Contact).values(due_at=NOON + timedelta(hours=1)))
    worker = Worker(operation_on(database, accepts))
    await worker.tick()
    await quiet(worker)
    with statements_of() as statements:
        await worker.tick()
        assert not worker.busy
    assert not [one for one in statements if not one.startswith(("SELECT", "BEGIN"))]
    assert len(statements) <= 12, statements


async def test_a_worker_that_stops_gives_back_what_waits_for_a_grant(database: Database) -> None:
    rows = await campaign_of(database, 3)
    await add(database, agent_of(rows, status="connecting"))
    worker = Worker(replace(operation_on(database, accepts), window=ShutWindow()))
    await worker.tick()
    await asyncio.sleep(0.1)
    assert worker.busy
    async with asyncio.timeout(3):
        await worker.stop()
    assert not worker.busy
    assert {(await _contact(database, one)).status for one in rows.contacts} == {"waiting"}
    async with database.read() as session:
        assert not (await session.scalars(select(Attempt))).all()


async def test_a_worker_that_stops_waits_for_an_answer_only_so_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await campaign_of(database, 1)
    begun = asyncio.Event()

    async def hangs(request: httpx.Request) -> httpx.Response:
        begun.set()
        await asyncio.sleep(3600)
        return accepts(request)

    op = operation_on(database, hangs)  # type: ignore[arg-type]
    monkeypatch.setattr("dialer.worker.ROOM_SECONDS", 0.2)
    op.carrier.longest_create = 0.1
    worker = Worker(op)
    await worker.tick()
    await begun.wait()
    async with asyncio.timeout(3):
        await worker.stop()
    async with database.read() as session:
        (made,) = await session.scalars(select(Attempt))
    assert (made.contact_id, made.status) == (rows.contacts[0], "placing"), "an intent stays, to be looked for"


async def test_an_errand_that_fails_is_done_again_and_harms_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await campaign_of(database, 1, status="paused")
    tries = 0

    async def broken(*_: object) -> None:
        nonlocal tries
        tries += 1
        raise RuntimeError("a bug")

    monkeypatch.setattr(reconciling, "heal", broken)
    message_id, _ = await add(
        database, message_of(rows, status="planned"), attempt_of(rows, status="unknown", intent_real=0)
    )
    worker = Worker(operation_on(database, accepts))
    for _ in range(2):
        await worker.tick()
        await quiet(worker)
    assert tries == 2
    async with database.read() as session:
        assert (await session.get_one(Message, message_id)).status == "sent"


async def test_one_beat_places_due_calls_and_records_the_carriers_answer(database: Database) -> None:
    rows = await campaign_of(database, 5)
    worker = Worker(operation_on(database, accepts))
    await worker.tick()
    await quiet(worker)
    await worker.stop()
    async with database.read() as session:
        made = (await session.scalars(select(Attempt))).all()
        campaign = await session.get_one(Campaign, rows.campaign)
    assert {one.person_id for one in made} == set(rows.people)
    assert {one.status for one in made} == {"placed"}
    assert all(one.sid for one in made)
    assert campaign.lease_until == 0, "a worker that stops gives its lease back"


async def test_the_claim_of_a_slow_worker_does_not_undo_what_another_did(database: Database) -> None:
    """Its lease ran out, another took over, the call was made and the debtor promised."""
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="slow", now=NOON, until_real=real_ms() - 1)
        await contacts.recover(session, now_real=real_ms())
        await contacts.claim(session, rows.campaign, limit=1, owner="other", now=NOON, until_real=real_ms() + 60_000)
        await contacts.change(session, rows.contacts[0], status="done", outcome="promised")
    assert not await placing.place(op, rows.contacts[0], owner="slow")
    contact = await _contact(database, rows.contacts[0])
    assert (contact.status, contact.outcome) == ("done", "promised")


async def test_a_refused_create_does_not_call_back_to_life_who_opted_out_meanwhile(database: Database) -> None:
    rows = await campaign_of(database, 1)

    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"code": 21212, "message": "Invalid From", "status": 400})

    op = operation_on(database, refuse)
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
    intent = await placing._intend(op, rows.contacts[0], owner="w")
    assert intent is not None
    async with database.write() as session:
        await contacts.change(session, rows.contacts[0], status="done", outcome="opted_out")
    await placing.submit(op, intent)
    contact = await _contact(database, rows.contacts[0])
    assert (contact.status, contact.outcome) == ("done", "opted_out")


async def test_a_refusal_of_the_account_pauses_the_campaign_and_says_why(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(
        database, lambda _: httpx.Response(401, json={"code": 20003, "message": "Authenticate", "status": 401})
    )
    async with database.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
    assert await placing.place(op, rows.contacts[0], owner="w")
    async with database.read() as session:
        campaign = await session.get_one(Campaign, rows.campaign)
    assert campaign.status == "paused"
    assert "20003" in str(campaign.waiting_for)
    contact = await _contact(database, rows.contacts[0])
    assert (contact.status, contact.tries) == ("waiting", 0), "nothing was created: it is no try"


async def test_a_campaign_that_was_stopped_is_not_called_finished(database: Database) -> None:
    from dialer.campaigns import campaigning

    rows = await campaign_of(database, 1)
    async with database.write() as session:
        await contacts.change(session, rows.contacts[0], status="done")
        await session.execute(update(Campaign).values(status="stopped"))
    await campaigning.finish_if_done(operation_on(database, accepts), rows.campaign)
    async with database.read() as session:
        assert (await session.get_one(Campaign, rows.campaign)).status == "stopped"


@pytest.mark.parametrize("status", ["placed", "ringing", "live"])
async def test_a_call_that_the_carrier_says_it_does_not_have_ends(database: Database, status: str) -> None:
    """Otherwise its number would be on a live attempt for ever."""
    rows = await campaign_of(database, 1)
    long_ago = NOON.replace(hour=NOON.hour - 1)
    (made,) = await add(database, attempt_of(rows, 0, status=status, sid=SID, intent_at=long_ago, heard_at=long_ago))
    gone = {"code": 20404, "message": "The requested resource was not found", "status": 404}
    await reconciling.heal(operation_on(database, lambda _: httpx.Response(404, json=gone)))
    async with database.read() as session:
        assert (await session.get_one(Attempt, made)).status == "ended"


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(200, text="<html>"), httpx.Response(401)])
async def test_a_carrier_that_does_not_answer_ends_no_call(database: Database, answer: httpx.Response) -> None:
    rows = await campaign_of(database, 1)
    long_ago = NOON.replace(hour=NOON.hour - 1)
    (made,) = await add(database, attempt_of(rows, 0, status="live", sid=SID, intent_at=long_ago, heard_at=long_ago))
    await reconciling.heal(operation_on(database, lambda _: answer))
    async with database.read() as session:
        assert (await session.get_one(Attempt, made)).status == "live"


async def test_an_unheard_create_is_found_at_the_carrier_or_given_up_and_counts(database: Database) -> None:
    rows = await campaign_of(database, 2)
    old = real_ms() - 3_600_000
    found, lost = await add(
        database,
        attempt_of(rows, 0, status="unknown", intent_real=old),
        attempt_of(rows, 1, status="placing", intent_real=old),
    )
    async with database.read() as session:
        there = (await session.get_one(Attempt, found)).to_number
    call = LISTED | {"to": there, "status": "ringing"}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"calls": [call] if request.url.params.get("To") == there else []})

    await reconciling.heal(operation_on(database, answer))
    async with database.read() as session:
        one, other = await session.get_one(Attempt, found), await session.get_one(Attempt, lost)
    assert (one.status, one.sid) == ("ringing", SID)
    assert (other.status, other.carrier_status, other.sid) == ("ended", "lost", None)


async def test_a_call_of_another_attempt_is_not_taken_for_the_lost_one(database: Database) -> None:
    rows = await campaign_of(database, 2)
    number, old = "+5511990000077", real_ms() - 3_600_000
    await add(database, attempt_of(rows, 0, status="ended", sid=SID, to_number=number, intent_real=old))
    (lost,) = await add(database, attempt_of(rows, 1, status="unknown", to_number=number, intent_real=old))
    call = LISTED | {"to": number, "status": "completed"}
    await reconciling.heal(operation_on(database, lambda _: httpx.Response(200, json={"calls": [call]})))
    async with database.read() as session:
        attempt = await session.get_one(Attempt, lost)
    assert (attempt.sid, attempt.carrier_status) == (None, "lost")


async def test_news_before_the_creates_answer_is_kept(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (made,) = await add(database, attempt_of(rows, 0, status="live", answered_at=NOON))
    async with database.write() as session:
        attempt = await attempts.apply(session, await attempts.fresh(session, made), Created(SID), at=NOON)
        assert (attempt.status, attempt.sid) == ("live", SID)
        assert await campaigns.lead(session, rows.tenant, "w", seconds=1)


@contextmanager
def statements_of() -> Iterator[list[str]]:
    """What is asked of any database meanwhile."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, words: str, *_: object) -> None:
        asked.append(words)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


async def quiet(worker: Worker) -> None:
    """Wait until nothing is under way."""
    async with asyncio.timeout(10):
        while worker.busy:  # noqa: ASYNC110 - as the manual clock asks
            await asyncio.sleep(0.005)


async def _age_lease(database: Database, rows: Rows) -> int:
    """The lease is near its end."""
    near = real_ms() + 2000
    async with database.write() as session:
        await session.execute(update(Campaign).where(Campaign.id == rows.campaign).values(lease_until=near))
    return near


async def _lease(database: Database, rows: Rows) -> int:
    async with database.read() as session:
        return (await session.get_one(Campaign, rows.campaign)).lease_until


async def _agent(database: Database, agent: int) -> Agent:
    async with database.read() as session:
        return await session.get_one(Agent, agent)


async def _contact(database: Database, contact: int) -> Contact:
    async with database.read() as session:
        return await session.get_one(Contact, contact)
