"""One file into the tables, a chunk at a time. Each chunk and how far the load has come are one transaction.

A load that was cut off, even by kill -9, goes on behind its last chunk and tells the whole story in the end. Two that
load the same file at once take turns: whoever comes second to a chunk leaves it.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.errors import Conflict
from dialer.lists.cells import Reject
from dialer.lists.counts import Counts
from dialer.lists.merging import Merging
from dialer.lists.record import OnRecord
from dialer.lists.said import Said
from dialer.lists.saying import Entry
from dialer.lists.source import Reading, Source, counted
from dialer.store import campaigns, list_changes, list_records, lists, loads
from dialer.store.bulk import learn_sizes, lost_race
from dialer.store.database import Database
from dialer.store.list_records import Whose
from dialer.store.models import Debt, ListMember, Number, Person

CHUNK_ROWS = 2000
CHUNK_TRIES = 5
OBJECTS_BETWEEN = 500_000  # new objects before the collector looks of itself
CHUNKS_BETWEEN = 10  # a few objects of a chunk's statements hold each other, and megabytes with them
KIND = "import"
GROWING = (Person, Number, Debt, ListMember)

Keep = Callable[[Reject], None]
Progress = Callable[[int, int], None]
AtTheEnd = Callable[[AsyncSession, Whose, Counts], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Onto:
    """Where the rows go: a creditor's list, at an instant; and the digest of the file."""

    database: Database
    creditor: str
    creditor_name: str | None
    list_name: str
    digest: str
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Place:
    """The same, with ids, once there is a good row."""

    load_id: int
    list_id: int
    whose: Whose


