"""Good rows into what is on record: what is new is added, what differs is changed, the rest is left. Pure.

People are one by document, else by the creditor's key; two keys that one document proves to be one become one
person. An empty cell never wipes out what is on record, the first word of a file stands, a number that was found to
reach somebody else stays barred, and a debt that is paid or withdrawn is not opened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dialer.lists.record import CLOSED, DebtOnRecord, NumberOnRecord, OnRecord, PersonOnRecord, Place, Values
from dialer.lists.row import Owed, Row
from dialer.lists.saying import (
    NUMBERS,
    Entry,
    debt_values,
    laid_over,
    say_consents,
    say_number,
    say_person,
    spoken,
    take_consent,
    take_debt,
    take_number,
    words_of,
)

Fate = Literal["new", "changed", "same"]

OTHER_DOCUMENT = "this key is on record with another document: ask the creditor whose it is"
TWICE = "this contract stands twice in the file, with different values"
UNDER_WAY = (
    "its key and its document prove two people on record to be one, and one of them is on the phone: load again"
)
CLOSED_DEBT = "this contract is {status} on record: a list does not open it again"


@dataclass(slots=True)
class Tally:
    """What merging has added, apart from the fates of rows."""

    people: int = 0
    numbers: int = 0
    debts: int = 0
    quarantined: int = 0
    united: int = 0


class Merging:
    """Merges the entries of one chunk, one by one, into what is on record of them."""

    def __init__(self, record: OnRecord) -> None:
        self.record = record
        self.tally = Tally()

    def merge(self, entry: Entry) -> Fate | str:
        """What became of the row; or, in words, why it contradicts the record or its own file, and nothing did."""
        place = place_of(entry.row)
        if fault := self._contradiction(entry, place):
            return fault
        words = words_of(entry)
        person, changed = self._person(entry, words)
        person.touched = True
        changed |= say_person(person, words)
        changed |= self._say_numbers(person, entry.row)
        changed |= say_consents(person, entry.row)
        fate = self._say_debt(person, place, entry.row.owed)
        return "changed" if changed and fate == "same" else fate

    def recall(self, entry: Entry) -> None:
        """The row was merged before the load was stopped: only note again that the file has spoken."""
        if (person := self.person_of(entry)) is None:
            return
        person.said |= NUMBERS | spoken(words_of(entry))
        if debt := person.debts.get(place_of(entry.row)):
            debt.said = True

    def person_of(self, entry: Entry) -> PersonOnRecord | None:
        """Whose row it is, after all that was found out."""
        return self._named(entry) or self.record.by_key.get(entry.key)

    def _contradiction(self, entry: Entry, place: Place) -> str | None:
        named, keyed = self._named(entry), self.record.by_key.get(entry.key)
        if keyed is not None and entry.index and keyed.document_index not in (None, entry.index):
            return OTHER_DOCUMENT
        if named and keyed and named is not keyed and (named.busy or keyed.busy):
            return UNDER_WAY
        for person in (named, keyed):
            debt = person.debts.get(place) if person else None
            if debt is None:
                continue
            if debt.status in CLOSED:
                return CLOSED_DEBT.format(status=debt.status)
            if debt.said and laid_over(debt.values, debt_values(entry.row.owed, debt)) != debt.values:
                return TWICE
        return None

    def _named(self, entry: Entry) -> PersonOnRecord | None:
        return self.record.by_document.get(entry.index) if entry.index else None

    def _person(self, entry: Entry, words: Values) -> tuple[PersonOnRecord, bool]:
        """Whose row it is, now known by every name that the row gives; and whether one of them is news."""
        named, keyed = self._named(entry), self.record.by_key.get(entry.key)
        person, news = named or keyed or self._added(entry, words), False
        if named and keyed and named is not keyed:
            self._unite(keyed, named)
            news = True
        if keyed is None and person.key != entry.key and entry.row.key:
            self._know_by(person, entry)
            news = True
        if entry.index and person.document_index is None:
            person.document_index, person.document, person.changed = entry.index, entry.row.document, True
            self.record.by_document[entry.index] = person
            news = True
        return person, news

    def _added(self, entry: Entry, words: Values) -> PersonOnRecord:
        """Somebody new: what the row does not say of kind, language and country is assumed."""
        kind, name, contact, email, _, _, *rest = words
        row = entry.row
        values = (kind or row.kind, name, contact, email, row.language, row.country, *rest)
        person = PersonOnRecord(entry.key, values)
        self.record.by_key[entry.key] = person
        self.record.added.append(person)
        self.tally.people += 1
        return person

    def _know_by(self, person: PersonOnRecord, entry: Entry) -> None:
        """A further key; it takes the place of one that was only made of the document."""
        creditor = entry.key.partition(":")[0]
        if person.key == f"{creditor}:{person.document_index}":
            person.key, person.changed = entry.key, True
        else:
            person.new_keys.append(entry.key)
        self.record.by_key[entry.key] = person

    def _unite(self, one: PersonOnRecord, into: PersonOnRecord) -> None:
        """A person without a document turns out to be one who is on record by it."""
        for e164, number in one.numbers.items():
            self.tally.numbers -= take_number(into, e164, number)
        for place, debt in one.debts.items():
            self.tally.debts -= take_debt(into, place, debt)
        for kind, consent in one.consents.items():
            take_consent(into, kind, consent)
        into.values = laid_over(one.values, into.values)
        into.said |= one.said
        into.changed = into.touched = True
        into.new_keys += [one.key, *one.new_keys]
        for key in [key for key, person in self.record.by_key.items() if person is one]:
            self.record.by_key[key] = into
        if one.id is None:
            self.record.added.remove(one)
            self.tally.people -= 1
        else:
            self.record.absorbed.append((one, into))
            self.tally.united += 1

    def _say_numbers(self, person: PersonOnRecord, row: Row) -> bool:
        changed, first_word = False, not person.said & NUMBERS
        for rank, listed in enumerate(row.numbers):
            e164 = listed.number.e164
            known = person.numbers.get(e164)
            if known is None:
                person.numbers[e164] = NumberOnRecord(
                    e164, listed.number.country, rank, listed.line_type, listed.extension
                )
                self.tally.numbers += 1
                changed = True
            elif known.status == "wrong_person":
                self.tally.quarantined += 1
            elif first_word:  # the first row of a file that speaks of a person settles the ranks
                changed |= say_number(known, rank, listed.line_type, listed.extension)
        person.said |= NUMBERS
        return changed

    def _say_debt(self, person: PersonOnRecord, place: Place, owed: Owed) -> Fate:
        known = person.debts.get(place)
        if known is None:
            values = debt_values(owed, None)
            person.debts[place] = DebtOnRecord(
                *place, (*values[:5], values[5] or "[]", values[6] or "[]", *values[7:]), said=True
            )
            self.tally.debts += 1
            return "new"
        known.said = True
        values = laid_over(known.values, debt_values(owed, known))
        if values == known.values:
            return "same"
        known.values, known.changed = values, True
        return "changed"


def place_of(row: Row) -> Place:
    """Contract and instalment; a list without contracts has one debt a key."""
    return row.owed.contract or row.key or "", row.owed.instalment
