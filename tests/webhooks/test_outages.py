"""The database is gone, locked or hangs: callers hear an apology in time, news are told again, no key is lost."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from dialer import answering, closing
from dialer.operation import Operation
from dialer.speaking import APOLOGIES
from dialer.store import turns
from dialer.store.database import Database
from dialer.store.driving.sqlite import SqliteDriver
from dialer.store.models import Attempt, Person, Suppression
from tests.clean_databases import CleanDatabases
from tests.conftest import KEYRING
from tests.dialer.records import accepts, add, attempt_of, campaign_of, operation_on
from tests.webhooks.phone import OURS, Web
from tests.webhooks.wire import Wire, wire_to
from webhooks import in_time, patience, unheard
from webhooks.admitting import Admission, Crowded

SID = "CA" + "1" * 32
TO = {"CallSid": SID, "CallStatus": "in-progress", "Direction": "outbound-api", "From": OURS}


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on everybody's patience is short."""

    def hurried() -> None:
        for where, name, seconds in PATIENCE:
            monkeypatch.setattr(where, name, seconds)

    return hurried


PATIENCE = (
    (patience, "SPOKEN", 0.1), (patience, "NEWS", 0.1), (patience, "LONGEST_SPOKEN", 0.3),
    (patience, "LONGEST_NEWS", 0.3), (unheard, "AGAIN_AFTER", 0.05), (in_time, "CROWDED_SECONDS", 0.0),
)  # fmt: skip


@pytest.fixture
async def sqlite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    copy = shutil.copy(sqlite_template, tmp_path / "toque.sqlite3")
    database = Database(f"sqlite+aiosqlite:///{copy}", KEYRING)
    yield database
    await database.close()


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program writes to the file, and does not end."""
    other = sqlite3.connect(str(make_url(database.url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def _live_call(database: Database, op: Operation, language: str = "pt-BR") -> tuple[Web, Attempt]:
    """A call that has heard its first words through this process."""
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        (await session.get_one(Person, rows.people[0])).language = language
    attempt = attempt_of(rows, status="placed", sid=SID)
    await add(database, attempt)
    web = Web(op)
    assert "<Gather" in (await _turn(web, attempt, 0)).text
    return web, attempt


async def _turn(web: Web, attempt: Attempt, n: int, **form: str) -> httpx.Response:
    return await web.ask(f"/voice/{attempt.token}/{n}", TO | {"To": attempt.to_number} | form)


async def _status(web: Web, attempt: Attempt, **form: str) -> httpx.Response:
    return await web.ask(f"/voice/{attempt.token}/status", TO | {"CallStatus": "completed"} | form)


async def _fresh(database: Database, attempt: Attempt) -> Attempt:
    async with database.read() as session:
        return await session.get_one(Attempt, attempt.id)


@pytest.mark.parametrize("language", ["pt-BR", "fr-FR"])
async def test_a_stop_that_is_pressed_while_the_file_is_locked_hears_an_apology_and_is_kept(
    language: str, sqlite: Database, hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, attempt = await _live_call(sqlite, operation_on(sqlite, accepts), language)
    hurry()
    with locked(sqlite):
        began = time.monotonic()
        spoken, news = await asyncio.gather(_turn(web, attempt, 1, Digits="9"), _status(web, attempt))
        assert time.monotonic() - began < 5
        assert (spoken.status_code, news.status_code) == (200, 503)
        assert APOLOGIES[language] in spoken.text
        assert spoken.text.endswith("<Hangup/></Response>")
        assert (await _fresh(sqlite, attempt)).turn == 0
    monkeypatch.undo()
    async with asyncio.timeout(10):
        while (await _fresh(sqlite, attempt)).turn < 1:  # noqa: ASYNC110 - the row tells, nothing else
            await asyncio.sleep(0.02)
    assert (await _status(web, attempt)).status_code == 200  # as the carrier tells it again
    async with sqlite.read() as session:
        assert set(await session.scalars(select(Suppression.kind))) == {"opt_out"}
    after = await _fresh(sqlite, attempt)
    assert (after.status, after.disposition) == ("ended", "opted_out")


async def test_who_is_not_known_hears_the_language_of_the_number(sqlite: Database, hurry: Callable[[], None]) -> None:
    """A process that has not spoken with the call before, and calls that come in."""
    _, attempt = await _live_call(sqlite, operation_on(sqlite, accepts))
    hurry()
    web = Web(operation_on(sqlite, accepts))
    calls_us = {"CallSid": "CA" + "2" * 32, "CallStatus": "ringing", "Direction": "inbound", "To": OURS}
    with locked(sqlite):
        ours, french, hidden = await asyncio.gather(
            _turn(web, attempt, 1),
            web.ask("/voice/inbound", calls_us | {"From": "+33639980011"}),
            web.ask("/voice/inbound", calls_us | {"From": "anonymous"}),
        )
    assert APOLOGIES["pt-BR"] in ours.text
    assert APOLOGIES["fr-FR"] in french.text
    assert APOLOGIES["en-US"] in hidden.text


async def test_a_request_that_hangs_is_answered_in_its_place_and_ended(
    sqlite: Database, hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a server that is there and says nothing, whose driver takes its time even to give up."""
    ended: list[str] = []

    async def hangs(*_: object, **__: object) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.2)
            ended.append("ended")
            raise

    web, attempt = await _live_call(sqlite, operation_on(sqlite, accepts))
    hurry()
    monkeypatch.setattr(closing, "hear", hangs)
    monkeypatch.setattr(answering, "answer", hangs)
    form = {"CallSid": "CA" + "2" * 32, "Direction": "inbound", "From": "+33639980011", "To": OURS}
    spoken, news = await asyncio.gather(web.ask("/voice/inbound", form), _status(web, attempt))
    assert (spoken.status_code, news.status_code) == (200, 503)
    assert APOLOGIES["fr-FR"] in spoken.text
    assert ended == ["ended", "ended"]