class Loading:
    """A load under way: `position` rows of the file are behind it, `counts` is what came of them."""

    def __init__(self, onto: Onto, source: Source, keep: Keep) -> None:
        self._onto = onto
        self._source = source
        self._keep = keep
        self._said = Said()
        self._place: _Place | None = None
        self._done = 0
        self._refused: dict[int, str] = {}
        self._sizes_known = CHUNK_ROWS // 2
        self.position = 0
        self.counts = Counts()

    async def run(self, total: int, progress: Progress | None, at_the_end: AtTheEnd) -> Counts:
        """Load every row; `at_the_end` runs once, in the transaction that ends the load."""
        await self._find()
        with _seldom_collecting():
            async with aclosing(self._source.batches(CHUNK_ROWS)) as batches:
                taken = 0
                async for batch in batches:
                    await self._take(batch)
                    await self._grown()
                    if not (taken := taken + 1) % CHUNKS_BETWEEN:
                        gc.collect(1)
                    if progress:
                        progress(self.position, total)
        await self._finish(at_the_end)
        return self.counts

    async def _grown(self) -> None:
        """Each time the load has doubled, the database hears how large its tables are, else it plans small."""
        if self.counts.new >= self._sizes_known * 2:
            self._sizes_known = self.counts.new
            async with self._onto.database.write() as session:
                await learn_sizes(session, (model.metadata.tables[model.__tablename__] for model in GROWING))

    async def _find(self) -> None:
        """Go on with a load of this content that was cut off."""
        async with self._onto.database.read() as session:
            tenant_id = await campaigns.known_tenant_id(session)
            found = tenant_id and await loads.unfinished(session, tenant_id, KIND, self._onto.digest)
            if not tenant_id or not found or found.list_id is None:
                return
            self._place = _Place(found.id, found.list_id, Whose(tenant_id, found.creditor_id, self._onto.creditor))
            await self._read_progress(session)

    async def _read_progress(self, session: AsyncSession) -> None:
        assert self._place is not None, "only a load that has begun has progress"
        found = await loads.state(session, self._place.load_id)
        self._done, self.counts = found.rows_done, Counts.of(found.counts)
        self._refused = await loads.kept_rejects(session, found.id)

    async def _take(self, batch: list[Reading]) -> None:
        while batch:
            if self._place is None and not any(entry for entry, _ in batch):
                self.counts = self.counts.plus(counted(batch, {}))
                self._passed(batch, {})
                return
            if self._place is not None and self._done > self.position:
                behind = self._done - self.position
                await self._pass_again(batch[:behind])
                batch = batch[behind:]
            elif await self._load(batch):
                return

    def _passed(self, batch: Sequence[Reading], refused: dict[int, str]) -> None:
        """These rows are behind us: their cells that were not used are reported, in the order of the file."""
        self.position += len(batch)
        for entry, rejects in batch:
            if entry is not None and entry.row.line in refused:
                self._keep(Reject(entry.row.line, "", "", refused[entry.row.line]))
                rejects = [replace(one, row_loaded=False) for one in rejects]
            for reject in rejects:
                self._keep(reject)

    async def _pass_again(self, batch: Sequence[Reading]) -> None:
        """Rows that are loaded already: gather what they spoke of, and what was wrong with them."""
        assert self._place is not None, "only rows of a load that has begun are loaded"
        entries = [entry for entry, _ in batch if entry and entry.row.line not in self._refused]
        async with self._onto.database.read() as session:
            record = await list_records.look(session, self._place.whose, *names(entries))
        self._said.tell(record)
        merging = Merging(record)
        for entry in entries:
            merging.recall(entry)
        self._said.note(record)
        self._passed(batch, self._refused)

    async def _load(self, batch: Sequence[Reading]) -> bool:
        """Load rows that are next; False when somebody else has done so, or is further, meanwhile."""
        for left in range(CHUNK_TRIES - 1, -1, -1):
            try:
                return await self._try(batch, held=left < CHUNK_TRIES - 1)
            except Exception as fault:
                if not left or not (isinstance(fault, Conflict) or lost_race(fault)):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _try(self, batch: Sequence[Reading], *, held: bool) -> bool:
        entries = [entry for entry, _ in batch if entry]
        async with self._onto.database.write() as session:
            await lists.hold(session)
            place = self._place or await self._begin(session)
            stands = await loads.state(session, place.load_id)
            if stands.rows_done == self.position and stands.status == "running":
                record = await list_records.look(session, place.whose, *names(entries), held=held)
                self._said.tell(record)
                added, refused = await self._merge(session, place, record, entries)
                counts = Counts.of(stands.counts).plus(counted(batch, refused)).plus(added)
                after = self.position + len(batch)
                await loads.advance(
                    session, place.load_id, before=self.position, after=after, counts=counts.as_dict()
                )
            else:
                refused = None
        self._place = place
        if refused is None:
            async with self._onto.database.read() as session:
                await self._read_progress(session)
            return False
        self._said.note(record)
        self.counts, self._done = counts, self.position + len(batch)
        self._passed(batch, refused)
        return True

    async def _begin(self, session: AsyncSession) -> _Place:
        """The load's place in the tables, made with the first good row; another's, if it began a moment before."""
        onto = self._onto
        tenant = await campaigns.tenant(session)
        creditor = await campaigns.creditor(session, tenant.id, onto.creditor, name=onto.creditor_name)
        target = await lists.named(session, tenant.id, creditor, onto.list_name, onto.now())
        load = await loads.unfinished(session, tenant.id, KIND, onto.digest)
        if load is None or load.rows_done < self.position:
            load = await loads.begin(
                session,
                tenant_id=tenant.id,
                creditor_id=creditor.id,
                list_id=target.id,
                kind=KIND,
                digest=onto.digest,
                at=onto.now(),
                rows_done=self.position,
                counts=self.counts.as_dict(),
            )
        return _Place(load.id, target.id, Whose(tenant.id, creditor.id, creditor.key))

    async def _merge(
        self, session: AsyncSession, place: _Place, record: OnRecord, entries: Sequence[Entry]
    ) -> tuple[Counts, dict[int, str]]:
        """What merging adds to the counts, and the lines that contradict the record."""
        counts, refused, merged = merge_all(merging := Merging(record), entries)
        database, now = self._onto.database, self._onto.now()
        await list_changes.write(session, place.whose, record, at=now, keyring=database.keyring)
        people = [person.id for entry in merged if (person := merging.person_of(entry)) and person.id]
        await lists.add_members(session, place.list_id, people)
        joined = await lists.join_campaigns(session, place.list_id, people, at=now)
        counts.joined = sum(joined.values())
        await loads.keep_rejects(session, place.load_id, refused.items())
        return counts, refused

    async def _finish(self, at_the_end: AtTheEnd) -> None:
        if self._place is None:
            return
        async with self._onto.database.write() as session:
            if await loads.finish(session, self._place.load_id, at=self._onto.now()):
                await at_the_end(session, self._place.whose, self.counts)
            await self._read_progress(session)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Rows hold no cycles: they go when they are done with, and looking for some all the time takes long."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def merge_all(merging: Merging, entries: Sequence[Entry]) -> tuple[Counts, dict[int, str], list[Entry]]:
    """Merge entries one by one: what that adds to the counts, line -> why not, and the entries that were merged."""
    counts, refused, merged = Counts(), {}, []
    for entry in entries:
        fate = merging.merge(entry)
        if fate == "new" or fate == "changed" or fate == "same":
            setattr(counts, fate, getattr(counts, fate) + 1)
            merged.append(entry)
        else:
            refused[entry.row.line] = fate
    for name in ("people", "numbers", "debts", "quarantined", "united"):
        setattr(counts, name, getattr(merging.tally, name))
    return counts, refused, merged


def names(entries: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """The keys and the document indexes by which these rows name people."""
    keys = dict.fromkeys(entry.key for entry in entries)
    return list(keys), list(dict.fromkeys(entry.index for entry in entries if entry.index))
