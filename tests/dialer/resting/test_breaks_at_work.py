"""Booked breaks at their time: begun once, never in a call, right after it, and told as they were."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from dialer import staffing, transferring
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.resting import booking
from dialer.resting.booking import Wish
from dialer.store import agents
from dialer.store.campaigns import running
from dialer.store.database import Database
from dialer.store.models import Agent, Interaction, KeptBreak
from tests.dialer.records import NOON, Rows, add, agent_of, attempt_of, campaign_of, reservation_of
from tests.dialer.switchboard import CALLER, LINE, Later, Switchboard, agent_now

STANDS = {"leg_sid": LINE, "leg_joined_at": NOON, "leg_heard_at": NOON}
MINUTE = 60.0
DAILY = frozenset(range(1, 8))
TEN_PAST = Wish(DAILY, time(12, 10), 10, "break", "America/Sao_Paulo")  # NOON is twelve there


@dataclass
class Floor:
    """Rita is ready, with a break of ten minutes booked for ten minutes past noon."""

    op: Operation
    rows: Rows
    rita: int

    def at(self, minutes: float) -> Operation:
        return replace(self.op, clock=Later(minutes * MINUTE))

    async def now(self) -> Agent:
        return await agent_now(self.op.database, self.rita)

    async def told(self) -> list[tuple[str, float | None, float | None]]:
        """What became of the breaks so far: (outcome, began, ended), in minutes after noon."""
        async with self.op.database.read() as session:
            rows = await session.scalars(select(KeptBreak).order_by(KeptBreak.due_at))
            return [(one.outcome, _minutes(one.began_at), _minutes(one.ended_at)) for one in rows]


def _minutes(at: datetime | None) -> float | None:
    return (at - NOON) / timedelta(minutes=1) if at else None


@pytest.fixture
async def floor(database: Database) -> Floor:
    rows = await campaign_of(database, 1)
    (rita,) = await add(database, agent_of(rows, name="Rita", **STANDS))
    op = Switchboard().operation(database)
    await booking.book(op, ["Rita"], [TEN_PAST])
    return Floor(op, rows, rita)


async def reserve(floor: Floor, minutes: float) -> int:
    """A caller waits, and Rita is kept for them from then on; the attempt's id."""
    attempt = attempt_of(floor.rows, status="live", sid=CALLER, waits="transfer", heard_at=NOON)
    (attempt_id,) = await add(floor.op.database, attempt)
    waiting = reservation_of(floor.rows, attempt_id, None, "waiting")
    waiting.max_wait_seconds = 10_000
    await add(floor.op.database, waiting)
    await staffing.assign_waiting(floor.at(minutes))
    return attempt_id


async def test_two_workers_send_a_free_agent_on_a_break_once_and_only_the_agent_ends_it(floor: Floor) -> None:
    await staffing.settle(floor.at(9.9))
    assert (await floor.now()).status == "ready"
    await asyncio.gather(*(staffing.settle(floor.at(10)) for _ in range(2)))
    rita = await floor.now()
    assert (rita.status, rita.pause_reason, rita.since) == ("paused", "break", NOON + timedelta(minutes=10))
    assert rita.until == NOON + timedelta(minutes=20)
    assert rita.break_at == NOON + timedelta(minutes=10, days=1), "the next one is tomorrow's"
    await staffing.settle(floor.at(25))
    assert (await floor.now()).status == "paused", "its end brings nobody back"
    assert await floor.told() == [("taken", 10, None)]
    assert (await staffing.ready(floor.at(26), "Rita")).status == "ready"
    assert await floor.told() == [("taken", 10, 26)]


async def test_who_is_in_a_call_goes_on_the_break_right_after_the_wrap_up(floor: Floor) -> None:
    attempt_id = await reserve(floor, 9.9)
    assert (await floor.now()).status == "reserved"
    await staffing.settle(floor.at(10.1))
    assert (await floor.now()).status == "reserved", "a caller is coming"
    async with floor.op.database.write() as session:
        rita = await session.get_one(Agent, floor.rita)
        assert await transferring.connected(session, floor.at(10.2), rita, CALLER)
    await staffing.settle(floor.at(14))
    assert (await floor.now()).status == "in_call"
    async with floor.op.database.write() as session:
        await transferring.end(session, floor.at(15), attempt_id, "left")
    await staffing.settle(floor.at(15.1))
    assert (await floor.now()).status == "wrapup"
    await staffing.settle(floor.at(15.5))
    rita = await floor.now()
    assert (rita.status, rita.pause_reason, rita.until) == ("paused", "break", NOON + timedelta(minutes=25.5))
    assert await floor.told() == [("taken", 15.5, None)]


