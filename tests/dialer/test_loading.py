"""Loads that are cut off, doubled, rehearsed and shuffled: in the end the tables and the report are the same."""

from __future__ import annotations

import asyncio
import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import importing, loading, rehearsing
from dialer.importing import Order, Report
from dialer.lists.documents import cpf_check_digits
from dialer.operation import Operation
from dialer.store import list_changes
from dialer.store.database import Database
from dialer.store.models import Debt, Load, Model, Person
from tests.conftest import KEYRING
from tests.dialer.list_tables import HEAD, doubles, load, rows, tables

COUNTS = ("rows", "good", "new", "changed", "same", "rejected", "people", "numbers", "debts", "left_out", "totals")


@pytest.fixture
def op(database: Database) -> Operation:
    return doubles(database)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "CHUNK_ROWS", 3)
    monkeypatch.setattr(rehearsing, "CHUNK_ROWS", 3)


def counts(report: Report) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS}


def document(n: int) -> str:
    nine = f"{111222000 + n}"
    return nine + cpf_check_digits(nine)


def row(key: int | str, who: int, *, contract: int, known: bool = True, amount: str = "10,00") -> str:
    cpf = document(who) if known else ""
    return f"{key};Pessoa {who};11 99999-{who:04};;{cpf};SP;K-{contract};{amount};2026-01-01\n"


MESSY = (
    row("a", 1, contract=1)
    + row("b", 2, contract=2, known=False)
    + row("c", 3, contract=3, amount="zero")
    + row("a", 1, contract=4)
    + row("a", 1, contract=1, amount="11,00")
    + row("d", 4, contract=5)
    + row("b", 2, contract=6).replace("99999-0002;;", "99999-0002;123;")
    + row("x", 2, contract=7)
    + "TOTAL;;;;;;;55,00;\n"
    + row("e", 5, contract=8)
    + row("x", 2, contract=9, known=False)
    + row("f", 6, contract=10)
)


class PowerCut(Exception):
    """What a test does to a load."""


