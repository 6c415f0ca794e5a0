"""The keypad check cannot be guessed: wrong entries count over all calls, and then an agent asks instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from dialer import answering, talking
from dialer.answering import Incoming
from dialer.operation import Operation
from dialer.speaking import Answer
from dialer.store.database import Database
from dialer.store.models import Attempt, CallTurn, Number, Person
from dialer.talking import Heard
from tests.dialer.records import CALLER_ID, KEYS, accepts, campaign_of, operation_on
from tests.dialer.switchboard import Later

DAY = 24 * 3600.0
RIGHT, WRONG = "725", "000"
ASKED, AGENT = "três últimos números", "uma pessoa da equipe"


class Line:
    """Somebody who shows the number of a debtor, and calls again and again."""

    def __init__(self, database: Database, number: str) -> None:
        self._op, self._number, self._calls = operation_on(database, accepts), number, 0

    def at(self, seconds: float) -> Operation:
        return replace(self._op, clock=Later(seconds))

    async def call(self, *keys: str, after: float = 0.0) -> list[str]:
        """The words after each key; the first key is "1": it is me."""
        op, sid = self.at(after), f"CA{self._calls:032d}"
        self._calls += 1
        token, _ = await answering.answer(op, Incoming(sid, self._number, CALLER_ID))
        return [await self.press(token, n, key, after=after) for n, key in enumerate(("1", *keys), start=1)]

    async def press(self, token: str, n: int, key: str, *, after: float = 0.0) -> str:
        said = await talking.take_turn(self.at(after), token, n, Heard(digits=key))
        return words(said)


def words(answer: Answer | None) -> str:
    assert answer is not None
    return " ".join(one.text for one in answer.speech)


@pytest.fixture
async def line(database: Database) -> Line:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        document = KEYS.seal("529.982.247-25")
        await session.execute(update(Person).where(Person.id == rows.people[0]).values(document=document))
        return Line(database, (await session.get_one(Number, rows.numbers[0])).e164)


async def level_of_last(database: Database) -> str:
    async with database.read() as session:
        return str(await session.scalar(select(Attempt.level).order_by(Attempt.id.desc()).limit(1)))


async def test_after_six_wrong_entries_no_call_asks_for_the_check(line: Line, database: Database) -> None:
    for _ in range(2):
        assert ASKED in (await line.call(WRONG, WRONG, WRONG))[0]
    (said,) = await line.call(after=60)
    assert ASKED not in said
    assert AGENT in said
    await line.call(RIGHT, after=120)
    assert await level_of_last(database) == "claimed"
    assert ASKED in (await line.call(after=DAY + 60))[0], "the next day has room again"
    await line.call(RIGHT, after=DAY + 120)
    assert await level_of_last(database) == "checked"


async def test_hanging_up_before_the_last_try_does_not_start_afresh(line: Line) -> None:
    for _ in range(3):
        await line.call(WRONG, WRONG)
    assert ASKED not in (await line.call())[0]


async def test_calls_at_the_same_time_share_what_is_left(line: Line, database: Database) -> None:
    tokens = []
    for n in range(7):
        token, _ = await answering.answer(line.at(0), Incoming(f"CB{n:032d}", line._number, CALLER_ID))
        assert ASKED in await line.press(token, 1, "1")
        tokens.append(token)
    for token in tokens[:6]:
        assert "não conferem" in await line.press(token, 2, WRONG)
    await line.press(tokens[6], 2, RIGHT)
    assert await level_of_last(database) == "claimed"
    async with database.read() as session:
        events = await session.scalars(select(CallTurn.event).where(CallTurn.n == 2).order_by(CallTurn.id))
        assert [one["digits"] for one in events] == ["•••"] * 6 + ["•"]


async def test_few_at_a_time_over_weeks_come_to_an_end(line: Line) -> None:
    for day in range(5):
        await line.call(WRONG, WRONG, WRONG, after=day * 2 * DAY)
    assert ASKED not in (await line.call(after=10 * DAY))[0]
    assert ASKED in (await line.call(after=31 * DAY))[0]


async def test_who_was_identified_has_no_wrong_entries(line: Line) -> None:
    for _ in range(4):
        await line.call(WRONG, WRONG, RIGHT)
    assert ASKED in (await line.call())[0]
    assert ASKED not in (await line.call("*"))[1], "a star is no guess"