async def test_done_after_a_call_is_the_break_and_ready_once_more_is_ready(floor: Floor) -> None:
    await add(floor.op.database, agent_of(floor.rows, name="Otto", status="offline"))
    async with floor.op.database.write() as session:
        await agents.swap(session, await agents.by_name(session, floor.rows.tenant, "Rita"), status="wrapup")
    assert (await staffing.done(floor.at(11), "Rita")).status == "paused"
    assert (await staffing.ready(floor.at(12), "Rita")).status == "ready"
    assert await floor.told() == [("taken", 11, 12)]


async def test_between_the_hour_and_the_beat_nobody_is_given_to_who_is_due_a_break(floor: Floor) -> None:
    await reserve(floor, 10)
    assert (await floor.now()).status == "ready"
    await staffing.settle(floor.at(10))
    assert (await floor.now()).status == "paused"


async def test_no_calls_are_dialled_for_who_goes_on_a_break_before_they_could_be_taken(floor: Floor) -> None:
    async with floor.op.database.read() as session:
        (campaign,) = await running(session)
        early = await staffing.pacing_state(session, floor.at(7.9), campaign)
        late = await staffing.pacing_state(session, floor.at(8), campaign)
    assert (early.agents_idle, early.lines_cap > 0) == (1, True)
    assert (late.agents_idle, late.lines_cap) == (0, 0), "and not as if there were no agents at all"


async def test_pausing_a_little_before_for_the_same_reason_is_the_break(floor: Floor) -> None:
    rita = await staffing.pause(floor.at(1), "Rita", "break", minutes=15)
    assert rita.until == NOON + timedelta(minutes=11), "as long as it was booked"
    await booking.book(floor.at(2), ["Rita"], [replace(TEN_PAST, starts=time(15, 0))])
    assert (await floor.now()).break_at == NOON + timedelta(hours=3), "the one that was taken does not come again"
    await staffing.ready(floor.at(11), "Rita")
    await staffing.settle(floor.at(12))
    assert (await floor.now()).status == "ready"
    assert await floor.told() == [("taken", 1, 11)]


async def test_a_break_that_nobody_took_is_missed_and_who_was_not_there_was_away(floor: Floor) -> None:
    await staffing.pause(floor.at(5), "Rita", "technical")
    await staffing.settle(floor.at(60))
    assert await floor.told() == []
    await staffing.settle(floor.at(130))
    assert await floor.told() == [("missed", None, None)]
    assert (await staffing.ready(floor.at(131), "Rita")).status == "ready"
    async with floor.op.database.write() as session:
        await agents.swap(session, await agents.by_name(session, floor.rows.tenant, "Rita"), status="offline")
    await staffing.settle(floor.at(24 * 60 + 130))
    assert [outcome for outcome, *_ in await floor.told()] == ["missed", "away"]


async def test_a_cancelled_break_does_not_come_and_both_are_on_record(floor: Floor) -> None:
    (row,) = await booking.book(floor.op, ["Rita"], [replace(TEN_PAST, starts=time(14, 0), reason="meal")])
    await booking.cancel(floor.op, row.id)
    await booking.cancel(floor.op, row.id - 1)
    with pytest.raises(NotFound):
        await booking.cancel(floor.op, row.id)
    await staffing.settle(floor.at(11))
    rita = await floor.now()
    assert (rita.status, rita.break_at) == ("ready", None)
    async with floor.op.database.read() as session:
        noted = list(await session.scalars(select(Interaction.kind).order_by(Interaction.id)))
    assert noted == ["break_booked", "break_booked", "break_cancelled", "break_cancelled"]


async def test_what_cannot_be_booked_is_refused_in_words_and_nothing_of_it_stays(floor: Floor) -> None:
    await add(floor.op.database, agent_of(floor.rows, name="Otto"))
    free = replace(TEN_PAST, starts=time(16, 0))
    with pytest.raises(Refused, match=r"Rita.* 12:10"):
        await booking.book(floor.op, ["Otto", "Rita"], [free, replace(TEN_PAST, starts=time(12, 15))])
    for wrong in (
        replace(free, weekdays=frozenset()), replace(free, minutes=0), replace(free, reason="siesta"),
        replace(free, zone="Mars/Olympus"),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            await booking.book(floor.op, ["Rita"], [wrong])
    with pytest.raises(NotFound):
        await booking.book(floor.op, ["Nobody"], [free])
    async with floor.op.database.read() as session:
        assert (await agents.by_name(session, floor.rows.tenant, "Otto")).break_at is None


def test_days_and_times_are_read_as_people_write_them() -> None:
    assert booking.days_of("mon-fri") == {1, 2, 3, 4, 5}
    assert booking.days_of("Sat, mon") == {6, 1}
    assert booking.days_of("fri-mon") == {5, 6, 7, 1}
    assert booking.time_of("9:05") == time(9, 5)
    for wrong in ("funday", "", "mon-", "mon-xyz"):
        with pytest.raises(BadInput):
            booking.days_of(wrong)
    for wrong in ("25:00", "9", "9:5"):
        with pytest.raises(BadInput):
            booking.time_of(wrong)
