"""The common turn, taken in one statement, is the turn that a whole look would have taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import event, select, update

from dialer import closing, remembering, suppressing, talking
from dialer.operation import Operation
from dialer.remembering import Calls
from dialer.rules.lifecycle import CarrierStatus
from dialer.store import turns
from dialer.store.database import Database
from dialer.store.models import Attempt, Person
from dialer.talking import Heard
from tests.dialer.records import KEYS, NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on

SID = "CA" + "1" * 32
WAYS = (  # silence, "it is me", the check, a key that means nothing, "another one"
    ("", "", "", ""), ("7", "1", "725", "", "7", ""), ("1", "000", "725", "", ""), ("", "2", "2"),
    ("7", "7", "7", "7"),
)  # fmt: skip


@dataclass
class Forgetful(Calls):
    """Knows no call: everything is looked at whole."""

    def find(self, token: str) -> None:
        return None


async def people(database: Database) -> Rows:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        await session.execute(update(Person).values(document=KEYS.seal("529.982.247-25")))
    return rows


async def call(op: Operation, rows: Rows, said: tuple[str, ...]) -> Attempt:
    attempt = attempt_of(rows, status="placed", sid=SID)
    await add(op.database, attempt)
    await talking.take_turn(op, attempt.token, 0, Heard(sid=attempt.sid))
    for n, digits in enumerate(said, start=1):
        await talking.take_turn(op, attempt.token, n, Heard(digits=digits or None, sid=attempt.sid))
    return attempt


async def record(database: Database, attempt: Attempt) -> list[Any]:
    """All that stands about a call and is not its own name."""
    unseal = database.keyring.unseal
    async with database.read() as session:
        row = await session.get_one(Attempt, attempt.id, populate_existing=True)
        kept = await turns.of_attempt(session, attempt.id)
    return [
        (row.turn, row.waits, row.level, row.key_pressed, row.flow_disposition, row.answered_by, row.status),
        unseal(row.state) if row.state else None,
        *((one.n, one.at, one.event, unseal(one.answer), one.path) for one in kept),
    ]


async def test_what_is_pressed_leaves_the_same_record_in_one_statement_as_in_a_whole_look(database: Database) -> None:
    rows = await people(database)
    quick = operation_on(database, accepts)
    whole = replace(quick, calls=Forgetful())
    for said in WAYS:
        records = []
        for op in (quick, whole):
            attempt = await call(op, rows, said)
            records.append(await record(database, attempt))
            async with database.write() as session:
                await session.execute(update(Attempt).values(status="ended", closed_at=NOON, sid=None))
        assert records[0] == records[1], said


async def test_the_common_turn_asks_nothing_else(database: Database) -> None:
    rows = await people(database)
    op = operation_on(database, accepts)
    attempt = await call(op, rows, ("",))
    asked: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    answer = await talking.take_turn(op, attempt.token, 2, Heard(sid=attempt.sid))
    assert answer is not None
    assert answer.next_turn == 3
    assert asked == []
    async with database.read() as session:
        assert await session.scalar(select(Attempt.turn)) == 2


@pytest.mark.parametrize("news", ["moved on", "wanted to end", "barred"])
async def test_a_call_that_is_not_as_it_was_known_is_looked_at_whole(news: str, database: Database) -> None:
    rows = await people(database)
    here, there = operation_on(database, accepts), operation_on(database, accepts)
    attempt = await call(here, rows, ("",))
    if news == "moved on":
        elsewhere = await talking.take_turn(there, attempt.token, 2, Heard(digits="1", sid=attempt.sid))
        assert await talking.take_turn(here, attempt.token, 2, Heard(digits="2", sid=attempt.sid)) == elsewhere
        after = await talking.take_turn(here, attempt.token, 3, Heard(digits="725", sid=attempt.sid))
        assert after is not None
        assert after.next_turn == 4
        return
    async with database.write() as session:
        if news == "barred":
            person = await session.get_one(Person, rows.people[0])
            await suppressing.opt_out(session, person, at=NOON, scope="all", attempt_id=None, source="letter")
        else:
            await session.execute(update(Attempt).values(cancel_asked="nothing_due"))
    ended = await talking.take_turn(here, attempt.token, 2, Heard(digits="1", sid=attempt.sid))
    assert ended is not None
    assert type(ended.wait).__name__ == "End", ended.words


async def test_a_repeat_of_a_common_turn_hears_the_same_again_and_changes_nothing(database: Database) -> None:
    rows = await people(database)
    op = operation_on(database, accepts)
    attempt = await call(op, rows, ("",))
    first = await talking.take_turn(op, attempt.token, 2, Heard(digits="1", sid=attempt.sid))
    before = await record(database, attempt)
    assert await talking.take_turn(op, attempt.token, 2, Heard(digits="2", sid=attempt.sid)) == first
    assert await record(database, attempt) == before


async def test_what_is_known_of_a_person_goes_with_the_call(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await people(database)
    op = operation_on(database, accepts)
    attempt = await call(op, rows, ("",))
    assert op.calls.find(attempt.token) is not None
    await closing.hear(op, attempt.token, CarrierStatus("completed", sid=attempt.sid))
    assert op.calls.find(attempt.token) is None
    async with database.write() as session:
        await session.execute(update(Attempt).values(sid=None))
    silent = await call(op, rows, ("",))  # its end is heard by another process
    known = op.calls.find(silent.token)
    assert known is not None
    monkeypatch.setattr(remembering, "SILENT_SECONDS", -1.0)
    op.calls.remember("another", known)
    assert op.calls.find(silent.token) is None
