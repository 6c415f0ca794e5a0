"""A wish not to be called meets an intent that commits at the very same moment: no call goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date

import pytest

from dialer import placing, sparing
from dialer.clock import real_ms
from dialer.heeding import cases, consenting, designating
from dialer.operation import Operation
from dialer.store import contacts, listed_numbers, people
from dialer.store.consents import Agreed
from dialer.store.database import Database
from dialer.store.designations import Inconvenient
from dialer.store.models import Attempt, Number, Person
from tests.clean_databases import CleanDatabases
from tests.dialer.records import KEYS, NOON, accepts, campaign_of, operation_on

Wish = Callable[[Operation, str, str], Awaitable[object]]  # of a person (key) or a number


async def bar(op: Operation, key: str, _: str) -> object:
    return await cases.bar(op, key, cases.Order("opt_out"))


async def designate(op: Operation, key: str, _: str) -> object:
    return await designating.designate(op, key, Inconvenient((0,), 0, 1440, None, None))


async def revoke(op: Operation, key: str, _: str) -> object:
    return await consenting.revoke(op, key, "tcpa")


async def by_letter(op: Operation, key: str, _: str) -> object:
    return await sparing.add_person(op, key, scope="all")


async def list_number(op: Operation, _: str, number: str) -> object:
    return await sparing.add_numbers(op, [(1, number)], country=None)


@pytest.fixture
def postgres_url(postgres_databases: CleanDatabases) -> Iterator[str]:
    with postgres_databases.lend() as url:
        yield url


@pytest.fixture
async def on_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    """Only there may one write between two statements of another: SQLite has one writer at a time."""
    database = Database(postgres_url, KEYS)
    yield database
    await database.close()


@pytest.mark.parametrize("wish", [bar, designate, revoke, by_letter, list_number], ids=lambda one: one.__name__)
async def test_an_intent_that_commits_within_a_wish_is_taken_back(
    wish: Wish, on_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await campaign_of(on_postgresql, 1)
    op = operation_on(on_postgresql, accepts)
    async with on_postgresql.read() as session:
        key = (await session.get_one(Person, rows.people[0])).key
        number = (await session.get_one(Number, rows.numbers[0])).e164
    await consenting.give(op, key, Agreed("tcpa", date(2026, 1, 2), "form"))
    async with on_postgresql.write() as session:
        await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
    made: list[object] = []

    def first_an_intent(move: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def moved(*arguments: object) -> None:
            if not made:
                made.append(await placing._intend(op, rows.contacts[0], owner="w"))
            await move(*arguments)

        return moved

    monkeypatch.setattr(people, "bump", first_an_intent(people.bump))
    monkeypatch.setattr(listed_numbers, "bump_holders", first_an_intent(listed_numbers.bump_holders))
    await wish(op, key, number)
    assert made[0] is not None, "the intent was on record before the wish"
    async with on_postgresql.read() as session:
        assert (await session.get_one(Attempt, made[0].attempt_id)).cancel_asked == "opted_out"  # type: ignore[attr-defined]
