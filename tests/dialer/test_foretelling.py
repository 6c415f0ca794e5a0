"""What a dry run foretells of people who wait and of calls under way is what happens then."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from dialer.debts import changing
from dialer.debts.changing import Order, Report
from dialer.debts.foretelling import Foretold
from dialer.lists.changes import Kind
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import Attempt, Contact, Debt
from tests.dialer.records import Rows, accepts, add, attempt_of, campaign_of, operation_on

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def scene(database: Database) -> tuple[Rows, list[str]]:
    """Four people who wait. The first has a second debt; the first three are in calls. The contracts, in order."""
    rows = await campaign_of(database, 4)
    async with database.write() as session:
        debts = (await session.scalars(select(Debt).order_by(Debt.id))).all()
        first = debts[0]
        more = Debt(
            tenant_id=first.tenant_id, person_id=first.person_id, creditor_id=first.creditor_id, contract="C-more",
            amount_minor=500, currency="BRL", due_on=first.due_on, status="open",
        )  # fmt: skip
        session.add(more)
        await session.flush()
    about = ([first.id, more.id], [debts[1].id], [debts[2].id])
    await add(
        database,
        *(attempt_of(rows, n, debts=mine, status="live", turn=2, sid=f"CA{n}") for n, mine in enumerate(about)),
    )
    return rows, [one.contract for one in debts]


async def done(database: Database) -> tuple[int, int]:
    """People who left the queues, and calls that were asked to end."""
    async with database.read() as session:
        left = await session.scalar(select(func.count()).select_from(Contact).where(Contact.status == "done"))
        ended = await session.scalar(
            select(func.count()).select_from(Attempt).where(Attempt.cancel_asked.is_not(None))
        )
    return int(left or 0), int(ended or 0)


async def apply(op: Operation, path: Path, kind: Kind, *, dry_run: bool) -> Report:
    return await changing.change_file(op, Order(kind, path, "loja", country="BR", dry_run=dry_run))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("withdraw", "contrato\n{0}\n{1}\nC-more\n{3}\n"),
        ("withdraw", "contrato\n{0}\n{3}\n"),
        ("payments", "contrato;valor;referencia\n{0};123,45;R1\n{1};10,00;R2\n{2};123,45;R3\n"),
        ("update", "contrato;valor\n{0};99,00\n{1};88,00\n"),
    ],
    ids=["withdraw-two-of-one", "withdraw-one-of-two", "payments", "update"],
)
async def test_what_is_foretold_is_what_happens(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, text: str
) -> None:
    monkeypatch.setattr(changing, "CHUNK_ROWS", 1)  # rows before count as done, in another chunk too
    _, contracts = await scene(database)
    op = operation_on(database, accepts)
    path = tmp_path / "news.csv"
    path.write_text(text.format(*contracts), encoding="utf-8")
    told = (await apply(op, path, kind, dry_run=True)).foretold
    assert told is not None
    assert await done(database) == (0, 0)
    real = await apply(op, path, kind, dry_run=False)
    assert real.foretold is None
    assert (told.leaving, told.ending) == await done(database)
    assert [one.line for one in told.rows] == list(range(2, len(told.rows) + 2))


async def test_a_row_says_whether_its_people_leave_or_stay(database: Database, tmp_path: Path) -> None:
    _, contracts = await scene(database)
    path = tmp_path / "news.csv"
    path.write_text(f"contrato\n{contracts[0]}\n{contracts[3]}\n", encoding="utf-8")
    told = (await apply(operation_on(database, accepts), path, "withdraw", dry_run=True)).foretold
    assert isinstance(told, Foretold)
    stays, leaves = told.rows
    assert (stays.waiting, stays.calls, stays.nothing_due) == (1, 1, False)
    assert (leaves.waiting, leaves.calls, leaves.nothing_due) == (1, 0, True)
    assert (told.leaving, told.staying, told.ending, told.going_on) == (1, 1, 1, 0)
