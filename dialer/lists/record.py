"""What is on record of the people of one chunk, as plain values that rows are merged into. No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PERSON_FIELDS = (
    "kind",
    "name",
    "contact_name",
    "email",
    "language",
    "country",
    "region",
    "city",
    "address",
    "postal_code",
    "birth_year",
)
DEBT_FIELDS = (
    "amount_minor",
    "original_minor",
    "currency",
    "due_on",  # ISO text, as it is stored
    "invoice",
    "items",  # JSON text
    "ways_to_pay",  # JSON text
    "notice_on",  # ISO text
    "kind",
)
CLOSED = ("paid", "withdrawn")

Values = tuple[Any, ...]
Place = tuple[str, str]


@dataclass(slots=True, eq=False)
class NumberOnRecord:
    """A number of a person. Without an id it is new."""

    e164: str
    country: str
    rank: int
    line_type: str
    extension: str | None = None
    status: str = "usable"
    id: int | None = None
    changed: bool = False


@dataclass(slots=True, eq=False)
class DebtOnRecord:
    """A debt to the creditor of the file; `values` by DEBT_FIELDS. `said`: this file has spoken of it."""

    contract: str
    instalment: str
    values: Values
    status: str = "open"
    paid_minor: int = 0
    id: int | None = None
    said: bool = False
    changed: bool = False


@dataclass(slots=True, eq=False)
class ConsentOnRecord:
    """A consent given to the creditor of the file; the day as ISO text."""

    kind: str
    given_on: str | None
    how: str | None
    id: int | None = None
    revoked: bool = False
    changed: bool = False


@dataclass(slots=True, eq=False)
class PersonOnRecord:
    """One person; `values` by PERSON_FIELDS. Without an id they are new.

    `said` has a bit for each field of which this file has spoken: its first word stands. `busy`: a call is under
    way. `document` is the plain text of a document that is still to be sealed and stored.
    """

    key: str
    values: Values
    document_index: str | None = None
    document: str | None = None
    id: int | None = None
    version: int = 0
    said: int = 0
    busy: bool = False
    changed: bool = False
    touched: bool = False
    numbers: dict[str, NumberOnRecord] = field(default_factory=dict)
    debts: dict[Place, DebtOnRecord] = field(default_factory=dict)
    consents: dict[str, ConsentOnRecord] = field(default_factory=dict)
    new_keys: list[str] = field(default_factory=list)

    def is_moved(self) -> bool:
        """Whether anything that a call may rest on is no longer as it was read."""
        return (
            self.changed
            or any(one.changed or one.id is None for one in self.numbers.values())
            or any(one.changed or one.id is None for one in self.debts.values())
            or any(one.changed or one.id is None for one in self.consents.values())
        )


@dataclass(slots=True)
class OnRecord:
    """The people whom a chunk may speak of, by each name that they go by, and who was found to be one."""

    by_key: dict[str, PersonOnRecord] = field(default_factory=dict)
    by_document: dict[str, PersonOnRecord] = field(default_factory=dict)
    added: list[PersonOnRecord] = field(default_factory=list)
    absorbed: list[tuple[PersonOnRecord, PersonOnRecord]] = field(default_factory=list)

    def people(self) -> list[PersonOnRecord]:
        """Everybody once, in the order in which they were found or added."""
        return list(dict.fromkeys((*self.by_key.values(), *self.by_document.values())))
