"""Seals the record: new rows get their place and their signature, the chains their new ends, all of it one seal.

An errand of the worker; any number of workers may have it. What is cut off is rolled back whole, and done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.operation import Operation
from dialer.store import chain, seals
from dialer.store.chain import NOTHING, Step
from dialer.store.database import Database
from dialer.store.models import Interaction, Person, Tenant
from dialer.store.sealing import Keyring

BATCH = 500
PATIENCE = timedelta(seconds=5)  # rows that come together are sealed together


@dataclass(slots=True)
class _Ends:
    """Where the chains end while a batch is sealed. `links` are the rows as they will be."""

    keyring: Keyring
    step: int
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    links: list[dict[str, object]] = field(default_factory=list)
    shares: list[int] = field(default_factory=list)

    def put(self, row: Interaction) -> None:
        line = seals.line_of(row)
        n, before = self.ends[line.scope]
        link = self.keyring.sign(chain.text_of(line, n + 1, before))
        self.ends[line.scope] = n + 1, self.keyring.sign(chain.head_text(line.scope, n + 1, link))
        self.links.append({"row": row.id, "place": n + 1, "link": link, "step": self.step})
        self.shares.append(chain.share_of(link))


def due(op: Operation) -> ColumnElement[bool]:
    """Rows are on record that wait for their seal."""
    return seals.unsealed(op.clock.now() - PATIENCE)


async def seal_new(op: Operation, going: Callable[[], bool] = lambda: True) -> int:
    """Seal what is new, batch by batch, while `going`; how many rows."""
    return await seal_all(op.database, op.clock.now(), going)


async def seal_all(database: Database, at: datetime, going: Callable[[], bool] = lambda: True) -> int:
    """Seal what is on record without a seal; how many rows. Whoever is being written about comes next time."""
    total = 0
    while going():
        done = await database.committed(lambda session: _seal_some(session, database.keyring, at))
        total += done
        if done < BATCH:
            break
    return total


async def _seal_some(session: AsyncSession, keyring: Keyring, at: datetime) -> int:
    sealed = 0
    for tenant_id, n, head in await seals.hold(session):
        rows = await seals.waiting(session, tenant_id, BATCH)
        people = await seals.ends_of(session, sorted({row.person_id for row in rows if row.person_id is not None}))
        ready = [row for row in rows if row.person_id is None or row.person_id in people]
        if ready:
            before = await seals.newest(session, tenant_id)
            ends = _Ends(keyring, before.n + 1 if before else 1)
            ends.ends = {f"person {one}": (m, end or NOTHING) for one, (m, end) in people.items()}
            ends.ends[f"tenant {tenant_id}"] = n, head or NOTHING
            for row in ready:
                ends.put(row)
            await _keep(session, ends, tenant_id, ready, at=at, before=before.chain if before else NOTHING)
        sealed += len(ready)
    return sealed


async def _keep(
    session: AsyncSession, ends: _Ends, tenant_id: int, rows: Sequence[Interaction], *, at: datetime, before: str
) -> None:
    await seals.write(session, ends.links)
    last = max(row.id for row in rows)
    step = Step(tenant_id, ends.step, seals.in_ms(at), len(rows), last, chain.sum_of(ends.shares))
    await seals.add(session, step, at, ends.keyring.sign(step.text(before)))
    whose = {row.person_id for row in rows}
    await seals.move_ends(session, Person, _moved(ends, (one for one in whose if one is not None), "person"))
    if None in whose:
        await seals.move_ends(session, Tenant, _moved(ends, [tenant_id], "tenant"))


def _moved(ends: _Ends, whose: Iterable[int], scope: str) -> list[dict[str, object]]:
    found = ((one, ends.ends[f"{scope} {one}"]) for one in sorted(whose))
    return [{"whose": one, "rows": n, "end": head} for one, (n, head) in found]
