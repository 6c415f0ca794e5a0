"""What one row says, value by value, laid over what is on record. An empty cell says nothing. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from dialer.lists.record import (
    CLOSED,
    ConsentOnRecord,
    DebtOnRecord,
    NumberOnRecord,
    PersonOnRecord,
    Place,
    Values,
)
from dialer.lists.row import Owed, Row

NUMBERS = 1 << 15  # the bit of `said` for a person's numbers; the bits below are fields


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with its names: `key` with the creditor before it, `index` is the blind index of its document.

    `own_language`, `own_country`: the row itself says so; otherwise they are only assumed, and change nobody.
    """

    row: Row
    key: str
    index: str | None
    own_language: bool = True
    own_country: bool = True


def laid_over(old: Values, new: Values) -> Values:
    """`new` where it says anything, else `old`."""
    return tuple([before if word is None else word for before, word in zip(old, new, strict=True)])


def say_person(person: PersonOnRecord, values: Values) -> bool:
    """Whether the words changed anything; each field's first word in a file stands."""
    now = spoken(values)
    fresh = now & ~person.said
    person.said |= now
    if not fresh or values == person.values:
        return False
    merged = tuple(
        [word if fresh >> n & 1 else old for n, (old, word) in enumerate(zip(person.values, values, strict=True))]
    )
    if merged == person.values:
        return False
    person.values, person.changed = merged, True
    return True


def spoken(values: Values) -> int:
    """A bit for each field of which something is said."""
    bits, bit = 0, 1
    for word in values:
        if word is not None:
            bits |= bit
        bit <<= 1
    return bits


def words_of(entry: Entry) -> Values:
    """By PERSON_FIELDS, what the row itself says. "person" is a word only if a document proves it."""
    row = entry.row
    return (
        row.kind if row.kind == "company" or row.document else None,
        row.name,
        row.contact_name,
        row.email,
        row.language if entry.own_language else None,
        row.country if entry.own_country else None,
        row.region,
        row.city,
        row.address,
        row.postal_code,
        row.birth_year,
    )


def debt_values(owed: Owed, known: DebtOnRecord | None) -> Values:
    """By DEBT_FIELDS. What was owed before payments that are on record is an old word: it changes no amount."""
    amount: int | None = owed.amount_minor
    if known is not None and known.paid_minor and amount == known.values[0] + known.paid_minor:
        amount = None
    return (
        amount,
        owed.original_minor,
        owed.currency,
        owed.due_on.isoformat(),
        owed.invoice,
        json.dumps([asdict(item) for item in owed.items]) if owed.items else None,
        _ways(owed) if owed.ways_to_pay else None,
        owed.notice_on.isoformat() if owed.notice_on else None,
        owed.kind,
    )


def _ways(owed: Owed) -> str:
    """They go together: a new code must not keep an old expiry."""
    return json.dumps(
        [
            {"kind": way.kind, "code": way.code, "expires_on": way.expires_on.isoformat() if way.expires_on else None}
            for way in owed.ways_to_pay
        ]
    )


def say_number(known: NumberOnRecord, rank: int, line_type: str, extension: str | None) -> bool:
    """Whether rank, kind of line or extension changed; no extension says nothing."""
    extension = extension or known.extension
    if (known.rank, known.line_type, known.extension) == (rank, line_type, extension):
        return False
    known.rank, known.line_type, known.extension, known.changed = rank, line_type, extension, True
    return True


def take_number(into: PersonOnRecord, e164: str, number: NumberOnRecord) -> bool:
    """Two numbers become one; what bars either of them bars it. Whether one that was to be added is on record."""
    known = into.numbers.setdefault(e164, number)
    if known is not number and number.status != "usable" and known.status == "usable":
        known.status, known.changed = number.status, True
    if known.id is None and number.id is not None:
        known.id, known.changed = number.id, True
        return True
    return False


def take_debt(into: PersonOnRecord, place: Place, debt: DebtOnRecord) -> bool:
    """Two debts become one; one that is closed stays as it is. Whether one that was to be added is on record."""
    known = into.debts.setdefault(place, debt)
    if known.id is not None or debt.id is None:
        return False
    if debt.status in CLOSED:
        into.debts[place] = debt
    else:
        known.id, known.status, known.paid_minor, known.changed = debt.id, debt.status, debt.paid_minor, True
    return True


def take_consent(into: PersonOnRecord, kind: str, consent: ConsentOnRecord) -> None:
    """Two consents become one; a revocation stands."""
    known = into.consents.setdefault(kind, consent)
    if known.id is None and consent.id is not None:
        if consent.revoked:
            into.consents[kind] = consent
        else:
            known.id, known.changed = consent.id, True


def say_consents(person: PersonOnRecord, row: Row) -> bool:
    """What a list says of a consent is never stronger than its revocation."""
    changed = False
    for agreed in row.consents:
        day = agreed.given_on.isoformat() if agreed.given_on else None
        known = person.consents.get(agreed.kind)
        if known is None:
            person.consents[agreed.kind] = ConsentOnRecord(agreed.kind, day, agreed.how)
            changed = True
        elif not known.revoked:
            day, how = day or known.given_on, agreed.how or known.how
            if (known.given_on, known.how) != (day, how):
                known.given_on, known.how, known.changed, changed = day, how, True, True
    return changed
