"""Of which people and debts a file has spoken already, by their ids: the first word in a file stands.

Two bytes a person and a bit a debt, in pages, so that a file of a million people costs a few megabytes.
"""

from __future__ import annotations

from array import array

from dialer.lists.record import OnRecord

PAGE = 4096


class Said:
    """Kept while a file is loaded; after a stop it is gathered again from the rows that are done."""

    def __init__(self) -> None:
        self._people: dict[int, array[int]] = {}
        self._debts: dict[int, bytearray] = {}

    def tell(self, record: OnRecord) -> None:
        """Mark the people and debts of a chunk that were spoken of before."""
        for person in record.people():
            person.said = self._fields(person.id)
            for debt in person.debts.values():
                debt.said = self._has_debt(debt.id)

    def note(self, record: OnRecord) -> None:
        """Keep what a chunk has spoken of, once it is committed."""
        for one, _ in record.absorbed:
            self._keep_fields(one.id, 0)
        for person in record.people():
            self._keep_fields(person.id, person.said)
            for debt in person.debts.values():
                if debt.said and debt.id is not None:
                    page = self._debts.setdefault(debt.id // PAGE, bytearray(PAGE // 8))
                    page[debt.id % PAGE // 8] |= 1 << debt.id % 8

    def _fields(self, person_id: int | None) -> int:
        if person_id is None or (page := self._people.get(person_id // PAGE)) is None:
            return 0
        return page[person_id % PAGE]

    def _keep_fields(self, person_id: int | None, said: int) -> None:
        if person_id is not None:
            page = self._people.setdefault(person_id // PAGE, array("H", bytes(2 * PAGE)))
            page[person_id % PAGE] = said

    def _has_debt(self, debt_id: int | None) -> bool:
        if debt_id is None or (page := self._debts.get(debt_id // PAGE)) is None:
            return False
        return bool(page[debt_id % PAGE // 8] >> debt_id % 8 & 1)
