"""What the dry run of a long list costs: every contact with its record through the gate, until the gate says yes.

Half of the people were called before: three times without an answer, in the days before. What counts is the time that
somebody waits, the processes that share the work and the database included, on a machine that does nothing else. The
floor reads the same rows bare, one process, without asking anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, text

from dialer.campaigns import planning
from dialer.campaigns.planning import Totals
from dialer.operation import Operation
from dialer.settings import Settings
from dialer.store import bulk, campaigns
from dialer.store.models import Attempt, Campaign, Contact, ContactList, Debt, Model, Number, Person
from toque.bench.crowd import CALLER_ID, MONDAY_NOON, NoonClock
from toque.bench.databases import fresh_database
from toque.bench.importing import Stopwatch
from toque.bench.measuring import Figure, Pass
from toque.bench.webhook import bench_settings
from toque.composition import operation

CONTACTS = 100_000
PASSES = 1
INSERTED_AT_ONCE = 2000
EARLIER_CALLS = (26, 51, 74)  # hours ago
READ = ("person", "number", "debt", "contact", "attempt")
NAME = "bench"


def measure(kind: str, scale: float) -> Figure:
    """Microseconds that somebody waits for a contact; peak memory and whole seconds beside it."""
    return asyncio.run(_measure(kind, max(200, round(CONTACTS * scale))))


async def _measure(kind: str, contacts: int) -> Figure:
    async with fresh_database(kind) as url, operation(Settings(**bench_settings(url)), clock=NoonClock()) as op:
        await _fill(op, contacts)
        passes, totals, more = [], Totals(), {}
        for _ in range(PASSES):
            begun = time.perf_counter()
            await _read_bare(op)
            floor = time.perf_counter() - begun
            with Stopwatch() as watch:
                totals = await _plan(op)
            passes.append(Pass(floor / contacts * 1e6, watch.found["wall"] / contacts * 1e6))
            more = {
                "seconds": round(watch.found["wall"], 1),
                "cpu": round(watch.found["cpu"] / contacts * 1e6, 1),  # of all our processes together
                "peak_mb": watch.found["peak_mb"],
            }
    if totals.contacts != contacts or totals.callable != contacts:
        raise RuntimeError(f"{totals.callable} of {contacts} people can be called: nothing measured")
    return Figure(tuple(passes), contacts, "µs a contact", "the same rows read bare, in one process", more)


async def _plan(op: Operation) -> Totals:
    totals = Totals()
    async for one in planning.forecasts(op, NAME):
        totals.add(one)
    return totals


async def _read_bare(op: Operation) -> None:
    async with op.database.survey() as session:
        for table in READ:
            rows = await session.stream(text(f'SELECT * FROM "{table}" ORDER BY id'))
            async for _ in rows.partitions(INSERTED_AT_ONCE):  # not all at once: the memory is measured, too
                pass


async def _fill(op: Operation, count: int) -> None:
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, "loja")
        source = ContactList(tenant_id=tenant.id, creditor_id=creditor.id, name=NAME, created_at=MONDAY_NOON)
        session.add(source)
        await session.flush()
        campaign = Campaign(
            tenant_id=tenant.id, list_id=source.id, name=NAME, flow="lembrete", status="draft", plan={},
            created_at=MONDAY_NOON,
        )  # fmt: skip
        session.add(campaign)
        await session.flush()
        ids = {"tenant": tenant.id, "creditor": creditor.id, "campaign": campaign.id}
    for start in range(0, count, INSERTED_AT_ONCE):
        crowd = range(start, min(start + INSERTED_AT_ONCE, count))
        async with op.database.write() as session:
            for model, rows in _rows(ids, crowd):
                await session.execute(insert(model), rows)
    async with op.database.write() as session:
        await bulk.learn_sizes(session, [Model.metadata.tables[name] for name in READ])  # as loading a list does


def _rows(ids: dict[str, int], crowd: range) -> Iterator[tuple[type[Model], list[dict[str, Any]]]]:
    """Person n + 1 has number, debt and contact n + 1."""
    mine = [{"id": n + 1, "tenant_id": ids["tenant"], "person_id": n + 1} for n in crowd]
    yield (
        Person,
        [
            {"id": n + 1, "tenant_id": ids["tenant"], "key": f"bench:{n}", "name": f"Pessoa {n}", "language": "pt-BR",
             "country": "BR", "region": "SP", "created_at": MONDAY_NOON, "version": 0}
            for n in crowd
        ],
    )  # fmt: skip
    yield (
        Number,
        [
            {**one, "e164": _number(n), "country": "BR", "rank": 0, "line_type": "mobile", "status": "usable"}
            for n, one in zip(crowd, mine, strict=True)
        ],
    )
    yield (
        Debt,
        [
            {**one, "creditor_id": ids["creditor"], "contract": f"C-{n}", "amount_minor": 12345, "currency": "BRL",
             "due_on": date(2026, 2, 10), "status": "open"}
            for n, one in zip(crowd, mine, strict=True)
        ],
    )  # fmt: skip
    yield (
        Contact,
        [
            {**one, "campaign_id": ids["campaign"], "status": "waiting", "due_at": MONDAY_NOON, "rank": n, "tries": 0}
            for n, one in zip(crowd, mine, strict=True)
        ],
    )
    yield Attempt, [row for n in crowd if n % 2 == 0 for row in _calls(ids, n)]


def _calls(ids: dict[str, int], n: int) -> Iterator[dict[str, Any]]:
    for hours in EARLIER_CALLS:
        at = MONDAY_NOON - timedelta(hours=hours)
        yield {
            "token": f"{n}-{hours}", "tenant_id": ids["tenant"], "campaign_id": ids["campaign"], "contact_id": n + 1,
            "person_id": n + 1, "number_id": n + 1, "to_number": _number(n), "from_number": CALLER_ID,
            "status": "ended", "flow": "lembrete", "debts": [str(n + 1)], "intent_at": at,
            "intent_real": int(at.timestamp() * 1000), "closed_at": at, "disposition": "no_answer",
        }  # fmt: skip


def _number(n: int) -> str:
    return f"+55119{90000000 + n}"
