"""Each monitor shows what it should, on both databases, and none reads the calls of all time."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from dialer.clock import real_ms
from dialer.law import Law
from dialer.monitoring import Quiet, monitored
from dialer.operation import Operation
from dialer.store import beats, meters
from dialer.store.database import Database
from dialer.store.meters import counted_for
from dialer.store.models import Agent, Campaign, Contact
from tests.conftest import KEYRING
from tests.dialer.records import (
    CALLER_ID,
    NOON,
    Rows,
    accepts,
    add,
    agent_of,
    attempt_of,
    campaign_of,
    operation_on,
    reservation_of,
)

TEN_MINUTES = 600.0


async def _campaign(database: Database, **changes: Any) -> Rows:
    """One whose people have been due for ten minutes, led by a worker that lives."""
    rows = await campaign_of(database, 2, **changes)
    async with database.write() as session:
        await session.execute(update(Contact).values(due_at=NOON - timedelta(minutes=10)))
        await session.execute(update(Campaign).values(lease_owner="one", lease_until=real_ms() + 15_000))
        await beats.renew(session, "one", at=real_ms())
    return rows


async def _quiet(op: Operation) -> list[tuple[str, float]]:
    return [(one.reason, one.seconds) for one in (await monitored(op)).quiet]


async def test_dialling_that_silently_stopped_is_told_and_since_when(database: Database) -> None:
    rows, op = await _campaign(database), operation_on(database, accepts)
    assert (await monitored(op)).quiet == (Quiet(rows.tenant, "unexplained", TEN_MINUTES),)
    begun = NOON - timedelta(minutes=4)
    await add(database, attempt_of(rows, status="closed", intent_at=begun, closed_at=begun))
    assert await _quiet(op) == [("unexplained", 240.0)]


async def test_what_may_keep_dialling_from_going_on_is_the_reason(database: Database) -> None:
    rows, op = await _campaign(database), operation_on(database, accepts)
    assert await _quiet(operation_on(database, accepts, twilio_account_sid="")) == [("no_account", TEN_MINUTES)]
    async with database.write() as session:
        await session.execute(update(Campaign).values(lease_until=real_ms() - 1))
    assert await _quiet(op) == [("not_led", TEN_MINUTES)]
    async with database.write() as session:
        await beats.renew(session, "one", at=real_ms() - 31_000)
    assert await _quiet(op) == [("no_worker", TEN_MINUTES)]
    async with database.write() as session:
        await session.execute(update(Contact).values(due_at=NOON + timedelta(hours=1)))
    assert await _quiet(op) == [("nothing_due", 0.0)]
    async with database.write() as session:
        await session.execute(update(Campaign).where(Campaign.id == rows.campaign).values(status="paused"))
    assert await _quiet(op) == []


async def test_full_lines_and_agents_are_reasons(database: Database) -> None:
    rows, op = await _campaign(database), operation_on(database, accepts, lines=1)
    [agent] = await add(database, agent_of(rows, status="offline"))
    assert await _quiet(op) == [("agents_away", TEN_MINUTES)]
    async with database.write() as session:
        await session.execute(_status(agent, "wrapup"))
    assert await _quiet(op) == [("agents_busy", TEN_MINUTES)]
    async with database.write() as session:
        await session.execute(_status(agent, "ready"))
    assert await _quiet(op) == [("unexplained", TEN_MINUTES)]
    await add(database, attempt_of(rows, status="live", intent_at=NOON - timedelta(minutes=10)))
    assert await _quiet(op) == [("lines_full", TEN_MINUTES)]


async def test_a_limit_that_rests_is_a_reason(database: Database) -> None:
    rows, op = await _campaign(database), operation_on(database, accepts)
    async with database.write() as session:
        whose = counted_for(rows.campaign, "BR", CALLER_ID)
        await meters.add(session, rows.tenant, NOON.date(), {(one, "calls"): 499_000 for one in whose})
    assert await _quiet(op) == [("at_limit", TEN_MINUTES)]


async def test_calls_without_news_and_unknowns_are_counted_by_age(database: Database) -> None:
    rows, op = await campaign_of(database, 4), operation_on(database, accepts)
    ages = {"sid-1": 100, "sid-2": 300}  # seconds since the last news; asked for after 90, told of after 210
    heard = [
        attempt_of(rows, index, status="ringing", sid=sid, heard_at=NOON - timedelta(seconds=age))
        for index, (sid, age) in enumerate(ages.items())
    ]
    unknown = [
        attempt_of(rows, index, status="unknown", intent_real=real_ms() - age)
        for index, age in ((2, 30_000), (3, 7_200_000))
    ]
    found = await monitored(op)
    assert (found.overdue, found.unknown) == (0, {"1m": 0, "10m": 0, "1h": 0, "longer": 0})
    await add(database, *heard, *unknown)
    found = await monitored(op)
    assert found.unknown == {"1m": 1, "10m": 0, "1h": 0, "longer": 1}
    assert found.overdue == 2  # the call of which nothing was heard, and the older unknown


async def test_a_caller_beside_an_agent_who_fits_is_told_since_both_wait(database: Database) -> None:
    rows, op = await campaign_of(database, 1), operation_on(database, accepts)
    [attempt] = await add(database, attempt_of(rows, status="live"))
    waiting = reservation_of(rows, attempt, None, "waiting")
    waiting.asked_at = NOON - timedelta(seconds=50)
    await add(database, waiting, agent_of(rows, skills=["fr-FR"], since=NOON - timedelta(hours=1)))
    found = await monitored(op)
    assert (found.callers, found.beside_idle) == (1, 0.0)  # nobody there speaks Portuguese
    await add(database, agent_of(rows, skills=["pt-BR"], since=NOON - timedelta(seconds=20)))
    assert (await monitored(op)).beside_idle == 20.0


async def test_beats_recounts_and_broken_packs_are_told(database: Database, tmp_path: Path) -> None:
    op = operation_on(database, accepts)
    found = await monitored(op)
    assert (found.beat_age, found.recount_age, found.drifting, found.broken_law) == (None, None, None, 0)
    (tmp_path / "br.yaml").write_text("country: BR\nnonsense: [", encoding="utf-8")
    async with database.write() as session:
        await beats.renew(session, "one", at=real_ms() - 40_000)
        await beats.recounted(session, "one", drifting=2, at=real_ms() - 80_000)
    found = await monitored(replace(op, law=Law(tmp_path)))
    assert found.beat_age == pytest.approx(40, abs=5)
    assert found.recount_age == pytest.approx(80, abs=5)
    assert (found.drifting, found.broken_law, found.window_away) == (2, 1, 0.0)
    async with op.database.write() as session:
        await beats.renew(session, "two", at=real_ms() - 80_000, window_away_at=1)  # it beats no more
        await beats.renew(session, "three", at=real_ms(), window_away_at=real_ms() - 9_000)
    assert (await monitored(op)).window_away == pytest.approx(9, abs=5)


async def test_no_figure_reads_the_calls_of_all_time(sqlite_template: Path, tmp_path: Path) -> None:
    """Every statement goes by an index; on SQLite, whose planner needs no large table to choose it."""
    copy = shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    database = Database(f"sqlite+aiosqlite:///{copy}", KEYRING)
    rows, op = await _campaign(database), operation_on(database, accepts)
    await add(database, agent_of(rows))
    asked: list[tuple[str, Any]] = []

    def hear(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    engine = database._reader.sync_engine
    event.listen(engine, "before_cursor_execute", hear)
    await monitored(op)
    event.remove(engine, "before_cursor_execute", hear)
    assert any("FROM attempt" in statement for statement, _ in asked)
    async with database.read() as session:
        connection = await session.connection()
        for statement, parameters in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [row[3] for row in plan if row[3].startswith(("SCAN attempt", "SCAN contact"))]
            assert all("_live" in step or "ix_contact_queue" in step for step in steps), (statement, steps)
    await database.close()


def _status(agent: int, status: str) -> Any:
    return update(Agent).where(Agent.id == agent).values(status=status)
