"""One clean row of a list: a person or company, the numbers, a debt. Values only, whatever file they came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dialer.rules.phone_numbers import PhoneNumber

ItemKind = Literal["principal", "interest", "fine", "fees", "discount"]
WayKind = Literal["pix", "boleto", "link"]


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """A number of the row, in order of rank. `line_type` is the list's word if it has one, else the number's own."""

    number: PhoneNumber
    line_type: str
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class WayToPay:
    """A payment text and the last day on which it may be given out."""

    kind: WayKind
    code: str
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A part of the amount, in minor units; a discount is negative."""

    kind: ItemKind
    minor: int


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that the creditor holds: what for, when and how it was given."""

    kind: str
    given_on: date | None = None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """One debt of a row, or one instalment of it; amounts in minor units; `kind` of words.yaml (debt_kinds)."""

    contract: str
    amount_minor: int
    original_minor: int | None
    currency: str
    due_on: date
    instalment: str = ""
    invoice: str | None = None
    kind: str | None = None
    items: tuple[Item, ...] = ()
    ways_to_pay: tuple[WayToPay, ...] = ()
    notice_on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A record that can be loaded. `key` is the creditor's own, None when the list has none."""

    line: int
    key: str | None
    document: str | None
    name: str
    language: str
    country: str
    numbers: tuple[ListedNumber, ...]
    owed: Owed
    kind: Literal["person", "company"] = "person"
    contact_name: str | None = None
    email: str | None = None
    region: str | None = None
    city: str | None = None
    address: str | None = None
    postal_code: str | None = None
    birth_year: int | None = None
    consents: tuple[Agreed, ...] = ()
