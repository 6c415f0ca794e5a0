"""Intents of a batch: what they write, and that nothing is begun on a look after which anything was written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import closing, placing, sparing, suppressing
from dialer.batching import committing
from dialer.batching.looking import Look
from dialer.campaigns import campaigning
from dialer.clock import real_ms
from dialer.intending import Intent
from dialer.operation import Operation
from dialer.rules.lifecycle import CarrierStatus
from dialer.store import attempts, caller_ids, contacts, people
from dialer.store.database import Database
from dialer.store.intents import Named
from dialer.store.models import Attempt, CallerId, Campaign, Contact, Debt, Interaction, Meter, Number, Person
from dialer.worker import Worker
from tests.dialer.records import (
    CALLER_ID,
    NOON,
    Rows,
    accepts,
    add,
    attempt_of,
    campaign_of,
    message_of,
    operation_on,
)
from tests.dialer.switchboard import Later

Between = Callable[[Operation, Rows], Awaitable[None]]


@pytest.fixture
def only_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may go alone."""

    async def alone(*_: Any, **__: Any) -> None:
        raise AssertionError("went alone")

    monkeypatch.setattr(placing, "_intend", alone)
    monkeypatch.setattr(closing, "hear_in", alone)


async def looked_at(op: Operation, rows: Rows) -> list[Look]:
    """All contacts, claimed and looked at."""
    async with op.database.write() as session:
        await contacts.claim(session, rows.campaign, limit=99, owner="w", now=NOON, until_real=real_ms() + 60_000)
    return await placing.look(op, rows.contacts, owner="w")


async def carried(op: Operation, looks: list[Look]) -> list[bool]:
    return await asyncio.gather(*(placing.carry(op, one, owner="w") for one in looks))