@pytest.fixture
def postgres_url(postgres_databases: CleanDatabases) -> Iterator[str]:
    with postgres_databases.lend() as url:
        yield url


@pytest.fixture
async def wired(postgres_url: str) -> AsyncIterator[tuple[Wire, Database]]:
    async with wire_to(postgres_url) as wire:
        database = Database(wire.url, KEYRING)
        yield wire, database
        await database.close()


async def test_a_server_that_is_gone_for_a_moment_costs_neither_a_turn_nor_a_status(
    wired: tuple[Wire, Database],
) -> None:
    wire, database = wired
    web, attempt = await _live_call(database, operation_on(database, accepts))
    await _turn(web, attempt, 1)  # on connections that are used this very second

    async def back_later() -> None:
        await asyncio.sleep(0.3)
        await wire.mend()

    await wire.cut()
    spoken, news, _ = await asyncio.gather(
        _turn(web, attempt, 2), _status(web, attempt, CallStatus="in-progress"), back_later()
    )
    assert (spoken.status_code, news.status_code) == (200, 200)
    assert "<Gather" in spoken.text, "the flow goes on: nobody was told of it"
    async with database.read() as session:
        kept = await turns.of_attempt(session, attempt.id)
    assert [one.n for one in kept] == [0, 1, 2]


