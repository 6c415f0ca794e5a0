"""The dry run: divided among processes it says the same, and it foresees how many attempts are lawful until a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from dialer.campaigns import comparing, dividing, planning
from dialer.campaigns.planning import Totals
from dialer.rules.packs import Packs, load_packs
from dialer.store.database import Database
from dialer.store.models import Campaign, Contact, Number, Person
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on


async def _name(database: Database, rows: Rows) -> str:
    async with database.read() as session:
        return (await session.get_one(Campaign, rows.campaign)).name


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # processes take seconds to begin
async def test_a_long_list_divided_among_processes_is_foreseen_as_one_that_is_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dividing, "PART", 2)
    monkeypatch.setattr(dividing, "BATCH", 1)
    monkeypatch.setattr(dividing, "MOST_PROCESSES", 1)
    rows = await campaign_of(database, 8)
    calls = [attempt_of(rows, 3, status="ended", closed_at=NOON, intent_at=NOON - timedelta(hours=h)) for h in (1, 2)]
    await add(database, *calls)
    op, name = operation_on(database, accepts), await _name(database, rows)
    until = NOON + timedelta(days=7)
    whole = [one async for one in planning.forecasts(op, name, until=until)]
    divided = [one async for one in planning.forecasts(op, name, until=until, worth_dividing=1)]
    assert divided == whole
    assert [one.contact for one in whole] == list(rows.contacts)


async def test_lawful_attempts_before_a_day_are_fewer_than_the_campaign_would_make(database: Database) -> None:
    rows = await campaign_of(database, 1, plan={"attempts_total": 6, "person_gap_minutes": 60})
    op, name = operation_on(database, accepts), await _name(database, rows)
    (one,) = [one async for one in planning.forecasts(op, name, until=NOON + timedelta(minutes=30))]
    assert (one.legal, one.left > 1) == (1, True)
    (none,) = [one async for one in planning.forecasts(op, name, until=NOON)]
    (all_of_them,) = [one async for one in planning.forecasts(op, name, until=NOON + timedelta(days=30))]
    assert none.legal == 0
    assert all_of_them.legal == all_of_them.left
    totals = Totals()
    for each in (one, none, all_of_them):
        totals.add(each)
    assert (totals.runs_out, totals.none_left) == (2, 1)


async def test_a_cap_of_the_law_ends_what_the_campaign_would_go_on_with(database: Database) -> None:
    """Massachusetts allows two attempts in seven days; the campaign would make more."""
    rows = await campaign_of(database, 1, plan={"attempts_total": 6, "person_gap_minutes": 30})
    async with database.write() as session:
        address = {"country": "US", "region": "MA"}
        await session.execute(update(Person).where(Person.id == rows.people[0]).values(**address))
        number = {"e164": "+16175550123", "country": "US", "line_type": "landline"}
        await session.execute(update(Number).values(**number))
    op, name = operation_on(database, accepts), await _name(database, rows)
    (one,) = [one async for one in planning.forecasts(op, name, until=NOON + timedelta(days=6))]
    assert one.legal is not None
    assert one.legal <= 2 < one.left


async def test_a_contact_with_one_attempt_left_is_counted(database: Database) -> None:
    rows = await campaign_of(database, 2, plan={"attempts_total": 2})
    async with database.write() as session:
        await session.execute(update(Contact).where(Contact.id == rows.contacts[0]).values(tries=1))
    op, name = operation_on(database, accepts), await _name(database, rows)
    totals = Totals()
    async for one in planning.forecasts(op, name):
        totals.add(one)
    assert (totals.contacts, totals.last_try) == (2, 1)


async def test_two_laws_side_by_side_tell_who_moves(database: Database) -> None:
    rows = await campaign_of(database, 3)
    op, name = operation_on(database, accepts), await _name(database, rows)
    same = await comparing.compare(op, name, load_packs())
    assert (same.contacts, same.same, dict(same.moves)) == (3, 3, {})
    without = Packs({country: pack for country, pack in load_packs().by_country.items() if country != "BR"})
    none = await comparing.compare(op, name, without)
    assert (none.same, sum(none.moves.values()), none.first_after) == (0, 3, None)
    assert all("NO_PACK" in words for words in none.moves)
