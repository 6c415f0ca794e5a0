"""Meters on both databases: nothing drifts, no two workers take the last room, and dialling brakes before a limit."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import closing, gauging, metering, placing, recounting
from dialer.campaigns.leading import Leader
from dialer.campaigns.standing import standing
from dialer.clock import real_ms
from dialer.operation import Operation
from dialer.rules.facts import CampaignBar, Meters
from dialer.rules.lifecycle import CarrierStatus, Detected, News
from dialer.rules.meters import Brakes, DropLimit, Limit, ShortLimit, VolumeLimit
from dialer.rules.statutes import Rule
from dialer.store import meters
from dialer.store.database import Database
from dialer.store.meters import Counted
from dialer.store.models import Attempt, Campaign, Contact, Meter, Tenant
from dialer.store.who import on_behalf_of
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
from tests.dialer.switchboard import Later

RULE = Rule(
    code="A_LIMIT", citation="house rule", confidence="HOUSE", effective_from=date(2020, 1, 1),
    last_checked=date(2026, 11, 21),
)  # fmt: skip
BRAKES = Brakes(slow_from=0.5, rest_at=0.9, judged_from=30)
TEN = VolumeLimit(RULE, "BR", BRAKES, most=10)
HUNDRED = replace(TEN, most=100)
DROPS = DropLimit(RULE, "BR", BRAKES, share=0.1, days=30, reaching=False)
TALK: list[News] = [CarrierStatus("in-progress"), Detected("human"), CarrierStatus("completed")]


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with limits: they hold instead of those that ship."""

    def hold(*chosen: Limit) -> None:
        monkeypatch.setattr(
            metering, "limits_in", lambda pack, on, *, verified: chosen if pack.country == "BR" else ()
        )

    return hold


def on(database: Database, *, after: float = 0.0, **settings: Any) -> Operation:
    return replace(operation_on(database, accepts, **settings), clock=Later(after))


async def claimed(database: Database, rows: Rows, index: int) -> None:
    async with database.write() as session:
        await session.execute(
            update(Contact)
            .where(Contact.id == rows.contacts[index])
            .values(status="claimed", claim_owner="w", claim_until=real_ms() + 60_000)
        )


async def call(op: Operation, rows: Rows, index: int) -> bool:
    """Place a call to the person at `index`; whether one was made."""
    await claimed(op.database, rows, index)
    return await placing.place(op, rows.contacts[index], owner="w")


async def attempt_to(database: Database, rows: Rows, index: int) -> Attempt:
    async with database.read() as session:
        return (await session.scalars(select(Attempt).where(Attempt.person_id == rows.people[index]))).one()


async def hear(op: Operation, rows: Rows, index: int, *news: News, seconds: int | None = None) -> None:
    token = (await attempt_to(op.database, rows, index)).token
    for one in news:
        ended = isinstance(one, CarrierStatus) and one.status == "completed"
        await closing.hear(op, token, one, seconds=seconds if ended else None)


async def counted(database: Database, scope: str = "tenant") -> dict[str, int]:
    async with database.read() as session:
        rows = await session.execute(select(Meter.name, Meter.count).where(Meter.scope == scope, Meter.count != 0))
        return {name: count for name, count in rows.all()}


async def test_a_call_is_counted_when_intended_and_when_over_and_corrected_by_later_news(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database)
    assert await call(op, rows, 0)
    assert await counted(database) == {"calls": 1}
    await hear(op, rows, 0, CarrierStatus("in-progress"), CarrierStatus("completed"), seconds=30)
    assert await counted(database) == {"calls": 1, "long_calls": 1, "answers": 1}
    await hear(op, rows, 0, Detected("machine"))
    assert await counted(database) == {"calls": 1, "short_calls": 1, "answers": 1}
    assert await counted(database, "number") == await counted(database, "campaign") == await counted(database)
    assert await recounting.recount(op) == []


async def test_news_that_is_repeated_counts_nothing_twice(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database)
    await call(op, rows, 0)
    for _ in range(3):
        await hear(op, rows, 0, CarrierStatus("no-answer"))
    assert await counted(database) == {"calls": 1, "short_calls": 1}


async def test_a_recount_names_what_differs_and_mends_it(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database)
    await call(op, rows, 0)
    async with database.write() as session:
        await session.execute(update(Meter).where(Meter.scope == "number").values(count=5))
        await meters.add(session, rows.tenant, NOON.date(), {(Counted("tenant", "FR"), "calls"): 2})
    drifts = await recounting.recount(op, mend=True)
    assert [(one.of, one.kept, one.counted) for one in drifts] == [(CALLER_ID, 5, 1), ("FR", 2, 0)]
    assert await recounting.recount(op) == []