async def all_of(database: Database, model: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def test_plain_calls_are_placed_together(database: Database, only_together: None) -> None:
    rows, op = await campaign_of(database, 9), operation_on(database, accepts)
    assert all(await carried(op, await looked_at(op, rows)))
    made = await all_of(database, Attempt)
    assert {one.person_id for one in made} == set(rows.people)
    assert {one.status for one in made} == {"placed"}
    assert len({one.sid for one in made}) == len({one.token for one in made}) == 9


async def test_together_is_written_what_each_alone_would_write(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row and column by column, but for ids, names and what is random."""
    rows, op = await campaign_of(database, 2), operation_on(database, accepts)
    await add(database, CallerId(tenant_id=rows.tenant, e164=CALLER_ID, created_at=NOON, daily_cap=9, used=5))
    together, alone = await looked_at(op, rows)
    assert await placing.carry(op, together, owner="w")

    async def none(_: Operation, batch: list[Any]) -> list[Any]:
        return [None] * len(batch)

    monkeypatch.setattr(committing, "commit", none)
    monkeypatch.setattr(committing, "note", none)
    before = {one.id: one.count for one in await all_of(database, Meter)}
    assert await placing.carry(op, alone, owner="w")
    assert {one.id: one.count for one in await all_of(database, Meter)} == {key: 2 for key in before}
    assert len(before) == 3
    assert [one.used for one in await all_of(database, CallerId)] == [2], "of today; yesterday's do not count"
    differ = {"id", "token", "sid", "contact_id", "person_id", "number_id", "to_number", "attempt_id", "intent_real"}
    differ |= {"name", "key", "rank", "e164", "contract", "debts", "counted_debts"}
    for model in (Attempt, Contact, Person, Debt, Number, Interaction):
        one, other = (
            {name: value for name, value in vars(row).items() if name not in differ and name[0] != "_"}
            for row in await all_of(database, model)
        )
        if model is Interaction:
            assert len({one["detail"].pop("inputs"), other["detail"].pop("inputs")}) == 2
        assert one == other
    first, second = await all_of(database, Attempt)
    owed = [str(one.id) for one in await all_of(database, Debt)]
    assert (first.debts, second.debts) == ([owed[0]], [owed[1]])
    assert [type(one.counted_debts) for one in (first, second)] == [list, list]


async def opts_out(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None)


async def number_is_barred(op: Operation, rows: Rows) -> None:
    number = (await all_of(op.database, Number))[-1]
    await sparing.add_numbers(op, [(1, number.e164)], country=None)


async def campaign_is_paused(op: Operation, rows: Rows) -> None:
    await campaigning.pause(op, (await all_of(op.database, Campaign))[-1].name)


async def plan_is_changed(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(Campaign).values(plan={"attempts_per_day": 1}))


async def another_campaign_calls(op: Operation, rows: Rows) -> None:
    await add(op.database, attempt_of(rows, status="live"))


async def an_old_call_is_corrected(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(Attempt).values(disposition="reached", version=Attempt.version + 1))


async def a_text_is_sent(op: Operation, rows: Rows) -> None:
    await add(op.database, message_of(rows))


async def all_is_paid(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(Debt).values(status="paid"))


async def the_number_is_nobodys(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(Number).values(status="invalid"))


async def another_worker_took_over(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(Contact).values(claim_owner="other"))


async def our_number_is_retired(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        await session.execute(update(CallerId).values(status="retired"))


async def the_day_of_our_number_is_used_up(op: Operation, rows: Rows) -> None:
    async with op.database.write() as session:
        for _ in range(5):
            assert await caller_ids.use(session, rows.tenant, CALLER_ID, NOON.date())


BETWEEN: tuple[Between, ...] = (
    opts_out, number_is_barred, campaign_is_paused, plan_is_changed, another_campaign_calls, an_old_call_is_corrected,
    a_text_is_sent, all_is_paid, the_number_is_nobodys, another_worker_took_over, the_day_of_our_number_is_used_up,
    our_number_is_retired,
)  # fmt: skip


async def test_nothing_is_begun_on_a_look_after_which_something_was_written(database: Database) -> None:
    op = operation_on(database, accepts)
    long_ago = NOON - timedelta(days=30)
    for n, between in enumerate(BETWEEN):
        rows = await campaign_of(database, 1)
        if not n:
            await add(database, CallerId(tenant_id=rows.tenant, e164=CALLER_ID, created_at=NOON, daily_cap=5))
        async with database.write() as session:
            await session.execute(update(CallerId).values(status="active", used=0))
        await add(database, attempt_of(rows, status="ended", disposition="no_answer", intent_at=long_ago))
        (seen,) = await looked_at(op, rows)
        await between(op, rows)
        before = [len(await all_of(database, model)) for model in (Attempt, Interaction, Meter)]
        assert await committing.commit(op, [seen]) == [None], between.__name__
        assert before == [len(await all_of(database, model)) for model in (Attempt, Interaction, Meter)]


async def test_the_gate_is_asked_again_at_the_instant_of_the_intent(database: Database) -> None:
    rows, op = await campaign_of(database, 1), operation_on(database, accepts)
    (seen,) = await looked_at(op, rows)
    late = replace(op, clock=Later(9 * 3600))
    assert await committing.commit(late, [seen]) == [None], "it is past nine in the evening"
    assert not await placing.carry(late, seen, owner="w")
    (contact,) = await all_of(database, Contact)
    assert (contact.status, contact.blocked_rule is not None) == ("waiting", True)


async def test_one_that_must_go_alone_holds_nobody_up(database: Database) -> None:
    rows, op = await campaign_of(database, 3), operation_on(database, accepts)
    looks = await looked_at(op, rows)
    async with database.write() as session:
        await people.bump(session, rows.people[1])
    first, none, last = await committing.commit(op, looks)
    assert isinstance(first, Intent)
    assert isinstance(last, Intent)
    assert none is None


async def test_of_two_people_at_one_number_one_is_called(database: Database) -> None:
    rows, op = await campaign_of(database, 2), operation_on(database, accepts)
    async with database.write() as session:
        await session.execute(update(Number).values(e164="+5511999990100"))
    assert sorted(await carried(op, await looked_at(op, rows))) == [False, True]
    assert len(await all_of(database, Attempt)) == 1


async def test_many_at_once_stay_within_the_day_of_our_number(database: Database) -> None:
    cap = 7
    rows, op = await campaign_of(database, 12), operation_on(database, accepts)
    await add(database, CallerId(tenant_id=rows.tenant, e164=CALLER_ID, created_at=NOON, daily_cap=cap))
    other = replace(operation_on(database, accepts))
    looks = await looked_at(op, rows)
    done = await asyncio.gather(carried(op, looks[:6]), carried(other, looks[6:]))
    assert sum(map(sum, done)) == cap
    (own,) = await all_of(database, CallerId)
    assert own.used == len(await all_of(database, Attempt)) == cap


async def test_who_is_being_written_about_is_not_waited_for(database: Database) -> None:
    """The others of the batch are called; on SQLite nobody else can be writing."""
    if database.is_sqlite:
        return
    rows, op = await campaign_of(database, 2), operation_on(database, accepts)
    looks = await looked_at(op, rows)
    async with database.write() as session:
        await people.bump(session, rows.people[0])
        async with asyncio.timeout(5):
            none, made = await committing.commit(op, looks)
    assert (none, type(made)) == (None, Intent)


async def test_a_yes_of_the_carrier_does_not_undo_what_was_heard_or_wished_before_it(database: Database) -> None:
    rows, op = await campaign_of(database, 3), operation_on(database, accepts)
    intents = [one for one in await committing.commit(op, await looked_at(op, rows)) if one]
    await closing.hear(op, intents[0].token, CarrierStatus("in-progress", sid="CA0"))
    async with database.write() as session:
        await attempts.ask_to_cancel(session, [intents[1].attempt_id], "opted_out")
    answers = [Named(one.attempt_id, f"CA{n}") for n, one in enumerate(intents)]
    assert await committing.note(op, answers) == [False, False, True]
    assert [(one.status, one.sid) for one in await all_of(database, Attempt)] == [
        ("live", "CA0"), ("placing", None), ("placed", "CA2"),
    ]  # fmt: skip


async def test_a_batch_that_cannot_be_read_is_looked_at_one_by_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, op = await campaign_of(database, 3), operation_on(database, accepts)
    look = placing.look

    async def fails_together(op: Operation, ids: Any, *, owner: str) -> list[Look]:
        if len(ids) > 1:
            raise ValueError("one of them is broken")
        return await look(op, ids, owner=owner)

    monkeypatch.setattr(placing, "look", fails_together)
    worker = Worker(op)
    await worker.tick()
    await asyncio.gather(*worker._placing)
    await worker.stop()
    assert {one.person_id for one in await all_of(database, Attempt)} == set(rows.people)


async def test_two_looks_at_one_contact_in_a_batch_become_one_intent(database: Database) -> None:
    """A worker whose claim ran out while it waited for a grant may hold the contact anew beside its first look."""
    rows, op = await campaign_of(database, 1), operation_on(database, accepts)
    (look,) = await looked_at(op, rows)
    again = replace(look)
    first, second = await committing.commit(op, [look, again])
    assert first is not None
    assert second is None
    assert await carried(op, [again]) == [False]
    assert len(await all_of(database, Attempt)) == 1
