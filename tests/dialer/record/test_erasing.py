"""Erasure takes what tells who a person is, keeps what binds us, and never goes before a duty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from dialer.errors import BadInput, Refused
from dialer.operation import Operation
from dialer.record import attesting, erasing, verifying
from dialer.record.erasing import Wish
from dialer.rules import retention
from dialer.store import people, vault
from dialer.store.database import Database
from dialer.store.models import Debt, Model, Number, Person, Recording, Suppression
from tests.dialer.record.cases import DOCUMENT, NAME, NUMBER, known_person
from tests.dialer.records import NOON, Rows, campaign_of

DATED = {"person": "created_at", "attempt": "intent_at", "message": "created_at", "promise": "created_at",
         "debt": "closed_at", "packet": "created_at"}  # fmt: skip
WISH = Wish("ana", "asked on 2 March, +5511999990001", forced=True)


async def settled(database: Database) -> tuple[Operation, Rows, str]:
    """A person who owes nothing any more, with a sealed recording."""
    op, rows = await known_person(database)

    async def sound() -> Any:
        yield b"sound"

    path = op.settings.home / "recordings/1.sealed"
    await vault.write(path, sound(), database.keyring)
    async with database.write() as session:
        await session.execute(update(Debt).values(status="paid", closed_at=NOON))
        await session.execute(update(Recording).values(gone_at_carrier_at=NOON))
        key = (await session.get_one(Person, rows.people[0])).key
    await attesting.seal_all(database, NOON)
    return op, rows, key


async def everything(database: Database) -> str:
    """All cells of all tables, in clear where they are sealed."""
    found = []
    async with database.read() as session:
        for table in Model.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                found += [_in_clear(database, value) for value in row]
    return "\n".join(found)


def _in_clear(database: Database, value: object) -> str:
    return database.keyring.unseal(value) if isinstance(value, bytes) else str(value)


async def test_nothing_that_tells_who_it_was_is_left_anywhere(database: Database) -> None:
    op, _, key = await settled(database)
    assert await erasing.erase(op, key, WISH) == erasing.Erased(numbers=1, recordings=1)
    left = await everything(database)
    for secret in (NAME, NAME.split()[0], DOCUMENT, NUMBER, "Rua das Flores", "m@exemplo.br", key):
        assert secret not in left, secret
    assert not (op.settings.home / "recordings/1.sealed").exists()


async def test_the_record_stays_and_is_sound(database: Database) -> None:
    op, _, key = await settled(database)
    await erasing.erase(op, key, WISH)
    await attesting.seal_all(database, NOON)
    async with database.read() as session:
        finding = await verifying.check_all(session, database.keyring)
        detail = (await session.execute(text("SELECT detail FROM interaction ORDER BY id DESC LIMIT 1"))).scalar_one()
    assert finding.sound
    assert finding.rows == 5
    assert "asked on 2 March" in str(detail)


async def test_whoever_comes_back_with_the_same_number_is_still_left_alone(database: Database) -> None:
    op, rows, key = await settled(database)
    await erasing.erase(op, key, WISH)
    again = await campaign_of(database, 1)
    async with database.write() as session:
        await session.execute(update(Number).where(Number.id == again.numbers[0]).values(e164=NUMBER))
    async with database.write() as session:
        known = await people.numbers(session, again.people[0])
        bars = (await people.bars_of(session, rows.tenant, {again.people[0]: known}))[again.people[0]]
    assert [(bar.kind, bar.automated_only) for bar in bars] == [("opt_out", True)]


async def test_the_document_of_somebody_with_a_bar_is_kept_as_a_hash_only(database: Database) -> None:
    op, rows, key = await settled(database)
    await erasing.erase(op, key, WISH)
    async with database.read() as session:
        person = await session.get_one(Person, rows.people[0])
        bars = list(await session.scalars(select(Suppression.number)))
    assert (person.document, person.document_index) == (None, database.keyring.index("document", DOCUMENT))
    assert set(bars) == {None}


async def test_a_duty_goes_before_the_wish(database: Database) -> None:
    op, rows = await known_person(database)
    async with database.read() as session:
        key = (await session.get_one(Person, rows.people[0])).key
    with pytest.raises(Refused, match="still collected"):
        await erasing.erase(op, key, WISH)
    async with database.write() as session:
        await session.execute(update(Debt).values(status="paid", closed_at=NOON))
    with pytest.raises(Refused, match=r"must be kept until 2031-03-02 \(Código Civil"):
        await erasing.erase(op, key, Wish("ana", "asked for it"))
    with pytest.raises(BadInput, match="--reason"):
        await erasing.erase(op, key, Wish("ana", " "))


async def test_what_was_erased_is_not_erased_again(database: Database) -> None:
    op, rows, key = await settled(database)
    await erasing.erase(op, key, WISH)
    with pytest.raises(Refused, match="erased already"):
        await erasing.erase(op, f"erased:{rows.people[0]}", WISH)


async def test_only_those_whose_time_is_over_are_erased(database: Database) -> None:
    op, rows, _ = await settled(database)
    others = await campaign_of(database, 2)  # their debts are open
    long_ago = NOON - timedelta(days=366 * 5)
    assert await erasing.run(op) == erasing.Run(people=0, screens=0)
    async with database.write() as session:
        for table, column in DATED.items():
            only = " WHERE closed_at IS NOT NULL" if table == "debt" else ""
            await session.execute(text(f"UPDATE {table} SET {column} = {int(long_ago.timestamp() * 1000)}{only}"))
    assert await erasing.run(op, dry=True) == erasing.Run(people=1, screens=0)
    assert await erasing.run(op) == erasing.Run(people=1, screens=0), "the screens went with the person"
    assert await erasing.run(op) == erasing.Run(people=0, screens=0)
    async with database.read() as session:
        erased = list(await session.scalars(select(Person.id).where(Person.erased_at.is_not(None))))
    assert erased == [rows.people[0]]
    assert not set(erased) & set(others.people)


@given(
    st.sampled_from(["US", "BR", "FR", "GB", "CA", "XX"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-400, 400),
)
def test_nobody_is_erased_a_moment_before_the_term_is_over(country: str, now: datetime, hours: int) -> None:
    before = retention.over_before(country, now)
    active = before + timedelta(hours=hours)
    if active < before:
        assert retention.kept(country, active).until <= now
    late = now.replace(year=now.year - retention.policy().term(country).years, day=min(now.day, 28))
    assert retention.kept(country, late + timedelta(days=4)).until > now
    assert before <= now


def test_every_term_names_its_law() -> None:
    policy = retention.policy()
    assert all(term.law and term.why for term in [*policy.person.values(), policy.other])
    assert policy.term("US").years == 3