async def test_while_a_server_is_gone_everybody_is_answered_and_when_it_is_back_all_goes_on(
    wired: tuple[Wire, Database], hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, database = wired
    web, attempt = await _live_call(database, operation_on(database, accepts))
    hurry()
    await wire.cut()
    spoken, news = await asyncio.gather(_turn(web, attempt, 1, Digits="9"), _status(web, attempt))
    text = {"MessageSid": "SM" + "1" * 32, "From": attempt.to_number, "To": OURS, "Body": "PARE"}
    texted = await web.ask("/messaging/inbound", text)
    assert (spoken.status_code, news.status_code, texted.status_code) == (200, 503, 503)
    assert APOLOGIES["pt-BR"] in spoken.text
    assert (await web.client.get("/readyz?for=calls")).json()["failing"]["database"].startswith("the database does")
    await wire.mend()
    monkeypatch.undo()
    assert (await _status(web, attempt)).status_code == 200
    assert (await web.ask("/messaging/inbound", text)).status_code == 200
    async with asyncio.timeout(10):
        while (await _fresh(database, attempt)).disposition != "opted_out":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert (await web.client.get("/readyz?for=calls")).status_code == 200


async def test_so_many_are_worked_on_so_many_wait_in_order_and_the_next_is_refused() -> None:
    admission, order = Admission(3600.0, at_work=1, waiting=2), list[int]()

    async def wait(n: int, *, ahead: bool = False) -> None:
        await admission.enter(ahead=ahead)
        order.append(n)

    await admission.enter(ahead=True)
    first, second = (asyncio.create_task(wait(n)) for n in (1, 2))
    await asyncio.sleep(0)
    with pytest.raises(Crowded):
        await admission.enter(ahead=False)
    first.cancel()  # its place in the line is free again
    await asyncio.gather(first, return_exceptions=True)
    third, goes_on = asyncio.create_task(wait(3)), asyncio.create_task(wait(4, ahead=True))
    await asyncio.sleep(0)
    admission.leave()
    await goes_on
    admission.leave()
    await second
    assert order == [4, 2]
    admission.leave()
    third.cancel()  # in the instant in which its turn has come: the turn is not lost
    await asyncio.gather(third, return_exceptions=True)
    await asyncio.wait_for(admission.enter(ahead=False), 5)


async def test_whoever_is_not_let_in_soon_is_refused_and_leaves_no_place_taken() -> None:
    admission = Admission(0.01, at_work=1)
    await admission.enter(ahead=True)
    with pytest.raises(Crowded):
        await admission.enter(ahead=True)
    admission.leave()
    await asyncio.wait_for(admission.enter(ahead=False), 5)


async def test_what_is_kept_is_done_once_in_its_order_and_a_last_word_counts_for_those_before(
    hurry: Callable[[], None],
) -> None:
    hurry()
    kept, done, away = unheard.Unheard(), list[str](), [True]

    async def say(word: str) -> None:
        if away[0]:
            raise ConnectionRefusedError
        done.append(word)

    for what, word, last in (
        ("a", "rings", False),
        ("a", "rings again", False),
        ("b", "key", False),
        ("a", "ends", True),
    ):
        kept.keep(what, "news", partial(say, word), last_word=last)
    kept.keep("c", "news", partial(_broken, done))
    kept.keep("d", "news", partial(say, "late"))
    await asyncio.sleep(0.1)
    assert done == []
    away[0] = False
    async with asyncio.timeout(10):
        while "late" not in done:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert done == ["ends", "key", "broken", "late"]


async def _broken(done: list[str]) -> None:
    done.append("broken")
    raise RuntimeError("a bug")


async def test_when_too_many_wait_a_caller_hears_so_at_once_and_news_are_told_again(
    sqlite: Database, hurry: Callable[[], None]
) -> None:
    web, attempt = await _live_call(sqlite, operation_on(sqlite, accepts))
    hurry()
    entered = Admission.enter

    async def crowded(_self: Admission, *, ahead: bool) -> None:
        raise Crowded

    Admission.enter = crowded  # type: ignore[method-assign]
    try:
        spoken, news = await _turn(web, attempt, 1, Digits="9"), await _status(web, attempt)
    finally:
        Admission.enter = entered  # type: ignore[method-assign]
    assert (spoken.status_code, news.status_code) == (200, 503)
    assert APOLOGIES["pt-BR"] in spoken.text
    async with asyncio.timeout(10):
        while (await _fresh(sqlite, attempt)).turn < 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@asynccontextmanager
async def not_written_to(database: Database) -> AsyncIterator[None]:
    """The disk is full, or the server has become one that stands by: what is on record can be read."""
    if database.is_sqlite:
        assert isinstance(database.driver, SqliteDriver)
        assert database.driver._open is not None
        for setting in ("1", "0"):
            database.driver._open.execute(f"PRAGMA query_only = {setting}")
            async with database.engine.connect() as writer:
                (await writer.get_raw_connection()).driver_connection.execute(f"PRAGMA query_only = {setting}")
            if setting == "1":
                yield
        return
    name = make_url(database.url).database
    for setting in ("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
        beside = Database(database.url, KEYRING)
        async with beside.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("SET default_transaction_read_only = off"))
            await connection.execute(text(f'ALTER DATABASE "{name}" {setting}'))
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        await beside.close()
        if setting.startswith("SET"):
            yield


async def _turn_on_record(database: Database, attempt: Attempt) -> int:
    """Over a connection that nobody has cut off."""
    beside = Database(database.url, KEYRING)
    try:
        return (await _fresh(beside, attempt)).turn
    finally:
        await beside.close()


async def test_a_key_that_is_pressed_while_nothing_can_be_written_is_kept(
    database: Database, hurry: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A common turn, too, which goes past the ORM."""
    web, attempt = await _live_call(database, operation_on(database, accepts))
    assert "<Gather" in (await _turn(web, attempt, 1)).text
    hurry()
    async with not_written_to(database):
        spoken = await _turn(web, attempt, 2, Digits="9")
        assert APOLOGIES["pt-BR"] in spoken.text
        assert await _turn_on_record(database, attempt) == 1
        await asyncio.sleep(0.2)  # it is tried in vain, and not given up
    monkeypatch.undo()
    async with asyncio.timeout(10):
        while await _turn_on_record(database, attempt) < 2:  # noqa: ASYNC110 - the row tells, nothing else
            await asyncio.sleep(0.02)
    async with database.read() as session:
        assert set(await session.scalars(select(Suppression.kind))) == {"opt_out"}
