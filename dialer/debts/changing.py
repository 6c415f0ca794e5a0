"""A creditor's news - updates, withdrawals, payments - from a file or from the API, onto the books and at once.

A file is applied in chunks; with the commit of a chunk no call about its debts starts any more, and calls under way
hear of it right after. The same file again changes nothing; one that was cut off goes on behind its last chunk.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import assert_never

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts import settling
from dialer.debts.change import Applied, Scope
from dialer.debts.crediting import credit
from dialer.debts.foretelling import Foretelling, Foretold
from dialer.debts.updating import restate
from dialer.debts.withdrawing import withdraw
from dialer.errors import BadInput, NotFound
from dialer.lists.cells import Reject
from dialer.lists.changes import Change, ChangeReader, Kind, Paid, Restated, Withdrawn, assign
from dialer.lists.rejects import rejects_file
from dialer.lists.table import Line, open_table
from dialer.operation import Operation
from dialer.store import campaigns, loads
from dialer.store.database import lost_a_deadlock
from dialer.store.debts import Search
from dialer.store.models import Creditor, Debt, Person

CHUNK_ROWS = 500  # a writer of SQLite holds everybody else up for as long as a chunk takes
CHUNK_TRIES = 6  # of a chunk that met others who wanted the same people
REJECTS_SHOWN = 20
AHEAD = timedelta(hours=14)  # somewhere it is tomorrow already


@dataclass(frozen=True, slots=True)
class Order:
    """Which file, and how to read it. `mapping` is field -> heading; `country` says how days and amounts are written.

    `reopens`: an update may put settled debts back into collection.
    """

    kind: Kind
    path: Path
    creditor: str
    country: str | None = field(default=None, kw_only=True)
    mapping: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    rejects: Path | None = field(default=None, kw_only=True)
    dry_run: bool = field(default=False, kw_only=True)
    reopens: bool = field(default=False, kw_only=True)


@dataclass(slots=True)
class Report:
    """What came of it: changed + same + rejected = rows. `debts` were changed, `calls_stopped` in all this time.

    `over_minor` is what payments exceed all that was owed by, in minor units. `foretold`: a dry run's answer to what
    would become of the people who wait and of the calls under way.
    """

    kind: Kind
    creditor: str
    dry_run: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    debts: int = 0
    over_minor: int = 0
    calls_stopped: int = 0
    rejects: list[Reject] = field(default_factory=list)
    foretold: Foretold | None = None

    def counts(self) -> dict[str, int]:
        """What is kept of it with the load."""
        names = ("rows", "changed", "same", "rejected", "debts", "over_minor", "calls_stopped")
        return {name: getattr(self, name) for name in names}

    def take(self, kept: Mapping[str, int]) -> None:
        """Go on from the counts of the chunks that are done."""
        for name, count in kept.items():
            setattr(self, name, count)

    def add(self, applied: Applied, *, rows: int, unread: int) -> None:
        """The counts of one more chunk of so many rows, of which some could not be read."""
        self.rows += rows
        self.rejected += unread + len(applied.rejects)
        self.changed += applied.changed
        self.same += applied.same
        self.debts += applied.debts
        self.over_minor += applied.over_minor


async def change_file(op: Operation, order: Order, progress: Callable[[int], None] | None = None) -> Report:
    """Apply a file; `progress` is given the rows done so far. BadInput for a file or order that cannot be used."""
    if order.rejects is not None and order.rejects.absolute() == order.path.absolute():
        raise BadInput("--rejects would overwrite the file itself: choose another name")
    table = open_table(order.path)
    assigned = assign(order.kind, table.columns, order.mapping)
    scope = await scope_of(op, order)
    reader = ChangeReader(order.kind, table.columns, assigned, country=scope.search.country)
    report = Report(order.kind, order.creditor, order.dry_run)
    report.columns = {name: table.columns[place] for name, place in assigned.items()}
    today = (op.clock.now() + AHEAD).date()
    with rejects_file(order.rejects) as write:
        run = _Run(op, scope, report, write)
        await run.begin(await asyncio.to_thread(_digest, order))
        rows = ((line.number, *reader.read(line, today)) for line in table.lines())
        while chunk := list(islice(rows, CHUNK_ROWS)):
            await run.take(chunk)
            if progress:
                progress(report.rows)
        await run.end()
    if not report.rows:
        raise BadInput(f"{order.path} holds no rows under its headings: nothing to do")
    return report


async def change_records(op: Operation, order: Order, records: Sequence[Mapping[str, str]], *, actor: str) -> Report:
    """Apply records that came by another way than a file: field -> text, all in one transaction, at once.

    `order.path` is not looked at. BadInput for a field that there is not.
    """
    columns = sorted({field for record in records for field in record})
    assigned = assign(order.kind, columns, {field: field for field in columns})
    scope = await scope_of(op, order, actor=actor)
    reader = ChangeReader(order.kind, columns, assigned, country=scope.search.country)
    report = Report(order.kind, order.creditor, order.dry_run)
    lines = [Line(n, [record.get(field, "") for field in columns]) for n, record in enumerate(records, 1)]
    today = (op.clock.now() + AHEAD).date()
    run = _Run(op, scope, report, lambda _reject: None)
    await run.take([(line.number, *reader.read(line, today)) for line in lines])
    return report


async def scope_of(op: Operation, order: Order, *, actor: str = "manager") -> Scope:
    """Where an order works. NotFound for a creditor of whom nothing was ever loaded."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        creditor = await session.scalar(
            select(Creditor).where(Creditor.tenant_id == tenant.id, Creditor.key == order.creditor)
        )
        if creditor is None:
            raise NotFound(f'There is no creditor "{order.creditor}": load a list of theirs first (toque import)')
        country = order.country or await _usual_country(session, creditor.id)
    search = Search(creditor, op.database.keyring, country)
    return Scope(order.kind, search, op.clock.now(), actor[:100], writes=not order.dry_run, reopens=order.reopens)


