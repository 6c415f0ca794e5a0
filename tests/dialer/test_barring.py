"""A number that is to be left alone: nothing decided before it commits after it, whoever is on record there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import barring, judging, sparing
from dialer.rules.gate import Deny
from dialer.store import people
from dialer.store.database import Database
from dialer.store.models import Attempt, Campaign, Contact, Number, Person, Suppression
from dialer.store.suppressions import Bar
from ivr_flows.turn import OptedOut
from tests.dialer.records import NOON, accepts, add, attempt_of, campaign_of, operation_on

SHARED = "+5511999990166"  # the telephone of a family


async def version_of(database: Database, person_id: int) -> int:
    async with database.read() as session:
        return (await session.get_one(Person, person_id)).version


@pytest.mark.parametrize("by", ["hand", "call", "text", "bar"])
async def test_an_intent_that_was_decided_before_does_not_commit_after_it(database: Database, by: str) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    async with database.read() as session:
        number = (await session.get_one(Number, rows.numbers[0])).e164
    read = await version_of(database, rows.people[0])
    if by == "hand":
        await sparing.add_numbers(op, [(1, number)], country=None)
    else:
        async with database.write() as session:
            if by == "bar":
                bar = Bar("opt_out", number, automated_only=True)
                await barring.bar_number(session, rows.tenant, bar, at=NOON, source="call")
            else:
                await barring.leave_alone(session, rows.tenant, number, at=NOON, by=by)  # type: ignore[arg-type]
    async with database.write() as session:
        assert not await people.touch(session, rows.people[0], read)


async def test_nobody_else_is_called_either_where_somebody_pressed_nine(database: Database) -> None:
    rows = await campaign_of(database, 2)
    op = operation_on(database, accepts)
    async with database.write() as session:
        await session.execute(update(Number).where(Number.id == rows.numbers[1]).values(e164=SHARED))
        await session.execute(update(Number).where(Number.id == rows.numbers[0]).values(e164=SHARED))
    await add(database, attempt_of(rows, status="live", to_number=SHARED))
    read = await version_of(database, rows.people[1])
    async with database.write() as session:
        attempt = await session.get_one(Attempt, 1)
        person = await session.get_one(Person, rows.people[0])
        await barring.opted_out_in_call(session, op, attempt, person, OptedOut("automated"), at=NOON)
    async with database.write() as session:
        assert not await people.touch(session, rows.people[1], read)
        (case,) = await judging.cases(
            session,
            op,
            await judging.office(session, op, await session.get_one(Campaign, rows.campaign)),
            [await session.get_one(Contact, rows.contacts[1])],
        )
    decision = judging.judge(op, case, NOON).decision
    assert isinstance(decision, Deny)
    assert decision.rule == "OPT_OUT"


@pytest.mark.parametrize("kind", ["do_not_call", "opt_out"])
async def test_who_has_another_number_is_called_there(database: Database, kind: Any) -> None:
    rows = await campaign_of(database, 1)
    op = operation_on(database, accepts)
    second = Number(
        tenant_id=rows.tenant, person_id=rows.people[0], e164=SHARED, country="BR", rank=1, line_type="mobile",
        status="usable",
    )  # fmt: skip
    await add(database, second)

    async def barred_at(e164: str) -> str:
        async with database.write() as session:
            await barring.bar_number(session, rows.tenant, Bar(kind, e164), at=NOON, source="x")
            campaign = await session.get_one(Campaign, rows.campaign)
            contact = await session.get_one(Contact, rows.contacts[0])
            (case,) = await judging.cases(session, op, await judging.office(session, op, campaign), [contact])
        decision = judging.judge(op, case, NOON).decision
        return decision.rule if isinstance(decision, Deny) else getattr(case.number, "e164", "")

    async with database.read() as session:
        first = (await session.get_one(Number, rows.numbers[0])).e164
    assert await barred_at(first) == SHARED
    assert await barred_at(SHARED) == kind.upper()


async def test_what_is_on_record_already_is_not_added_and_what_was_ended_may_be_again(database: Database) -> None:
    rows = await campaign_of(database, 1)
    bar = Bar("do_not_call", "+5511999990100")
    async with database.write() as session:
        news = [await barring.bar_number(session, rows.tenant, bar, at=NOON, source="x") for _ in range(3)]
        ended = await barring.allow_number(session, rows.tenant, "+5511999990100", at=NOON, because="")
        news.append(await barring.bar_number(session, rows.tenant, bar, at=NOON, source="x"))
    assert (news, ended) == ([True, False, False, True], 1)
    async with database.read() as session:
        assert len(list(await session.scalars(select(Suppression)))) == 2, "what was ended stays on record"


async def test_a_call_to_a_number_of_the_list_that_rings_is_taken_back(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (attempt_id,) = await add(database, attempt_of(rows, status="ringing", sid="CA" + "1" * 32))
    async with database.write() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        await session.execute(update(Number).values(e164=attempt.to_number))
    spared = await sparing.add_numbers(operation_on(database, accepts), [(1, attempt.to_number)], country=None)
    assert (spared.added, spared.calls_stopped) == (1, 1)
