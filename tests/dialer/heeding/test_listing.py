"""Whole do-not-call lists: taken over once, whatever is cut off or repeated, and obeyed by what is under way."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer import barring
from dialer.errors import BadInput, NotFound, Refused
from dialer.heeding import listing
from dialer.heeding.listing import Order
from dialer.heeding.numbers_file import Line, lines_of
from dialer.store import campaigns, people
from dialer.store.database import Database
from dialer.store.models import Attempt, Debt, Interaction, Number, Person, Suppression
from dialer.store.suppressions import Bar
from tests.dialer.records import NOON, accepts, add, attempt_of, campaign_of, operation_on

MANY = 20_000
NUMBERS = ["+5511999990101", "+5511999990102", "+12125550103"]


def lines(*numbers: str) -> list[Line]:
    return [Line(n, number) for n, number in enumerate(numbers, start=1)]


def generated(count: int) -> Iterator[Line]:
    return (Line(n, f"(11) 9{n:08d}") for n in range(1, count + 1))


async def standing(database: Database) -> list[str]:
    async with database.read() as session:
        rows = await session.scalars(select(Suppression.number).where(Suppression.until.is_(None)))
        return sorted(str(one) for one in rows)


async def test_a_list_that_is_loaded_twice_is_loaded_once(database: Database) -> None:
    op = operation_on(database, accepts)
    first = await listing.take_over(op, Order(lines(*NUMBERS, NUMBERS[0]), name="register"))
    again = await listing.take_over(op, Order(lines(*NUMBERS), name="register"))
    assert (first.added, first.known, again.added, again.known) == (3, 0, 0, 3)
    assert await standing(database) == sorted(NUMBERS)
    other = await listing.take_over(op, Order(lines(*NUMBERS), name="another register"))
    assert other.added == 3, "each list stands for itself"
    assert [(one.name, one.entries) for one in sorted(await listing.lists(op), key=lambda one: str(one.name))] == [
        ("another register", 3), ("register", 3),
    ]  # fmt: skip


async def test_a_list_that_is_replaced_loses_what_the_file_lacks_and_nothing_else(database: Database) -> None:
    op = operation_on(database, accepts)
    await listing.take_over(op, Order(lines(*NUMBERS), name="register"))
    await listing.take_over(op, Order(lines(NUMBERS[2]), name="other"))
    told = await listing.take_over(op, Order(lines(NUMBERS[0]), name="register", replace=True))
    assert (told.added, told.known, told.ended) == (0, 1, 2)
    assert await standing(database) == sorted([NUMBERS[0], NUMBERS[2]])
    back = await listing.take_over(op, Order(lines(NUMBERS[1]), name="register"))
    assert back.added == 1, "what was ended may be listed again"


async def test_a_wish_outlives_the_list_on_which_the_number_stood(database: Database) -> None:
    op = operation_on(database, accepts)
    await listing.take_over(op, Order(lines(*NUMBERS), name="register", kind="opt_out"))
    async with database.write() as session:
        tenant = await campaigns.tenant(session)
        assert await barring.bar_number(session, tenant.id, Bar("opt_out", NUMBERS[1]), at=NOON, source="text")
    await listing.take_over(op, Order(lines(NUMBERS[0]), name="register", kind="opt_out", replace=True))
    assert await standing(database) == sorted(NUMBERS[:2])


async def test_a_file_that_holds_hardly_a_number_replaces_nothing(database: Database) -> None:
    op = operation_on(database, accepts)
    await listing.take_over(op, Order(lines(*NUMBERS), name="register"))
    for spoilt in ([], lines("x", "y", NUMBERS[0])):
        with pytest.raises(Refused, match="not replaced"):
            await listing.take_over(op, Order(spoilt, name="register", replace=True))
    assert await standing(database) == sorted(NUMBERS)


async def test_what_cannot_be_a_list_is_refused_before_anything_is_written(database: Database) -> None:
    op = operation_on(database, accepts)
    with pytest.raises(BadInput, match="can say"):
        await listing.take_over(op, Order(lines(*NUMBERS), kind="promise"))
    with pytest.raises(BadInput, match="--list"):
        await listing.take_over(op, Order(lines(*NUMBERS), replace=True))
    with pytest.raises(NotFound, match="creditor"):
        await listing.take_over(op, Order(lines(*NUMBERS), creditor="nobody"))
    assert await standing(database) == []


async def test_many_numbers_in_chunks_with_their_record_and_their_rejects(database: Database) -> None:
    op = operation_on(database, accepts)
    rows = await campaign_of(database, 1)
    told_at: list[int] = []
    order = Order(generated(MANY), name="register", country="BR", because="monthly file")
    told = await listing.take_over(op, order, told_at.append)
    assert (told.added + told.rejects, told.rejects > 0) == (MANY, False)
    assert told_at[-1] == MANY
    assert len(told_at) == MANY // listing.CHUNK
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Suppression)) == MANY
        notes = list(
            await session.scalars(select(Interaction.detail).where(Interaction.kind == "number_do_not_call"))
        )
    assert sum(note["numbers"] for note in notes) == MANY
    assert rows.tenant


async def test_an_intent_that_was_decided_before_does_not_commit_after_it(database: Database) -> None:
    rows = await campaign_of(database, 2)
    op = operation_on(database, accepts)
    async with database.read() as session:
        number = (await session.get_one(Number, rows.numbers[0])).e164
        versions = [(await session.get_one(Person, one)).version for one in rows.people]
    await listing.take_over(op, Order(lines(number), name="register"))
    async with database.write() as session:
        assert not await people.touch(session, rows.people[0], versions[0])
        assert await people.touch(session, rows.people[1], versions[1]), "others are not held up"


async def test_a_creditors_list_takes_back_only_calls_about_its_debts(database: Database) -> None:
    rows = await campaign_of(database, 2)
    op = operation_on(database, accepts)
    async with database.read() as session:
        debts = list(await session.scalars(select(Debt.id).order_by(Debt.id)))
    about = attempt_of(rows, 0, status="ringing", sid="CA" + "1" * 32, debts=[str(debts[0])], to_number=NUMBERS[0])
    other = attempt_of(rows, 1, status="ringing", sid="CA" + "2" * 32, debts=["999999"], to_number=NUMBERS[1])
    ids = await add(database, about, other)
    told = await listing.take_over(op, Order(lines(*NUMBERS), name="loja's", creditor="loja"))
    async with database.read() as session:
        asked = [(await session.get_one(Attempt, one)).cancel_asked for one in ids]
    assert (told.calls_stopped, asked) == (1, ["opted_out", None])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+5511999990101\n\n+5511999990102\n", [(1, "+5511999990101"), (3, "+5511999990102")]),
        ("212,5550103\n646,5550104\n", [(1, "212 5550103"), (2, "646 5550104")]),
        ("nome;telefone\nx;(11) 99999-0101\n", [(2, "(11) 99999-0101")]),
        ("DDD;Telefone;Data\n11;999990101;31/03/2026\n", [(2, "11 999990101")]),
        ('"0199000101"\n', [(1, "0199000101")]),
    ],
)
def test_numbers_are_found_however_the_file_is_laid_out(
    tmp_path: Path, text: str, expected: list[tuple[int, str]]
) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "list.csv").write_text(text, encoding=encoding)
        assert [(line.n, line.text) for line in lines_of(tmp_path / "list.csv")] == expected


def test_a_registration_has_its_day_and_a_workbook_is_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("phone,registered\n+12125550103,2026-03-31\n+12125550104,31/13/2026\n")
    assert [line.since for line in lines_of(file)] == [datetime(2026, 3, 31, tzinfo=UTC), None]
    file.write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(BadInput, match="spreadsheet"):
        list(lines_of(file))
    with pytest.raises(BadInput, match="cannot be read"):
        list(lines_of(tmp_path / "none.csv"))


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_a_million_numbers_within_minutes_and_flat_memory(database: Database) -> None:
    op = operation_on(database, accepts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    first = await listing.take_over(op, Order(generated(1_000_000), name="register", country="BR", replace=True))
    took = time.monotonic() - began
    again = await listing.take_over(op, Order(generated(1_000_000), name="register", country="BR"))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{first.added} numbers in {took:.0f} s, again in {time.monotonic() - began - took:.0f} s, +{grown:.0f} MiB"
    )
    assert (first.added, again.added) == (1_000_000, 0)
    assert took < 600
    assert grown < 128
