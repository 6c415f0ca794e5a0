"""A large withdrawal while a worker dials: no intent about a debt of a chunk commits after the chunk."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, insert, select, text

from dialer.clock import real_ms
from dialer.debts import changing
from dialer.debts.changing import Order
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import Attempt, Contact, Debt, ListMember, Number, Person
from dialer.worker import Worker
from tests.dialer.records import NOON, Rows, campaign_of, operation_on

_sids = itertools.count(1)


class Ticking:
    """Business time that passes with real time."""

    def __init__(self) -> None:
        self._began = real_ms()

    def now(self) -> datetime:
        return NOON + timedelta(milliseconds=real_ms() - self._began)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0.02)


def rings(request: httpx.Request) -> httpx.Response:
    """A carrier at which every call rings for ever."""
    if request.method == "POST" and request.url.path.endswith("Calls.json"):
        return httpx.Response(201, json={"sid": f"CA{next(_sids):032d}", "status": "queued"})
    if request.method == "POST":
        return httpx.Response(200, json={"sid": "CA" + "0" * 32, "status": "canceled"})
    return httpx.Response(200, json={"calls": [], "messages": []})


async def crowd(database: Database, rows: Rows, people: int) -> None:
    """So many more debtors in the campaign, in a few statements."""
    async with database.write() as session:
        first = int(await session.scalar(select(func.max(Person.id))) or 0) + 1
        ids = range(first, first + people)
        alike = {"tenant_id": rows.tenant}
        await session.execute(
            insert(Person),
            [
                alike | {"id": n, "key": f"loja:k{n}", "name": "Pessoa", "language": "pt-BR", "country": "BR",
                         "created_at": NOON}
                for n in ids
            ],
        )  # fmt: skip
        await session.execute(
            insert(Number),
            [
                alike | {"person_id": n, "e164": f"+5511{900000000 + n}", "country": "BR", "line_type": "mobile"}
                for n in ids
            ],
        )
        await session.execute(
            insert(Debt),
            [
                alike | {"person_id": n, "creditor_id": rows.creditor, "contract": f"K-{n}", "amount_minor": 100,
                         "currency": "BRL", "due_on": NOON.date() - timedelta(days=20)}
                for n in ids
            ],
        )  # fmt: skip
        source = await session.scalar(select(ListMember.list_id).limit(1))
        await session.execute(insert(ListMember), [{"list_id": source, "person_id": n} for n in ids])
        queue = {"campaign_id": rows.campaign, "due_at": NOON, "status": "waiting"}
        await session.execute(insert(Contact), [alike | queue | {"person_id": n, "rank": n} for n in ids])
        if not database.is_sqlite:  # the ids above were ours: the next ones must lie behind
            await session.execute(text(f"SELECT setval('person_id_seq', {first + people})"))
    if not database.is_sqlite:  # as autovacuum does a minute after a large import
        async with database.write() as session:
            await session.execute(text("ANALYZE"))


async def withdraw_while_dialling(database: Database, folder: Path, people: int) -> None:
    """Withdraw everybody while a worker dials."""
    rows = await campaign_of(database, 1, plan={"pacing": "press1", "ratio": 20.0})
    await crowd(database, rows, people)
    op = replace(operation_on(database, rings, calls_per_second=30.0), clock=Ticking())
    async with database.write() as session:
        await campaigns.tenant(session)
    path = folder / "withdrawals.csv"
    async with database.read() as session:
        contracts = list(await session.scalars(select(Debt.contract).order_by(Debt.id)))
    path.write_text("contrato\n" + "\n".join(contracts) + "\n")
    worker = Worker(op, beat=0.01)
    dialling = asyncio.create_task(worker.run())
    try:
        while not await _count(database, Attempt):  # noqa: ASYNC110 - nothing tells of the first intent
            await asyncio.sleep(0.02)
        report = await changing.change_file(op, Order("withdraw", path, "loja"))
        assert (report.changed, report.rejected) == (people + 1, 0)
        await asyncio.sleep(0.2)
    finally:
        await worker.stop()
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
    async with database.read() as session:
        waiting = await session.scalar(
            select(func.count()).select_from(Contact).where(Contact.status.in_(("waiting", "claimed")))
        )
    assert waiting == 0


async def _count(database: Database, model: type[Attempt]) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def check(database: Database, folder: Path, people: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instant of a chunk is taken at its end, so that an intent before its commit never counts as late."""
    settled: dict[int, int] = {}
    apply = changing.apply

    async def noting(session, scope, changes):  # type: ignore[no-untyped-def]
        applied = await apply(session, scope, changes)
        settled.update(dict.fromkeys(applied.touched.people, real_ms()))
        return applied

    monkeypatch.setattr(changing, "apply", noting)
    await withdraw_while_dialling(database, folder, people)
    assert len(settled) == people + 1
    async with database.read() as session:
        intents = (await session.execute(select(Attempt.person_id, Attempt.intent_real, Attempt.status))).all()
    assert intents, "the worker dialled meanwhile"
    late = [(person, at - settled[person]) for person, at, _ in intents if at > settled[person]]
    assert not late, late[:5]


async def test_500_withdrawals_leave_no_later_intent(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check(database, tmp_path, 500, monkeypatch)


@pytest.mark.soak
async def test_50000_withdrawals_leave_no_later_intent(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await check(database, tmp_path, 50_000, monkeypatch)
