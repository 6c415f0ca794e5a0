"""What a dry run has changed so far, kept beside the database in a file without a name, gone with the run."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Sequence

from dialer.lists.record import OnRecord, PersonOnRecord


class Rehearsal:
    """People as they would be. Memory stays flat, because whoever is not in the present chunk is on disk."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None)  # "": a private file without a name
        self._file.executescript(
            "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;"
            "CREATE TABLE name (name TEXT PRIMARY KEY, person INTEGER NOT NULL) WITHOUT ROWID;"
            "CREATE TABLE person (id INTEGER PRIMARY KEY, body BLOB NOT NULL);"
        )
        self._last = 0

    def recall(self, record: OnRecord, keys: Sequence[str], indexes: Sequence[str]) -> None:
        """Lay what was changed over what is on record."""
        wanted = [f"k{key}" for key in keys] + [f"d{index}" for index in indexes]
        named: dict[str, int] = dict(
            self._file.execute(
                "SELECT name, person FROM name WHERE name IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
            )
        )
        ids = {person.id for person in record.people()} | set(named.values())
        people = self._people(sorted(one for one in ids if one is not None))
        for found in (record.by_key, record.by_document):
            for name, person in found.items():
                found[name] = people.get(person.id or 0, person)
        for name, person_id in named.items():
            where = record.by_key if name.startswith("k") else record.by_document
            where[name[1:]] = people[person_id]

    def keep(self, record: OnRecord) -> None:
        """Keep a chunk's people as they have become."""
        for person in record.people():
            if person.id is None:
                self._last -= 1
                person.id = self._last
        touched = [person for person in record.people() if person.touched]
        self._file.execute("BEGIN")
        self._file.executemany(
            "INSERT OR REPLACE INTO person VALUES (?, ?)", [(person.id, pickle.dumps(person)) for person in touched]
        )
        names = [(f"k{key}", person.id) for key, person in record.by_key.items() if person.touched]
        names += [(f"d{index}", person.id) for index, person in record.by_document.items() if person.touched]
        self._file.executemany("INSERT OR REPLACE INTO name VALUES (?, ?)", names)
        self._file.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _people(self, ids: Sequence[int]) -> dict[int, PersonOnRecord]:
        rows = self._file.execute(
            "SELECT id, body FROM person WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        return {person_id: pickle.loads(body) for person_id, body in rows}
