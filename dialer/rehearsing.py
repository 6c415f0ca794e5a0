"""A dry run: what a load would do to the record as it is now, row by row, without writing a thing."""

from __future__ import annotations

from contextlib import aclosing

from sqlalchemy import select

from dialer.lists.cells import Reject
from dialer.lists.counts import Counts
from dialer.lists.merging import Merging
from dialer.lists.source import Source, counted
from dialer.loading import CHUNK_ROWS, Keep, Onto, Progress, merge_all, names
from dialer.store import campaigns, list_records, lists
from dialer.store.list_records import Whose
from dialer.store.models import Creditor
from dialer.store.rehearsal import Rehearsal

NOBODY = -1  # an id that no row has


async def rehearse(onto: Onto, source: Source, keep: Keep, *, total: int, progress: Progress | None) -> Counts:
    """The counts that a load would give. Refused when the list belongs to another creditor."""
    whose, counts, rehearsal = await _whose(onto), Counts(), Rehearsal()
    try:
        async with aclosing(source.batches(CHUNK_ROWS)) as batches:
            async for batch in batches:
                entries = [entry for entry, _ in batch if entry]
                async with onto.database.survey() as session:
                    record = await list_records.look(session, whose, *names(entries))
                rehearsal.recall(record, *names(entries))
                added, refused, _ = merge_all(Merging(record), entries)
                rehearsal.keep(record)
                counts = counts.plus(counted(batch, refused)).plus(added)
                for entry, rejects in batch:
                    if entry and entry.row.line in refused:
                        keep(Reject(entry.row.line, "", "", refused[entry.row.line]))
                    for reject in rejects:
                        keep(reject)
                if progress:
                    progress(counts.rows, total)
    finally:
        rehearsal.close()
    return counts


async def _whose(onto: Onto) -> Whose:
    """The creditor as it is on record, or nobody when it would be new."""
    async with onto.database.survey() as session:
        tenant_id = await campaigns.known_tenant_id(session)
        creditor_id = await session.scalar(
            select(Creditor.id).where(Creditor.tenant_id == tenant_id, Creditor.key == onto.creditor)
        )
        await lists.must_be_of(session, tenant_id or NOBODY, creditor_id or NOBODY, onto.list_name)
    return Whose(tenant_id or NOBODY, creditor_id or NOBODY, onto.creditor)
