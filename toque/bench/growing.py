"""What a common turn costs when so many calls are on record already: the same bench, on a database that has a past.

PostgreSQL only. The past is made inside the database out of the first call: people, contacts and closed calls with
five turns each, so that a hundred thousand of them take seconds.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from sqlalchemy import distinct, func, select, text

from dialer.store.bulk import learn_sizes
from dialer.store.database import Database
from dialer.store.models import Attempt, CallTurn, Contact, Model, Person
from toque.bench import webhook
from toque.bench.measuring import Figure

TURNS = 5  # of each call on record
PAST = (
    """INSERT INTO person (tenant_id, key, kind, name, language, country, created_at, version, record_n)
SELECT tenant_id, 'before:' || n, kind, name, language, country, created_at, 0, 0
FROM (SELECT * FROM person ORDER BY id LIMIT 1) AS first, generate_series(1, :calls) AS n""",
    """INSERT INTO contact (tenant_id, campaign_id, person_id, status, due_at, rank, tries, claim_until)
SELECT first.tenant_id, first.campaign_id, person.id, 'done', first.due_at, person.id, 1, 0
FROM (SELECT * FROM contact ORDER BY id LIMIT 1) AS first, person WHERE person.key LIKE 'before:%'""",
    """INSERT INTO attempt (token, version, tenant_id, campaign_id, contact_id, person_id, number_id, direction,
to_number, from_number, status, sid, flow, mode, debts, intent_at, intent_real, turn, waits, level, key_pressed,
recorded, closed_at)
SELECT 'before-' || contact.id, 0, contact.tenant_id, contact.campaign_id, contact.id, contact.person_id,
first.number_id, 'out', first.to_number, first.from_number, 'closed', 'before-' || contact.id, first.flow, first.mode,
first.debts, first.intent_at, first.intent_real, :turns - 1, 'end', 'none', false, false, first.intent_at
FROM (SELECT * FROM attempt ORDER BY id LIMIT 1) AS first, contact WHERE contact.status = 'done'""",
    """INSERT INTO turn (attempt_id, n, at, event, answer, path)
SELECT attempt.id, n, attempt.intent_at, '{}', repeat('x', 900)::bytea, '[]'
FROM attempt, generate_series(0, :turns - 1) AS n WHERE attempt.status = 'closed'""",
)
GROWN: tuple[type[Model], ...] = (Person, Contact, Attempt, CallTurn)


def measure(calls: int, scale: float) -> Figure:
    """CPU microseconds of the web process for one turn; `calls` closed ones are on record, fewer if scaled down."""
    past = max(1, round(calls * min(1.0, scale)))
    figure = asyncio.run(webhook.common_turns("postgresql", scale, partial(grow, calls=past)))
    return replace(figure, more={"on_record": past, **figure.more})


async def grow(database: Database, *, calls: int) -> None:
    """Put so many closed calls on record, like the first call that is there. RuntimeError when others came of it."""
    async with database.write() as session:
        for statement in PAST:
            await session.execute(text(statement), {"calls": calls, "turns": TURNS})
    async with database.write() as session:
        await learn_sizes(session, (model.metadata.tables[model.__tablename__] for model in GROWN))
        made = await session.scalar(select(func.count(distinct(CallTurn.attempt_id)))) or 0
    if made != calls:
        raise RuntimeError(f"{made} calls with turns are on record instead of {calls}: nothing measured")