async def test_a_recount_looks_at_every_company_and_mends_each_its_own(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database)
    (other,) = await add(database, Tenant(key="other", name="Other"))
    async with database.write() as session:
        for company, count in ((rows.tenant, 2), (other, 3)):
            await meters.add(session, company, NOON.date(), {(Counted("tenant", "FR"), "calls"): count})
    with on_behalf_of(other, "user 1"):
        assert [one.company for one in await recounting.recount(op)] == [other]
    drifts = await recounting.recount(op, mend=True)
    assert [(one.company, one.kept, one.counted) for one in drifts] == [(rows.tenant, 2, 0), (other, 3, 0)]
    assert await recounting.recount(op) == []


@pytest.mark.parametrize("waited", [0, 2, 3, None])
async def test_who_is_due_to_an_agent_and_meets_none_within_two_seconds_is_a_legal_drop(
    waited: int | None, database: Database
) -> None:
    rows, op = await campaign_of(database, 1), on(database, after=30)
    attempt = attempt_of(rows, status="live", sid="CA" + "1" * 32, answered_at=NOON, answered_by="human")
    (attempt_id,) = await add(database, attempt)
    (agent_id,) = await add(database, agent_of(rows, status="in_call"))
    wish = reservation_of(rows, attempt_id, agent_id, "waiting" if waited is None else "ended")
    wish.connected_at = None if waited is None else NOON + timedelta(seconds=waited)
    await add(database, wish)
    await closing.hear(op, attempt.token, CarrierStatus("completed"), seconds=30)
    assert (await counted(database)).get("legal_drops", 0) == (waited is None or waited > 2)


async def test_an_agent_who_calls_by_hand_lets_nobody_wait(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database, after=60)
    answered = NOON + timedelta(seconds=20)
    attempt = attempt_of(rows, status="live", sid="CA" + "1" * 32, answered_at=answered, answered_by="human")
    (attempt_id,) = await add(database, attempt)
    (agent_id,) = await add(database, agent_of(rows, status="in_call"))
    wish = reservation_of(rows, attempt_id, agent_id, "connected")
    wish.reserved_at, wish.connected_at = NOON, answered + timedelta(seconds=1)
    await add(database, wish)
    await closing.hear(op, attempt.token, CarrierStatus("completed"), seconds=30)
    assert "legal_drops" not in await counted(database)


async def test_two_workers_never_take_the_same_last_room(limits: Any, database: Database) -> None:
    limits(TEN)
    rows = await campaign_of(database, 12)
    one, other = on(database), on(database)
    for index in range(12):
        await claimed(database, rows, index)
    made = await asyncio.gather(
        *(
            placing.place(one if index % 2 else other, contact, owner="w")
            for index, contact in enumerate(rows.contacts)
        )
    )
    assert sum(made) == 9
    assert await counted(database) == {"calls": 9}
    async with database.read() as session:
        held = (await session.scalars(select(Contact).where(Contact.status == "waiting"))).all()
    assert {(one.blocked_rule, one.due_at) for one in held} == {("A_LIMIT", NOON.replace(month=4, day=1, hour=0))}
    assert await recounting.recount(one) == []


async def test_a_batch_takes_no_more_than_the_room_for_calls_that_may_meet_no_agent(
    limits: Any, database: Database
) -> None:
    limits(DROPS)
    rows, op = await campaign_of(database, 8), on(database)
    await add(database, agent_of(rows, status="paused"))
    for index in range(8):
        await claimed(database, rows, index)
    seen = await placing.look(op, rows.contacts, owner="w")
    assert sum(await asyncio.gather(*(placing.carry(op, one, owner="w") for one in seen))) == 3
    assert await counted(database) == {"calls": 3}


async def test_any_order_of_calls_and_ends_at_two_workers_keeps_within_the_drops_and_drifts_nowhere(
    limits: Any, database: Database
) -> None:
    limits(DROPS)
    dice, rows = random.Random(7), await campaign_of(database, 10)
    workers = [on(database), on(database)]
    await add(database, agent_of(rows, status="paused"))

    async def live(index: int) -> None:
        op = workers[index % 2]
        if not await call(op, rows, index):
            return
        await asyncio.sleep(0)
        if dice.random() < 0.8:
            attempt = await attempt_to(database, rows, index)
            await add(database, reservation_of(rows, attempt.id, None, "left"))
        await hear(op, rows, index, *TALK, seconds=dice.choice([3, 30]))

    await asyncio.gather(*(live(index) for index in range(10)))
    found = await counted(database)
    assert found["legal_drops"] <= 3
    assert found["calls"] == found.get("long_calls", 0) + found.get("short_calls", 0)
    assert await recounting.recount(workers[0]) == []


async def used(database: Database, rows: Rows, calls: int) -> None:
    """So many calls of the campaign to Brazil are on the meters of today."""
    whose = meters.counted_for(rows.campaign, "BR", CALLER_ID)
    async with database.write() as session:
        await meters.add(session, rows.tenant, NOON.date(), {(one, "calls"): calls for one in whose})


