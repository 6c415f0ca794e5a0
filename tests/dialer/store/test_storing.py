"""The rules of storage: writers queue, times and money keep their values, any key of the ring opens a field."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import StatementError

from dialer.errors import NotConfigured
from dialer.store.columns import Day, Instant
from dialer.store.database import Database
from dialer.store.models import Agent, Debt, Person
from dialer.store.sealing import Keyring
from tests.dialer.records import add, agent_of, attempt_of, campaign_of

ON_ONE_DATABASE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)


async def test_a_second_writer_waits_and_no_update_is_lost(database: Database) -> None:
    """Read, think, write: the second reads only after the first has committed (SQLite), or its swap fails."""
    rows = await campaign_of(database, 1)

    async def count_up() -> None:
        done = False
        while not done:
            async with database.write() as session:
                person = await session.get_one(Person, rows.people[0])
                await asyncio.sleep(0.001)
                swapped = await session.execute(
                    update(Person)
                    .where(Person.id == person.id, Person.version == person.version)
                    .values(version=person.version + 1)
                    .returning(Person.id)
                    .execution_options(synchronize_session=False)
                )
                done = swapped.first() is not None

    await asyncio.gather(*(count_up() for _ in range(12)))
    async with database.read() as session:
        assert (await session.get_one(Person, rows.people[0])).version == 12


async def test_a_writer_on_sqlite_takes_the_lock_before_it_reads(database: Database, database_url: str) -> None:
    """Two processes: without BEGIN IMMEDIATE the second would read, then fail to upgrade its lock."""
    if not database.is_sqlite:
        async with database.write() as session:
            assert await session.scalar(text("SHOW transaction_isolation")) == "read committed"
        return
    other = Database(database_url, database.keyring)
    rows = await campaign_of(database, 1)
    order: list[str] = []
    first_holds = asyncio.Event()

    async def first() -> None:
        async with database.write() as session:
            await session.get_one(Person, rows.people[0])
            first_holds.set()
            await asyncio.sleep(0.05)
            await session.execute(update(Person).where(Person.id == rows.people[0]).values(name="first"))
            order.append("first")

    async def second() -> None:
        await first_holds.wait()
        async with other.write() as session:
            person = await session.get_one(Person, rows.people[0])
            order.append(f"second saw {person.name}")

    await asyncio.gather(first(), second())
    await other.close()
    assert order == ["first", "second saw first"]


async def test_a_reader_is_not_stopped_by_a_writer(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        await session.execute(update(Person).where(Person.id == rows.people[0]).values(name="not yet"))
        async with asyncio.timeout(2), database.read() as reading:
            assert (await reading.get_one(Person, rows.people[0])).name != "not yet"


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    rows = await campaign_of(database, 1)

    async def half() -> None:
        async with database.write() as session:
            await session.execute(update(Person).where(Person.id == rows.people[0]).values(name="half done"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    async with database.read() as session:
        assert (await session.get_one(Person, rows.people[0])).name != "half done"


@ON_ONE_DATABASE
@given(at=INSTANTS, amount=AMOUNTS, day=st.dates())
async def test_instants_days_and_amounts_come_back_as_they_went(
    database: Database, at: datetime, amount: int, day: date
) -> None:
    """An instant keeps its millisecond and comes back aware, in UTC, whatever zone it was written in."""
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        await session.execute(update(Person).values(created_at=at))
        await session.execute(update(Debt).values(amount_minor=amount, due_on=day))
    async with database.read() as session:
        person = await session.get_one(Person, rows.people[0])
        debt = (await session.scalars(select(Debt).limit(1))).one()
    assert person.created_at.tzinfo is UTC
    assert timedelta(0) <= at - person.created_at < timedelta(milliseconds=1)
    assert (debt.amount_minor, debt.due_on) == (amount, day)


@given(earlier=INSTANTS, later=INSTANTS)
def test_stored_instants_and_days_sort_as_the_real_ones(earlier: datetime, later: datetime) -> None:
    stored = [Instant().process_bind_param(at, None) for at in (earlier, later)]  # type: ignore[arg-type]
    assert (stored[0] < stored[1]) <= (earlier < later)  # type: ignore[operator]
    days = [Day().process_bind_param(at.date(), None) for at in (earlier, later)]  # type: ignore[arg-type]
    assert (days[0] < days[1]) == (earlier.date() < later.date())  # type: ignore[operator]


async def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    rows = await campaign_of(database, 1)
    naive = datetime(2026, 3, 2, 12)  # noqa: DTZ001 - the fault under test
    with pytest.raises(StatementError, match=r"an instant needs a time zone: use clock.now\(\)"):
        async with database.write() as session:
            await session.execute(update(Person).where(Person.id == rows.people[0]).values(created_at=naive))


async def test_a_row_that_refers_to_nothing_is_refused(database: Database) -> None:
    """Foreign keys hold on SQLite too, where they are off unless asked for."""
    from sqlalchemy.exc import IntegrityError

    rows = await campaign_of(database, 1)
    with pytest.raises(IntegrityError) as fault:
        await add(database, attempt_of(rows, person_id=999_999, to_number="+5511990000066"))
    assert "990000066" not in str(fault.value), "what is logged of a fault holds no number"


async def test_a_sealed_field_is_not_readable_in_the_database(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        person = await session.get_one(Person, rows.people[0])
        person.document = database.keyring.seal("52998224725")
        await session.flush()
        kept = await session.scalar(text(f"SELECT document FROM person WHERE id = {person.id}"))
    assert b"52998224725" not in bytes(kept)
    assert database.keyring.unseal(bytes(kept)) == "52998224725"


@given(words=st.text(max_size=200))
def test_a_rotated_key_still_opens_what_it_sealed(words: str) -> None:
    old, ring, new = Keyring("old", "hash"), Keyring("new, old", "hash"), Keyring("new", "hash")
    assert ring.unseal(old.seal(words)) == words
    assert new.unseal(ring.seal(words)) == words, "the first key of the ring writes"
    with pytest.raises(NotConfigured, match="TOQUE_SECRET_KEY"):
        new.unseal(old.seal(words))


@given(one=st.text(max_size=50), other=st.text(max_size=50))
def test_a_blind_index_finds_equal_words_of_one_kind_whatever_the_secret_key(one: str, other: str) -> None:
    ring, rotated, foreign = Keyring("a", "hash"), Keyring("b,a", "hash"), Keyring("a", "another")
    assert ring.index("document", one) == rotated.index("document", one)
    assert (ring.index("document", one) == ring.index("document", other)) == (one == other)
    assert ring.index("document", one) != ring.index("number", one)
    assert ring.index("document", one) != foreign.index("document", one)


async def test_an_agent_changed_by_somebody_else_is_not_overwritten(database: Database) -> None:
    from dialer.store import agents

    rows = await campaign_of(database, 1)
    async with database.write() as session:
        session.add(agent_of(rows))
    async with database.read() as session:
        seen = (await session.scalars(select(Agent))).one()
    async with database.write() as session:
        assert await agents.swap(session, seen, status="paused")
    async with database.write() as session:
        assert not await agents.swap(session, seen, status="ready")
    async with database.read() as session:
        assert (await session.scalars(select(Agent))).one().status == "paused"