async def _usual_country(session: AsyncSession, creditor_id: int) -> str:
    """Where most of the creditor's debtors are: how its files write days and amounts."""
    found = await session.scalar(
        select(Person.country)
        .join(Debt, Debt.person_id == Person.id)
        .where(Debt.creditor_id == creditor_id)
        .group_by(Person.country)
        .order_by(func.count().desc(), Person.country)
        .limit(1)
    )
    if found is None:
        raise BadInput("Nothing of this creditor is on record: load a list of theirs first (toque import)")
    return found


async def apply(session: AsyncSession, scope: Scope, changes: Sequence[Change]) -> Applied:
    """Apply records of one kind in the caller's transaction; after its commit the caller halts what it touched."""
    match scope.kind:
        case "withdraw":
            return await withdraw(session, scope, [one for one in changes if isinstance(one, Withdrawn)])
        case "payments":
            return await credit(session, scope, [one for one in changes if isinstance(one, Paid)])
        case "update":
            return await restate(session, scope, [one for one in changes if isinstance(one, Restated)])
        case other:
            assert_never(other)


Read = tuple[int, Change | None, list[Reject]]


class _Run:
    """One file on its way, chunk by chunk."""

    def __init__(self, op: Operation, scope: Scope, report: Report, write: Callable[[Reject], None]) -> None:
        self._op = op
        self._scope = scope
        self._report = report
        self._write = write
        self._load: int | None = None
        self._done = 0
        self._read = 0
        self._kept: dict[int, str] = {}
        self._foretelling = Foretelling()

    async def begin(self, digest: str) -> None:
        """Find where the same file was cut off, or note that it begins. A dry run notes nothing."""
        if not self._scope.writes:
            return
        scope = self._scope
        async with self._op.database.write() as session:
            load = await loads.unfinished(session, scope.tenant_id, scope.kind, digest)
            if load is None:
                load = await loads.begin(
                    session,
                    tenant_id=scope.tenant_id,
                    creditor_id=scope.search.creditor.id,
                    list_id=None,
                    kind=scope.kind,
                    digest=digest,
                    at=scope.now,
                )
            self._load, self._done = load.id, load.rows_done
            self._kept = await loads.kept_rejects(session, load.id)
            self._report.take(load.counts)

    async def take(self, chunk: Sequence[Read]) -> None:
        """Apply the records of one chunk, unless that was done before the file was cut off."""
        self._read += len(chunk)
        found = [reject for _, _, faults in chunk for reject in faults]
        if self._read <= self._done:
            self._look_back(chunk, found)
            return
        applied = await self._apply(chunk)
        found += [replace(one, column=self._report.columns.get(one.column, one.column)) for one in applied.rejects]
        for reject in sorted(found, key=lambda one: one.line):
            self._tell(reject)
        if self._scope.writes:
            self._report.calls_stopped += await settling.halt(self._op, applied.touched)

    async def end(self) -> None:
        """The whole file is done."""
        if self._load is not None:
            async with self._op.database.write() as session:
                await loads.finish(session, self._load, at=self._op.clock.now())

    def _look_back(self, chunk: Sequence[Read], found: list[Reject]) -> None:
        """A chunk that is done: what could not be used is told again, what stands for its payments remembered."""
        found += [Reject(line, "", "", self._kept[line]) for line, _, _ in chunk if line in self._kept]
        for reject in sorted(found, key=lambda one: one.line):
            self._tell(reject)
        for _, change, _ in chunk:
            if isinstance(change, Paid) and change.made_up:
                self._scope.file_so_far.add(change.reference)

    def _tell(self, reject: Reject) -> None:
        self._write(reject)
        if len(self._report.rejects) < REJECTS_SHOWN:
            self._report.rejects.append(reject)

    async def _apply(self, chunk: Sequence[Read]) -> Applied:
        """One transaction; again, when others wanted the same people at the same time."""
        named = set(self._scope.file_so_far)
        for left in range(CHUNK_TRIES - 1, -1, -1):
            try:
                return await self._apply_once(chunk)
            except DBAPIError as fault:
                if not left or not (isinstance(fault, IntegrityError) or lost_a_deadlock(fault)):
                    raise
                self._scope.file_so_far.clear()
                self._scope.file_so_far.update(named)
        raise AssertionError("the last try returns or raises")

    async def _apply_once(self, chunk: Sequence[Read]) -> Applied:
        after = replace(self._report)
        async with self._op.database.write() as session:
            applied = await apply(session, self._scope, [change for _, change, _ in chunk if change is not None])
            after.add(applied, rows=len(chunk), unread=sum(change is None for _, change, _ in chunk))
            if not self._scope.writes:
                after.foretold = await self._foretelling.add(session, applied)
            if self._load is not None:
                await loads.keep_rejects(
                    session, self._load, [(one.line, one.reason[:200]) for one in applied.rejects]
                )
                await loads.advance(session, self._load, before=self._done, after=self._read, counts=after.counts())
        self._done = self._read
        self._report.take(after.counts())
        self._report.foretold = after.foretold
        return applied


def _digest(order: Order) -> str:
    """What stands for this file, and for how it is read."""
    how = (order.kind, order.creditor, order.country, sorted(order.mapping.items()), order.reopens)
    digest = hashlib.sha256(repr(how).encode())
    with order.path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
