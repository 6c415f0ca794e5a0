"""Compare-and-swap: an intent against an opt-out, two requests for one turn, news that arrives all at once."""

from __future__ import annotations

import asyncio
from functools import reduce

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dialer import placing, suppressing, talking
from dialer.clock import real_ms
from dialer.rules.lifecycle import CarrierStatus, CarrierWord, Created, Detected, KeyHeard, News, merge
from dialer.store import attempts, contacts, turns
from dialer.store.database import Database
from dialer.store.models import Attempt, CallTurn, Contact, Person, Suppression
from dialer.talking import Heard
from tests.dialer.records import KEYS, NOON, accepts, add, attempt_of, campaign_of, operation_on

CONCURRENT = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SID = "CA" + "7" * 32
WORDS: tuple[CarrierWord, ...] = ("queued", "initiated", "ringing", "in-progress", "completed")
NEWS: list[News] = [Created(SID), Detected("human"), Detected("machine"), KeyHeard()]
NEWS += [CarrierStatus(word, n, SID) for n, word in enumerate(WORDS)]


@CONCURRENT
@given(
    head_starts=st.lists(st.integers(0, 12), min_size=3, max_size=3), channel=st.sampled_from(["automated", "all"])
)
async def test_no_intent_commits_after_an_opt_out(
    database: Database, database_url: str, head_starts: list[int], channel: str
) -> None:
    """Whoever commits first: an intent that is on record was committed before the opt-out, and is asked to stop."""
    rows = await campaign_of(database, 1)
    others = [Database(database_url, KEYS, pool_size=1) for _ in range(2)]
    worker, desk = operation_on(others[0], accepts), others[1]
    before: list[int] = []

    async def dial() -> None:
        async with database.write() as session:
            await contacts.claim(session, rows.campaign, limit=1, owner="w", now=NOON, until_real=real_ms() + 60_000)
        await _yield(head_starts[0])
        await placing.place(worker, rows.contacts[0], owner="w")

    async def object_() -> None:
        await _yield(head_starts[1] * 4)
        async with desk.write() as session:
            person = await session.get_one(Person, rows.people[0])
            await _yield(head_starts[2])
            await suppressing.opt_out(session, person, at=NOON, scope=channel, attempt_id=None)
            seen = (await session.scalars(select(Attempt.id).where(Attempt.person_id == rows.people[0]))).all()
            before.extend(seen)

    await asyncio.gather(dial(), object_())
    for one in others:
        await one.close()
    async with database.read() as session:
        made = (await session.scalars(select(Attempt).where(Attempt.person_id == rows.people[0]))).all()
        contact = await session.get_one(Contact, rows.contacts[0])
        bars = (await session.scalars(select(Suppression.kind).where(Suppression.person_id == rows.people[0]))).all()
    assert bars == ["opt_out"]
    assert [one.id for one in made] == before, "an intent was committed after the opt-out"
    if not made:
        assert (contact.status, contact.outcome) == ("done", "opted_out")


async def test_two_requests_for_one_turn_get_one_answer(database: Database, database_url: str) -> None:
    """The carrier asks again while the first request is still being answered, at another web process."""
    rows = await campaign_of(database, 1)
    others = [Database(database_url, KEYS, pool_size=1) for _ in range(3)]
    (made,) = await add(database, attempt_of(rows, 0, status="placed", sid=SID))
    async with database.read() as session:
        token = (await session.get_one(Attempt, made)).token
    webs = [operation_on(one, accepts) for one in others]
    first = await asyncio.gather(*(talking.take_turn(web, token, 0, Heard(sid=SID)) for web in webs))
    keys = [Heard(digits=digits, sid=SID) for digits in ("1", "1", "9")]
    second = await asyncio.gather(
        *(talking.take_turn(web, token, 1, heard) for web, heard in zip(webs, keys, strict=True))
    )
    for one in others:
        await one.close()
    for answers in (first, second):
        assert answers[0] is not None
        assert all(answer == answers[0] for answer in answers)
    async with database.read() as session:
        kept = await turns.of_attempt(session, made)
        assert [turn.n for turn in kept] == [0, 1]
        assert (await session.get_one(Attempt, made)).turn == 1


async def test_a_turn_is_taken_once_and_in_order(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (made,) = await add(database, attempt_of(rows, 0, status="live"))
    async with database.write() as session:
        assert not await turns.swap(session, made, 1), "turn 1 before turn 0"
        assert await turns.swap(session, made, 0, waits="keys")
        assert not await turns.swap(session, made, 0, waits="end")
        assert await turns.swap(session, made, 1)
    async with database.read() as session:
        attempt = await session.get_one(Attempt, made)
        assert (attempt.turn, attempt.waits) == (1, "keys")
        assert (await session.scalars(select(CallTurn))).all() == []


@CONCURRENT
@given(
    news=st.lists(st.sampled_from(NEWS), min_size=2, max_size=8),
    split=st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
async def test_news_that_arrives_at_once_is_all_merged(
    database: Database, database_url: str, news: list[News], split: list[int]
) -> None:
    """Four web processes; the record is the one that any order gives, and every merge moved the version once."""
    rows = await campaign_of(database, 1)
    sid = f"CA{rows.campaign:032d}"
    told = [_about(one, sid) for one in news]
    (made,) = await add(database, attempt_of(rows, 0, status="placing"))
    webs = [Database(database_url, KEYS, pool_size=1) for _ in range(4)]

    async def hear(web: Database, mine: list[News]) -> None:
        for one in mine:
            async with web.write() as session:
                attempt = await attempts.fresh(session, made)
                await _yield(2)
                await attempts.apply(session, attempt, one, at=NOON)

    await asyncio.gather(
        *(hear(web, [one for one, to in zip(told, split, strict=False) if to == n]) for n, web in enumerate(webs))
    )
    for web in webs:
        await web.close()
    async with database.read() as session:
        attempt = await session.get_one(Attempt, made)
    empty = attempts.record_of(attempt_of(rows, 0, status="placing", key_pressed=False))
    assert attempts.record_of(attempt) == reduce(merge, told, empty)
    assert attempt.version == len(told)


def _about(news: News, sid: str) -> News:
    match news:
        case Created():
            return Created(sid)
        case CarrierStatus(status=word, sequence=n):
            return CarrierStatus(word, n, sid)
        case other:
            return other


async def _yield(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)