async def orders(op: Operation) -> int:
    async with op.database.read() as session:
        led = (await session.scalars(select(Campaign))).all()
    return sum((await Leader(op, "w").orders(led, room=100, waiting=0)).values())


async def test_pacing_slows_down_and_rests_before_a_limit_and_goes_on_when_its_window_has_room(
    limits: Any, database: Database
) -> None:
    limits(HUNDRED)
    rows = await campaign_of(database, 30, plan={"pacing": "press1"})
    async with database.write() as session:
        await session.execute(update(Campaign).values(lease_until=real_ms() + 60_000))
    seen = [await orders(on(database))]
    for more in (60, 20, 10):
        await used(database, rows, more)
        seen.append(await orders(on(database)))
    assert seen == [30, 22, 7, 0]
    (now,) = await standing(on(database))
    told = now.now.sentence
    assert (told.code, told.rule, told.reason) == ("rests", "A_LIMIT", "90 calls of 100")
    assert f"{told.at:%Y-%m-%d}" == "2026-04-01"
    assert await orders(on(database, after=30 * 86_400)) == 30


async def test_every_limit_is_shown_with_what_comes_next(limits: Any, database: Database) -> None:
    limits(HUNDRED, DROPS)
    rows = await campaign_of(database, 1)
    await used(database, rows, 70)
    found = await gauging.gauges(on(database))
    assert [(one.of.split(" ")[0], one.limit, one.share, one.pace) for one in found.limits] == [
        ("all", "A_LIMIT", 0.7, 0.5),
        ("campaign", "A_LIMIT", 0.0, 1.0),
    ]
    assert found.limits[0].next.startswith("slower before a limit, 50% of the usual calls")


async def test_a_number_that_is_answered_less_and_less_is_for_people_to_look_into(database: Database) -> None:
    rows, whose = await campaign_of(database, 1), Counted("number", CALLER_ID)
    async with database.write() as session:
        for ago, answers in ((20, 150), (2, 90)):
            day = NOON.date() - timedelta(days=ago)
            await meters.add(session, rows.tenant, day, {(whose, "calls"): 300, (whose, "answers"): answers})
    (shown,) = (await gauging.gauges(on(database))).numbers
    assert (shown.answered_recently, shown.answered_before) == (0.3, 0.5)
    assert shown.note == gauging.LOOK


async def test_a_campaign_without_agents_is_not_held_back_by_calls_under_way(limits: Any, database: Database) -> None:
    limits(replace(DROPS, brakes=Brakes(slow_from=0.5, rest_at=0.9, judged_from=10)))
    rows, op = await campaign_of(database, 3), on(database)
    assert [await call(op, rows, index) for index in range(3)] == [True] * 3
    await add(database, agent_of(rows))
    async with database.write() as session:
        one = attempt_of(rows, 0)
        assert isinstance(await metering.reserve(session, op, one, "BR"), CampaignBar)
    assert (await counted(database))["calls"] == 3


async def test_the_gate_is_told_rates_once_they_are_worth_judging(limits: Any, database: Database) -> None:
    short = ShortLimit(RULE, "BR", BRAKES, calls=100, share=0.85)
    limits(HUNDRED, DROPS, short)
    rows, op, day = await campaign_of(database, 1), on(database), NOON.date()
    mine, ours = Counted("campaign", f"{rows.campaign}:BR"), Counted("tenant", "BR")

    async def told() -> Meters:
        async with database.read() as session:
            campaign = await session.get_one(Campaign, rows.campaign)
            return (await metering.told(session, op, campaign))["BR"]

    async with database.write() as session:
        counts = {(ours, "calls"): 49, (mine, "live_answers"): 29, (mine, "legal_drops"): 2}
        await meters.add(session, rows.tenant, day, counts)
    assert await told() == Meters(calls_month=49)
    async with database.write() as session:
        await meters.add(
            session, rows.tenant, day, {(ours, "calls"): 1, (ours, "long_calls"): 20, (mine, "live_answers"): 1}
        )
    assert await told() == Meters(
        live_answers_30d=30,
        abandoned_30d=2,
        calls_today=50,
        short_calls_today=30,
        short_def_seconds=6,
        calls_month=50,
    )


async def test_what_is_over_the_law_is_refused_unless_the_origin_is_authenticated(database: Database) -> None:
    rows, op = await campaign_of(database, 1), on(database)
    whose = Counted("tenant", "BR")
    async with database.write() as session:
        await meters.add(session, rows.tenant, NOON.date() - timedelta(days=1), {(whose, "calls"): 500_001})
    assert not await call(op, rows, 0)
    async with database.read() as session:
        held = await session.get_one(Contact, rows.contacts[0])
    assert held.blocked_rule == "BR_ANATEL_AUTH"
    assert await call(on(database, origin_verified=True), rows, 0)
