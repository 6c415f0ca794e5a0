"""Changes keys: seals anew what an older secret key has sealed, hashes anew what an older hash key has hashed.

In batches, each committed by itself: cut off, it goes on where it was. Calls go on meanwhile; all keys read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from dialer.operation import Operation
from dialer.store import rotation, vault
from dialer.store.database import Database

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was written anew (or waits for it), by kind: sealed fields, hashes of people, files of recordings."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.counts.values())


async def waiting(op: Operation) -> Rotated:
    """How much is sealed with older keys: fields and files."""
    counts = {}
    async with op.database.survey() as session:
        for kind, column in rotation.SEALED.items():
            counts[kind] = await rotation.outdated(session, column, op.database.keyring)
    counts["recordings"] = sum([1 async for _ in _old_files(op)])
    return Rotated(counts)


async def rotate(op: Operation) -> Rotated:
    """Write everything anew with the newest keys. Raises NotConfigured where no key fits: put that key back."""
    counts = {kind: await _seal_all(op.database, kind) for kind in rotation.SEALED}
    counts["hashes"] = await _index_all(op.database)
    counts["recordings"] = 0
    async for path in _old_files(op):
        await vault.write(path, _pieces(vault.read(path, op.database.keyring)), op.database.keyring)
        counts["recordings"] += 1
    return Rotated(counts)


async def _seal_all(database: Database, kind: str) -> int:
    done = 0
    while True:
        async with database.write() as session:
            found = await rotation.seal_some(session, rotation.SEALED[kind], database.keyring, BATCH)
        done += found
        if not found:
            return done


async def _index_all(database: Database) -> int:
    done = after = 0
    while True:
        async with database.write() as session:
            people = await rotation.people_behind(session, after, BATCH)
            for person in people:
                done += await rotation.index_anew(session, database.keyring, person)
        if not people:
            return done
        after = people[-1].id


async def _old_files(op: Operation) -> AsyncIterator[Path]:
    after = 0
    while True:
        async with op.database.survey() as session:
            found = await rotation.stored(session, after, BATCH)
        for recording in found:
            path = op.settings.home / str(recording.path)
            if path.exists() and vault.sealed_by(path) != op.database.keyring.newest:
                yield path
        if not found:
            return
        after = found[-1].id


async def _pieces(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
