"""Campaigns at their worker: agents and numbers are shared, the ladder holds, rows that lack something wait alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import placing
from dialer.callers import caller
from dialer.campaigns import campaigning, checking, filling, leading, planning, showing
from dialer.clock import real_ms
from dialer.errors import Refused
from dialer.judging import EVERYBODYS
from dialer.operation import Operation
from dialer.rules.ranking import Weights, ordering_named
from dialer.store import caller_ids, campaigns, contacts, ranks
from dialer.store.database import Database
from dialer.store.models import Attempt, Campaign, Contact, Debt, ListMember, Number, Person, Promise
from dialer.worker import Worker
from ivr_flows.loading import load
from ivr_flows.nodes import Flow
from ivr_flows.variables import Variable
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
)


async def test_two_campaigns_share_two_agents_and_neither_dials_for_the_others(database: Database) -> None:
    one, other = [await campaign_of(database, 4, plan={"pacing": "progressive"}) for _ in range(2)]
    await add(database, agent_of(one), agent_of(one))
    worker = Worker(operation_on(database, accepts))
    for _ in range(3):
        await _beat(worker)
    made = await _all(database, Attempt)
    assert sorted(attempt.campaign_id for attempt in made) == [one.campaign, other.campaign]


async def test_an_agent_who_becomes_free_goes_to_the_campaign_that_had_less(database: Database) -> None:
    one, other = [await campaign_of(database, 9, plan={"pacing": "progressive"}) for _ in range(2)]
    await add(database, agent_of(one))
    worker = Worker(operation_on(database, accepts))
    for _ in range(4):
        await _beat(worker)
        await _end_all(database)
    made = [attempt.campaign_id for attempt in await _all(database, Attempt)]
    assert made in ([one.campaign, other.campaign] * 2, [other.campaign, one.campaign] * 2)


async def test_calls_a_second_are_shared_by_weight_and_what_one_does_not_want_goes_to_the_other(
    database: Database,
) -> None:
    heavy = await campaign_of(database, 9, plan={"weight": 3})
    light = await campaign_of(database, 9)
    await campaign_of(database, 0)
    worker = Worker(operation_on(database, accepts, lines=8))
    await _beat(worker)
    made = [attempt.campaign_id for attempt in await _all(database, Attempt)]
    assert (made.count(heavy.campaign), made.count(light.campaign)) == (6, 2)


async def test_no_number_is_shown_more_often_a_day_than_its_cap_however_many_ask_at_once(database: Database) -> None:
    rows = await campaign_of(database, 6)
    op = operation_on(database, accepts)
    await showing.add(op, CALLER_ID, daily_cap=2)
    async with database.write() as session:
        claimed = await contacts.claim(
            session, rows.campaign, limit=6, owner="w", now=NOON, until_real=real_ms() + 60_000
        )
    placed = await asyncio.gather(*(placing.place(op, one, owner="w") for one in claimed))
    assert sum(placed) == 2
    (shown,) = await showing.shown_numbers(op)
    assert (shown.used_today, shown.people) == (2, 2)
    await _beat(worker := Worker(op))
    await _beat(worker)
    rules = [one.blocked_rule for one in await _all(database, Contact) if one.status == "waiting"]
    assert rules == ["CALLER_ID_CAP"] * 4
    await showing.add(op, CALLER_ID, daily_cap=None)
    await _beat(worker)
    assert len(await _all(database, Attempt)) == 6, "a cap that is lifted lets everybody go on"


async def test_a_cap_that_comes_in_the_middle_of_a_day_counts_what_was_shown_before_it(database: Database) -> None:
    rows = await campaign_of(database, 4)
    ended: dict[str, Any] = {"status": "ended", "disposition": "no_answer", "closed_at": NOON}
    await add(
        database,
        attempt_of(rows, 0, **ended, intent_at=NOON - timedelta(hours=12, seconds=1), from_number=CALLER_ID),
        attempt_of(rows, 1, **ended, intent_at=NOON - timedelta(hours=11), from_number=CALLER_ID),
        attempt_of(rows, 2, **ended, intent_at=NOON - timedelta(hours=1), from_number=CALLER_ID),
        attempt_of(rows, 3, **ended, intent_at=NOON - timedelta(hours=1), from_number="+551130000009"),
    )
    op = operation_on(database, accepts, time_zone="America/Sao_Paulo")
    await showing.add(op, CALLER_ID, daily_cap=3)
    assert [one.used_today for one in await showing.shown_numbers(op)] == [2]
    await showing.add(op, CALLER_ID, daily_cap=9)
    assert [one.used_today for one in await showing.shown_numbers(op)] == [2], "and not twice"


async def test_who_knows_a_number_waits_for_it_and_sees_no_other(database: Database) -> None:
    rows = await campaign_of(database, 2)
    first, fresh = rows.people
    await add(database, attempt_of(rows, 0, status="ended", disposition="no_answer", closed_at=NOON,
                                   intent_at=NOON - timedelta(days=2), from_number="+551130000001"))  # fmt: skip
    op = operation_on(database, accepts, caller_ids=("+551130000001", "+551130000002"))
    await showing.add(op, "+551130000001", daily_cap=1)
    async with database.write() as session:
        assert await caller_ids.use(session, rows.tenant, "+551130000001", NOON.date())
    await _beat(Worker(op))
    made = [one for one in await _all(database, Attempt) if one.status != "ended"]
    assert [(one.person_id, one.from_number) for one in made] == [(fresh, "+551130000002")]
    waiting = next(one for one in await _all(database, Contact) if one.person_id == first)
    assert waiting.blocked_rule == "CALLER_ID_CAP"


async def test_a_flow_speaks_of_the_debts_at_its_step_only_and_takes_them_there(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (young,) = await add(
        database,
        Debt(tenant_id=rows.tenant, person_id=rows.people[0], creditor_id=rows.creditor, contract="young",
             amount_minor=500, currency="BRL", due_on=NOON.date() + timedelta(days=3), status="open"),
    )  # fmt: skip
    await _beat(Worker(operation_on(database, accepts)))
    (made,) = await _all(database, Attempt)
    debts = {debt.id: debt for debt in await _all(database, Debt)}
    assert str(young) not in made.debts
    assert [debts[int(one)].step for one in made.debts] == [2]
    assert debts[young].step == 0


@pytest.mark.parametrize(
    ("flow", "step", "rule", "status"),
    [
        ("ultimo-aviso", 2, "LADDER_TOO_EARLY", "waiting"),
        ("lembrete", 4, "LADDER_BEHIND", "done"),
        ("pre-vencimento", 0, "LADDER_TOO_LATE", "done"),
    ],
)
async def test_a_flow_out_of_its_place_calls_nobody_and_everybody_is_counted(
    database: Database, flow: str, step: int, rule: str, status: str
) -> None:
    rows = await campaign_of(database, 2)
    async with database.write() as session:
        await session.execute(update(Debt).values(step=step))
        await session.execute(update(Campaign).values(flow=flow))
    op = operation_on(database, accepts)
    await _beat(Worker(op))
    assert not await _all(database, Attempt)
    assert {(one.status, one.blocked_rule) for one in await _all(database, Contact)} == {(status, rule)}
    found = await checking.check(op, (await _campaign(database, rows)).name)
    assert found.by_rule == {rule: 2}
    assert found.ladder == {rule: 2}


async def test_rows_that_lack_what_the_flow_needs_are_held_and_the_others_are_called(database: Database) -> None:
    rows = await campaign_of(database, 3, status="draft")
    op = _needing("link", operation_on(database, accepts))
    async with database.write() as session:
        way = [{"kind": "link", "code": "https://pay.example/1", "expires_on": None}]
        await session.execute(update(Debt).where(Debt.person_id == rows.people[1]).values(ways_to_pay=way))
    name = (await _campaign(database, rows)).name
    found = await checking.check(op, name)
    assert (found.status, found.clean, found.now, found.held) == ("checked", True, 1, 2)
    assert found.held_for == {"link": 2}
    assert any("link" in finding.words and not finding.stops for finding in found.findings)
    await campaigning.start(op, name)
    await _beat(worker := Worker(op))
    await _beat(worker)
    assert [one.person_id for one in await _all(database, Attempt)] == [rows.people[1]]
    held = [one for one in await _all(database, Contact) if one.blocked_rule == "VARIABLE_MISSING"]
    assert {one.person_id for one in held} == {rows.people[0], rows.people[2]}
    assert all("link" in str(one.blocked_reason) for one in held)
    assert {one.status for one in held} == {"waiting"}, "they go on once the list says it"


async def test_a_draft_with_nobody_to_call_stays_one_and_cannot_start(database: Database) -> None:
    rows = await campaign_of(database, 1, status="draft")
    op = operation_on(database, accepts)
    async with database.write() as session:
        await session.execute(update(Debt).values(status="paid"))
    name = (await _campaign(database, rows)).name
    found = await checking.check(op, name)
    assert (found.status, found.clean, found.never) == ("draft", False, 1)
    with pytest.raises(Refused, match="NOTHING_DUE: 1"):
        await campaigning.start(op, name)
    assert (await _campaign(database, rows)).status == "draft"


async def test_a_clone_is_a_draft_of_the_same_choices_and_an_edit_makes_a_draft_again(database: Database) -> None:
    rows = await campaign_of(database, 2, status="draft", plan={"retry": "gentle"})
    op = operation_on(database, accepts)
    name = (await _campaign(database, rows)).name
    await checking.check(op, name)
    await campaigning.clone(op, name, "again")
    (copy,) = await campaigning.standing(op, "again")
    assert (copy.now.status, copy.now.contacts, copy.plan["retry"]) == ("draft", {"waiting": 2}, "gentle")
    await campaigning.edit(op, name, {"order": "largest"})
    edited = await _campaign(database, rows)
    assert (edited.status, edited.checked_at, edited.plan["order"]) == ("draft", None, "largest")
    with pytest.raises(Refused, match="choose another name"):
        await campaigning.clone(op, name, "again")


async def test_a_command_in_the_wrong_state_says_what_to_do_instead(database: Database) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    name = (await _campaign(database, rows)).name
    with pytest.raises(Refused, match="toque campaign pause"):
        await campaigning.edit(op, name, {"weight": 2})
    await campaigning.pause(op, name)
    await campaigning.edit(op, name, {"weight": 2})
    assert (await _campaign(database, rows)).status == "paused"
    with pytest.raises(Refused, match="toque campaign resume"):
        await campaigning.start(op, name)
    await campaigning.stop(op, name)
    with pytest.raises(Refused, match="toque campaign clone"):
        await campaigning.resume(op, name)


async def test_the_dry_run_says_now_later_or_never_and_the_day_proves_it_right(database: Database) -> None:
    rows = await campaign_of(database, 3)
    op = operation_on(database, accepts)
    async with database.write() as session:
        await session.execute(update(Debt).where(Debt.person_id == rows.people[1]).values(due_on=date(2026, 3, 4)))
        await session.execute(update(Debt).where(Debt.person_id == rows.people[2]).values(status="withdrawn"))
    name = (await _campaign(database, rows)).name
    now, later, never = [one async for one in planning.forecasts(op, name)]
    assert (now.call, now.at, now.rule) == ("now", NOON, None)
    assert (later.call, later.rule) == ("later", "LADDER_TOO_EARLY")
    assert later.at is not None
    assert (later.at.date(), later.at.hour) == (date(2026, 3, 5), 11), "eight o'clock in São Paulo"
    assert (never.call, never.rule, never.at) == ("never", "NOTHING_DUE", None)
    await _beat(Worker(op))
    assert [one.person_id for one in await _all(database, Attempt)] == [rows.people[0]]


async def test_ranks_follow_the_ordering_and_ties_the_list(database: Database) -> None:
    rows = await campaign_of(database, 4)
    first, broken, oldest, richest = rows.people
    made = attempt_of(rows, 1, status="ended", disposition="promised", closed_at=NOON)
    (attempt,) = await add(database, made)
    await add(
        database,
        Promise(tenant_id=rows.tenant, person_id=broken, attempt_id=attempt, amount_minor=1, currency="BRL",
                due_on=date(2026, 2, 20), status="broken", created_at=NOON),
    )  # fmt: skip
    async with database.write() as session:
        await session.execute(update(Debt).where(Debt.person_id == oldest).values(due_on=date(2025, 1, 1)))
        await session.execute(update(Debt).where(Debt.person_id == richest).values(amount_minor=999_999))
    expected = {
        "oldest": [oldest, first, broken, richest],
        "largest": [richest, first, broken, oldest],
        "broken-promises": [broken, richest, first, oldest],
        "as-loaded": [first, broken, oldest, richest],
    }
    assert {name: await _ranked(database, rows, name) for name in expected} == expected


async def test_who_answered_at_this_hour_comes_first_at_this_hour(database: Database) -> None:
    rows = await campaign_of(database, 3)
    await add(
        database,
        attempt_of(rows, 0, status="ended", closed_at=NOON, intent_at=NOON - timedelta(days=3)),
        attempt_of(rows, 2, status="ended", closed_at=NOON, intent_at=NOON - timedelta(days=2), key_pressed=True),
    )
    weights = Weights(best_hour=1)
    async with database.write() as session:
        campaign = await session.get_one(Campaign, rows.campaign)
        assert await ranks.rank(session, campaign, weights, at=NOON) == 3
        assert await ranks.rank(session, campaign, weights, at=NOON) == 0, "what stays the same is not written"
    assert (await _order(database, rows))[0] == rows.people[2]
    async with database.write() as session:
        await ranks.rank(session, campaign, weights, at=NOON + timedelta(hours=1))
    assert (await _order(database, rows))[0] == rows.people[0]


@pytest.mark.parametrize("at_once", [1, 2, 1000])
async def test_a_running_campaign_is_ordered_in_steps_and_comes_to_the_same_order(
    at_once: int, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading, "RANKS_AT_ONCE", at_once)
    rows = await campaign_of(database, 5, plan={"order": "largest"})
    async with database.write() as session:
        for person, amount in zip(rows.people, (300, 500, 100, 400, 200), strict=True):
            await session.execute(update(Debt).where(Debt.person_id == person).values(amount_minor=amount))
        await session.execute(update(Contact).where(Contact.person_id == rows.people[0]).values(status="calling"))
        campaign = await session.get_one(Campaign, rows.campaign)
    before = (await _all(database, Contact))[0].rank
    await leading.Leader(operation_on(database, accepts), "us").rank(campaign)
    waiting = [one for one in await _order(database, rows) if one != rows.people[0]]
    assert waiting == [rows.people[n] for n in (1, 3, 4, 2)]
    assert (await _all(database, Contact))[0].rank == before, "who is being called keeps the rank"


async def test_only_people_who_broke_a_promise_are_taken_if_the_plan_says_so(database: Database) -> None:
    rows = await campaign_of(database, 3)
    (attempt,) = await add(database, attempt_of(rows, 1, status="ended", disposition="promised", closed_at=NOON))
    await add(
        database,
        Promise(tenant_id=rows.tenant, person_id=rows.people[1], attempt_id=attempt, amount_minor=1, currency="BRL",
                due_on=date(2026, 2, 20), status="broken", created_at=NOON),
    )  # fmt: skip
    op = operation_on(database, accepts)
    name = (await _campaign(database, rows)).name
    await campaigning.clone(op, name, "second")
    await campaigning.edit(op, "second", {"only": "broken_promise"}, flow="segunda-tentativa")
    async with database.read() as session:
        tenant = await campaigns.tenant(session)
        second = await campaigns.by_name(session, tenant.id, "second")
        chosen = await session.scalars(select(Contact.person_id).where(Contact.campaign_id == second.id))
        assert list(chosen) == [rows.people[1]]
    async with database.write() as session:
        assert await filling.fill(session, op, second) == 1, "filling again adds nobody"


async def test_people_of_the_list_that_come_before_the_start_are_called_too(database: Database) -> None:
    rows, later = await campaign_of(database, 1, status="draft"), await campaign_of(database, 1, status="draft")
    op = operation_on(database, accepts)
    campaign = await _campaign(database, rows)
    async with database.write() as session:
        other = await session.scalar(select(Campaign.list_id).where(Campaign.id == later.campaign))
        await session.execute(update(ListMember).where(ListMember.list_id == other).values(list_id=campaign.list_id))
    found = await checking.check(op, campaign.name)
    assert found.contacts == 2


def _needing(name: str, op: Operation) -> Operation:
    """The same operation, with a flow that cannot do without a variable."""

    def flow(wanted: str) -> Flow:
        found = load(wanted)
        variable: Variable = replace(found.variables[name], optional=False)
        return replace(found, variables={**found.variables, name: variable})

    return replace(op, flow=flow)


async def _ranked(database: Database, rows: Rows, ordering: str) -> list[int]:
    async with database.write() as session:
        campaign = await session.get_one(Campaign, rows.campaign)
        await ranks.rank(session, campaign, ordering_named(ordering).weights, at=NOON)
    return await _order(database, rows)


async def _order(database: Database, rows: Rows) -> list[int]:
    async with database.read() as session:
        found = await session.scalars(
            select(Contact.person_id).where(Contact.campaign_id == rows.campaign).order_by(Contact.rank)
        )
        return list(found)


async def test_what_everybody_has_is_never_missing(database: Database) -> None:
    """These variables are not looked at again for every call."""
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.read() as session:
        person, number = await session.get_one(Person, rows.people[0]), await session.get_one(Number, rows.numbers[0])
        known = await caller(session, op, person, number, skill="", from_number=CALLER_ID)
    assert {name for name in EVERYBODYS if known.values.get(name) is None} == set()


async def _beat(worker: Worker) -> None:
    await worker.tick()
    async with asyncio.timeout(20):
        while worker.busy:  # noqa: ASYNC110 - as the manual clock asks
            await asyncio.sleep(0.005)


async def _end_all(database: Database) -> None:
    async with database.write() as session:
        await session.execute(
            update(Attempt).where(Attempt.status != "ended").values(status="ended", disposition="no_answer")
        )


async def _campaign(database: Database, rows: Rows) -> Campaign:
    async with database.read() as session:
        return await session.get_one(Campaign, rows.campaign)


async def _all(database: Database, model: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))
