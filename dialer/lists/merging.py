"""Good rows into the tables, a chunk at a time: what is new is added, what differs is changed, the rest is left.

People are one by document, else by the creditor's key. An empty cell never wipes out what is on record, and a
number that was found to reach somebody else stays barred for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.lists.cells import Reject
from dialer.lists.row import ListedNumber, Row
from dialer.store import campaigns, lists
from dialer.store.database import Database
from dialer.store.models import ContactList, Creditor, Debt, Number, Person

Fate = Literal["new", "changed", "same", "rejected"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and the instant at which they are loaded."""

    database: Database
    creditor: str
    list_name: str
    now: datetime
    creditor_name: str | None = None


@dataclass(slots=True)
class Merged:
    """What came of one chunk: rows by fate, what was added, and the rows that contradict the record."""

    fates: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(("new", "changed", "same", "rejected"), 0))
    people: int = 0
    numbers: int = 0
    debts: int = 0
    quarantined: int = 0
    rejects: list[Reject] = field(default_factory=list)
    person_ids: list[int] = field(default_factory=list)
    debt_ids: list[int] = field(default_factory=list)


class Seen:
    """Which rows of the tables this file has spoken of already: the first word in a file stands.

    One bit a row, so that a file of a million people costs some hundred kilobytes.
    """

    def __init__(self) -> None:
        self._bits: dict[str, bytearray] = {"person": bytearray(), "debt": bytearray()}

    def has(self, kind: Literal["person", "debt"], row_id: int) -> bool:
        """Whether the row was noted."""
        bits = self._bits[kind]
        return row_id // 8 < len(bits) and bool(bits[row_id // 8] >> row_id % 8 & 1)

    def note(self, kind: Literal["person", "debt"], row_id: int) -> None:
        """Note the row."""
        bits = self._bits[kind]
        if row_id // 8 >= len(bits):
            bits.extend(bytes(row_id // 8 + 1 - len(bits) + 4096))
        bits[row_id // 8] |= 1 << row_id % 8


async def merge(session: AsyncSession, target: Target, rows: Sequence[Row], seen: Seen) -> Merged:
    """Load one chunk within the caller's transaction; after its commit the caller notes the ids in `seen`."""
    tenant = await campaigns.tenant(session)
    creditor = await campaigns.creditor(session, tenant.id, target.creditor, name=target.creditor_name)
    onto = await lists.named(session, tenant.id, creditor, target.list_name, target.now)
    chunk = _Chunk(target, (creditor, onto), seen)
    await chunk.look(session, rows)
    session.add_all(chunk.new_people(rows))
    await session.flush()
    for row in rows:
        chunk.load(row)
    session.add_all(chunk.added)
    await session.flush()
    merged = chunk.outcome()
    await lists.add_members(session, onto.id, merged.person_ids)
    return merged


class _Chunk:
    """What is on record of a chunk's people, kept at hand while its rows are merged one by one."""

    def __init__(self, target: Target, place: tuple[Creditor, ContactList], seen: Seen) -> None:
        self._target = target
        self._creditor, self._list = place
        self._seen = seen
        self._by_key: dict[str, Person] = {}
        self._by_document: dict[str, Person] = {}
        self._numbers: dict[tuple[int, str], Number] = {}
        self._debts: dict[tuple[int, str], Debt] = {}
        self._heard: set[int] = set()
        self._spoken: dict[tuple[int, str], Debt] = {}
        self._merged = Merged()
        self.added: list[Number | Debt] = []

    async def look(self, session: AsyncSession, rows: Sequence[Row]) -> None:
        """Read what is on record of these rows' people."""
        keys = {self._key(row) for row in rows}
        indexes = {index for row in rows if (index := self._index(row))}
        found = await lists.people_by(session, self._list.tenant_id, keys, indexes)
        for person in found:
            self._remember(person)
        ids = [person.id for person in found]
        self._numbers = {(one.person_id, one.e164): one for one in await lists.numbers_of(session, ids)}
        debts = await lists.debts_of(session, self._creditor.id, ids)
        self._debts = {(one.person_id, one.contract): one for one in debts}

    def new_people(self, rows: Sequence[Row]) -> list[Person]:
        """Everybody who is not on record yet, once."""
        return [self._new_person(row) for row in rows if self._find(row) is None]

    def load(self, row: Row) -> None:
        """Merge one row; a row that contradicts the record or the file is rejected as a whole."""
        person = self._find(row)
        assert person is not None, "whoever was missing has been added"
        if fault := self._contradiction(row, person):
            self._merged.rejects.append(fault)
            self._merged.fates["rejected"] += 1
            return
        first_word = not self._spoken_of(person)
        changed = self._update_person(person, row, first_word=first_word)
        changed |= self._merge_numbers(person, row, first_word=first_word)
        fate = self._merge_debt(person, row)
        self._merged.fates["changed" if changed and fate == "same" else fate] += 1
        self._merged.person_ids.append(person.id)
        self._heard.add(person.id)

    def outcome(self) -> Merged:
        """The counts, and the ids of all that was spoken of; after the last flush."""
        self._merged.debt_ids = [debt.id for debt in self._spoken.values()]
        return self._merged

    def _find(self, row: Row) -> Person | None:
        index = self._index(row)
        return (self._by_document.get(index) if index else None) or self._by_key.get(self._key(row))

    def _contradiction(self, row: Row, person: Person) -> Reject | None:
        index, place = self._index(row), (person.id, self._contract(row))
        if index and person.document_index and person.document_index != index:
            return Reject(
                row.line, "", "", "this key is on record with another document: ask the creditor whose it is"
            )
        debt = self._debts.get(place)
        spoken = debt is not None and (place in self._spoken or self._seen.has("debt", debt.id))
        if debt is not None and spoken and _differs(debt, _debt_values(row)):
            return Reject(row.line, "", "", "this contract stands twice in the file, with different values")
        return None

    def _spoken_of(self, person: Person) -> bool:
        return person.id in self._heard or self._seen.has("person", person.id)

    def _new_person(self, row: Row) -> Person:
        person = Person(
            tenant_id=self._list.tenant_id,
            key=self._key(row),
            created_at=self._target.now,
            **_person_values(row),
            **self._document(row),
        )
        self._remember(person)
        self._merged.people += 1
        return person

    def _update_person(self, person: Person, row: Row, *, first_word: bool) -> bool:
        values = _person_values(row) if first_word else {}
        if person.document_index is None:
            values |= self._document(row)
        changed = _apply(person, values)
        self._remember(person)
        return changed

    def _merge_numbers(self, person: Person, row: Row, *, first_word: bool) -> bool:
        changed = False
        for rank, listed in enumerate(row.numbers):
            number = listed.number
            known = self._numbers.get((person.id, number.e164))
            if known is None:
                self._add_number(person, listed, rank)
                changed = True
            elif known.status == "wrong_person":
                self._merged.quarantined += 1
            elif first_word:
                changed |= _apply(known, {"rank": rank, "line_type": listed.line_type})
        return changed

    def _add_number(self, person: Person, listed: ListedNumber, rank: int) -> None:
        added = Number(
            tenant_id=person.tenant_id,
            person_id=person.id,
            e164=listed.number.e164,
            country=listed.number.country,
            rank=rank,
            line_type=listed.line_type,
            extension=listed.extension,
            status="usable",
        )
        self._numbers[person.id, listed.number.e164] = added
        self.added.append(added)
        self._merged.numbers += 1

    def _merge_debt(self, person: Person, row: Row) -> Fate:
        place, values = (person.id, self._contract(row)), _debt_values(row)
        known = self._debts.get(place)
        if known is not None:
            self._spoken[place] = known
            return "changed" if _apply(known, values) else "same"
        added = Debt(
            tenant_id=person.tenant_id,
            person_id=person.id,
            creditor_id=self._creditor.id,
            contract=self._contract(row),
            status="open",
            **values,
        )
        self._debts[place] = self._spoken[place] = added
        self.added.append(added)
        self._merged.debts += 1
        return "new"

    def _remember(self, person: Person) -> None:
        self._by_key[person.key] = person
        if person.document_index:
            self._by_document[person.document_index] = person

    def _key(self, row: Row) -> str:
        """The person's key: the creditor's own, else the document's index, else the contract."""
        if row.key:
            return f"{self._target.creditor}:{row.key}"
        return f"{self._target.creditor}:{self._index(row) or f'contract:{row.owed.contract}'}"

    def _contract(self, row: Row) -> str:
        return row.owed.contract or (row.key or "")

    def _index(self, row: Row) -> str | None:
        if row.document is None:
            return None
        text = row.document if row.country == "BR" else f"{row.country}:{row.document}"
        return self._target.database.keyring.index("document", text)

    def _document(self, row: Row) -> dict[str, Any]:
        if row.document is None:
            return {}
        return {"document": self._target.database.keyring.seal(row.document), "document_index": self._index(row)}


def _person_values(row: Row) -> dict[str, Any]:
    names = ("name", "language", "country", "region", "city", "postal_code", "birth_year")
    return {name: value for name in names if (value := getattr(row, name)) is not None}


def _debt_values(row: Row) -> dict[str, Any]:
    names = ("amount_minor", "original_minor", "currency", "due_on")
    values = {name: value for name in names if (value := getattr(row.owed, name)) is not None}
    if row.owed.ways_to_pay:  # they go together: a new code must not keep an old expiry
        values["ways_to_pay"] = [
            {"kind": way.kind, "code": way.code, "expires_on": way.expires_on.isoformat() if way.expires_on else None}
            for way in row.owed.ways_to_pay
        ]
    return values


def _differs(model: Person | Number | Debt, values: dict[str, Any]) -> bool:
    return any(getattr(model, name) != value for name, value in values.items())


def _apply(model: Person | Number | Debt, values: dict[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    differing = {name: value for name, value in values.items() if getattr(model, name) != value}
    for name, value in differing.items():
        setattr(model, name, value)
    return bool(differing)