def cut_after(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    """The write of the next chunk but so many breaks off."""
    left, whole = [chunks], list_changes.write

    async def write(*args: Any, **kwargs: Any) -> None:
        await whole(*args, **kwargs)
        if not left[0]:
            monkeypatch.setattr(list_changes, "write", whole)
            raise PowerCut
        left[0] -= 1

    monkeypatch.setattr(list_changes, "write", write)


def rejects_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def test_every_record_of_a_messy_file_is_accounted_for(op: Operation, tmp_path: Path) -> None:
    report = await load(op, tmp_path, HEAD + MESSY)
    assert (report.rows, report.new, report.same, report.rejected, report.totals) == (12, 9, 0, 2, 1)
    assert report.new + report.changed + report.same + report.rejected + report.totals == report.rows
    assert (report.people, report.left_out) == (5, 1)


async def test_what_holds_itself_in_memory_goes_while_a_long_file_is_loaded(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left alone it was 150 bytes a row, without end."""
    looks: list[int] = []
    monkeypatch.setattr(loading, "CHUNKS_BETWEEN", 2)
    monkeypatch.setattr("dialer.loading.gc.collect", looks.append)
    await load(op, tmp_path, HEAD + MESSY)
    assert looks == [1, 1]


@pytest.mark.parametrize("chunks", [0, 1, 2, 3])
async def test_a_load_that_is_cut_off_goes_on_with_the_same_report_and_rejects(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    whole = await load(op, tmp_path, HEAD + MESSY, rejects=tmp_path / "whole.csv")
    expected = await tables(op.database)
    await _empty(op)
    cut_after(monkeypatch, chunks)
    with pytest.raises(PowerCut):
        await load(op, tmp_path, HEAD + MESSY, rejects=tmp_path / "cut.csv")
    report = await load(op, tmp_path, HEAD + MESSY, rejects=tmp_path / "cut.csv")
    assert counts(report) == counts(whole)
    assert report.rejects == whole.rejects
    assert rejects_of(tmp_path / "cut.csv") == rejects_of(tmp_path / "whole.csv")
    assert await tables(op.database) == expected
    statuses = [one.status for one in await rows(op, Load)]
    assert statuses == ["done"]


async def test_what_a_stopped_load_has_done_is_not_done_again(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A payment between the stop and the second start stays: the rows before the stop are not merged again."""
    text = HEAD + "".join(row(n, n, contract=n) for n in range(1, 9))
    cut_after(monkeypatch, 1)
    with pytest.raises(PowerCut):
        await load(op, tmp_path, text)
    async with op.database.write() as session:
        await session.execute(update(Debt).where(Debt.contract == "K-1").values(amount_minor=1, status="paid"))
    report = await load(op, tmp_path, text)
    assert (report.new, report.rejected) == (8, 0)
    assert next(one for one in await rows(op, Debt) if one.contract == "K-1").amount_minor == 1


async def test_a_stopped_load_is_not_resumed_when_the_creditor_has_sent_something_newer(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = HEAD + "".join(row(n, n, contract=n) for n in range(1, 9))
    cut_after(monkeypatch, 1)
    with pytest.raises(PowerCut):
        await load(op, tmp_path, old)
    await load(op, tmp_path, old.replace("10,00", "12,00"))
    report = await load(op, tmp_path, old)
    assert report.changed == 8
    assert {one.amount_minor for one in await rows(op, Debt)} == {1000}


async def test_two_at_once_on_one_file_take_turns(op: Operation, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    text = HEAD + "".join(row(n, n, contract=n) for n in range(30))
    first, second = await asyncio.gather(load(op, tmp_path / "one", text), load(op, tmp_path / "two", text))
    told = {(one.rows, one.new, one.same) for one in (first, second)}
    assert told <= {(30, 30, 0), (30, 0, 30)}  # one load told twice; or, on a busy machine, one after the other
    assert len(await rows(op, Load)) == len(told)
    assert len(await rows(op, Person)) == 30


async def test_two_creditors_with_the_same_people_load_at_once(op: Operation, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    text = HEAD + "".join(row(n, n, contract=n) for n in range(30))
    await asyncio.gather(
        load(op, tmp_path / "one", text),
        load(op, tmp_path / "two", text, creditor="banco", list_name="outra"),
    )
    assert (len(await rows(op, Person)), len(await rows(op, Debt))) == (30, 60)


async def test_a_dry_run_tells_what_the_load_then_does(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + row("a", 1, contract=1, amount="9,00") + row("b", 2, contract=2, known=False))
    before = await tables(op.database)
    rehearsed = await load(op, tmp_path, HEAD + MESSY, dry_run=True, rejects=tmp_path / "dry.csv")
    assert await tables(op.database) == before
    report = await load(op, tmp_path, HEAD + MESSY, rejects=tmp_path / "wet.csv")
    assert counts(rehearsed) == counts(report)
    assert (report.changed, report.same) == (1, 1)
    assert rejects_of(tmp_path / "dry.csv") == rejects_of(tmp_path / "wet.csv")


def one_file() -> st.SearchStrategy[tuple[list[str], int]]:
    """Rows that agree with each other: each person has up to three keys, of which some rows name the document."""
    people = st.lists(
        st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=4), min_size=1, max_size=5
    )
    return st.tuples(people.map(_rows_of), st.integers(0, 2**16))


def _rows_of(people: list[list[tuple[int, bool]]]) -> list[str]:
    found = []
    for who, mentions in enumerate(people):
        for n, (key, known) in enumerate(mentions):
            found.append(row(f"{who}-{key}", who, contract=10 * who + n, known=known))
    return found


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=one_file(), cut=st.integers(0, 3))
def test_any_order_twice_and_cut_off_anywhere_is_the_same_in_the_end(
    database_url: str, file: tuple[list[str], int], cut: int
) -> None:
    lines, seed = file
    shuffled = random.Random(seed).sample(lines, len(lines))

    async def run(database: Database) -> None:
        op = doubles(database)
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            await _empty(op)
            await load(op, Path(folder), HEAD + "".join(lines))
            expected = await tables(database)
            again = await load(op, Path(folder), HEAD + "".join(lines))
            assert (again.new, again.changed, again.same) == (0, 0, len(lines))
            assert await tables(database) == expected
            await _empty(op)
            cut_after(patch, cut)
            try:
                await load(op, Path(folder), HEAD + "".join(shuffled))
            except PowerCut:
                await load(op, Path(folder), HEAD + "".join(shuffled))
            assert await tables(database) == expected

    asyncio.run(_with_database(database_url, run))


def test_kill_9_in_the_middle_and_the_same_command_again(database_url: str, tmp_path: Path) -> None:
    """A real process, killed after some chunks are committed."""
    path = tmp_path / "list.csv"
    text = HEAD + "".join(row(n, n, contract=n) for n in range(90))
    path.write_text(text, encoding="utf-8")
    program = (
        "import asyncio, pathlib, sys\n"
        "from dialer import importing, loading\n"
        "from tests.conftest import KEYRING\n"
        "from tests.dialer.list_tables import doubles\n"
        "from dialer.store.database import Database\n"
        "loading.CHUNK_ROWS = 3\n"
        "def progress(done, total):\n"
        "    print(done, flush=True)\n"
        "op = doubles(Database(sys.argv[1], KEYRING))\n"
        "order = importing.Order(pathlib.Path(sys.argv[2]), 'loja', 'novembro', 'BR')\n"
        "asyncio.run(importing.load(op, order, progress))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, database_url, str(path)], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    assert process.stdout is not None
    while int(process.stdout.readline()) < 12:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    asyncio.run(_with_database(database_url, partial(_goes_on, path)))


async def _goes_on(path: Path, database: Database) -> None:
    op = doubles(database)
    (stopped,) = await rows(op, Load)
    assert 12 <= stopped.rows_done < 90
    report = await importing.load(op, Order(path, "loja", "novembro", "BR"))
    assert (report.rows, report.new, report.people) == (90, 90, 90)
    (done,) = await rows(op, Load)
    assert (done.id, done.status, done.rows_done) == (stopped.id, "done", 90)


async def _with_database(url: str, what: Callable[[Database], Awaitable[None]]) -> None:
    database = Database(url, KEYRING)
    try:
        await what(database)
    finally:
        await database.close()


async def _unguarded(session: AsyncSession) -> None:
    """The record refuses to be deleted from; whoever owns the database does so all the same."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for name in (await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))).all():
        await session.execute(text(f"DROP TRIGGER {name}"))


async def _empty(op: Operation) -> None:
    """As if nothing had been loaded."""
    async with op.database.write() as session:
        await _unguarded(session)
        for table in reversed(Model.metadata.sorted_tables):
            await session.execute(delete(table))
