"""Records of the files that change a list - updates, withdrawals, payments - as clean values. Pure.

Whose debt a record speaks of is found by `dialer.store.debts`; here nothing is looked up.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeVar

import yaml

from dialer.errors import BadInput
from dialer.lists.amounts import CURRENCY_OF_COUNTRY, read_amount
from dialer.lists.cells import Fault, Reject
from dialer.lists.days import read_day
from dialer.lists.documents import read_document
from dialer.lists.headings import NO_COLUMN, numbered, plain
from dialer.lists.payments import read_payment
from dialer.lists.row import WayToPay
from dialer.lists.table import Line
from dialer.rules.phone_numbers import PhoneNumber, Rejected, read

T = TypeVar("T")
Kind = Literal["update", "withdraw", "payments"]

LONGEST = {"key": 100, "contract": 100, "instalment": 20, "reference": 80, "email": 200}
IDENTIFYING = ("contract", "key", "document")
NEEDED: dict[Kind, tuple[str, ...]] = {"update": (), "withdraw": (), "payments": ("amount",)}


@dataclass(frozen=True, slots=True)
class Whose:
    """What a record says of the debt it means: at least one of contract, the creditor's key and document."""

    contract: str = ""
    instalment: str = ""
    key: str | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Out of collection. `reason`: paid, recalled, cancelled, renegotiated, other."""

    line: int
    whose: Whose
    reason: str = "other"


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that the creditor received. `reference` is the creditor's; `made_up`: it stands for the record."""

    line: int
    whose: Whose
    minor: int
    currency: str
    paid_on: date
    reference: str
    method: str | None = None
    made_up: bool = False


@dataclass(frozen=True, slots=True)
class Restated:
    """What is new of a debt and its person; None and empty: nothing new."""

    line: int
    whose: Whose
    amount_minor: int | None = None
    original_minor: int | None = None
    currency: str = ""
    due_on: date | None = None
    ways_to_pay: tuple[WayToPay, ...] = ()
    notice_on: date | None = None
    email: str | None = None
    numbers: tuple[PhoneNumber, ...] = ()


Change = Withdrawn | Paid | Restated


def assign(kind: Kind, columns: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Field -> place of its column; `chosen` goes first ("-": none). BadInput where a needed column is missing."""
    headings = _headings(kind)
    without = {_known(kind, field) for field, heading in chosen.items() if heading.strip() in ("", NO_COLUMN)}
    found = {_known(kind, field): _place(columns, chosen[field]) for field in chosen if field not in without}
    for field, synonyms in headings.items():
        if field not in found and field not in without:
            place = _guess(columns, synonyms, taken=set(found.values()))
            if place is not None:
                found[field] = place
    _must_identify(kind, columns, found)
    return found


def fields(kind: Kind) -> tuple[str, ...]:
    """Every field that a column of such a file can be."""
    return tuple(_headings(kind))


class ChangeReader:
    """Reads the records of one file. `country` says how days and amounts are written (ISO 3166)."""

    def __init__(self, kind: Kind, columns: Sequence[str], assigned: Mapping[str, int], *, country: str) -> None:
        self._kind = kind
        self._columns = columns
        self._assigned = dict(assigned)
        self._country = country

    def read(self, line: Line, today: date) -> tuple[Change | None, list[Reject]]:
        """The change, or None, and every cell that was not used. `today` stands for a payment's missing day."""
        if len(line.cells) != len(self._columns):
            what = (
                f"{len(line.cells)} cells under {len(self._columns)} headings; a cell with the delimiter needs quotes"
            )
            return None, [Reject(line.number, "", "", what)]
        record = _Record(line, self._columns, self._assigned, self._country)
        change = record.change(self._kind, today)
        return change, record.rejects(row_loaded=change is not None)


class _Record:
    """The cells of one record by field; faults are gathered, so that all are seen at once."""

    def __init__(self, line: Line, columns: Sequence[str], assigned: Mapping[str, int], country: str) -> None:
        self._line = line
        self._columns = columns
        self._assigned = assigned
        self._country = country
        self._faults: list[tuple[str, str]] = []
        self._left_out: list[tuple[str, str]] = []

    def change(self, kind: Kind, today: date) -> Change | None:
        whose = self._whose()
        change: Change
        match kind:
            case "withdraw":
                change = Withdrawn(self._line.number, whose, meaning("reasons", self._text("reason")) or "other")
            case "payments":
                change = self._paid(whose, today)
            case "update":
                change = self._restated(whose)
        return None if self._faults else change

    def rejects(self, *, row_loaded: bool) -> list[Reject]:
        return [
            Reject(self._line.number, self._heading(field), self._text(field), reason, row_loaded)
            for field, reason in [*self._faults, *self._left_out]
        ]

    def _whose(self) -> Whose:
        whose = Whose(
            contract=self._short("contract"),
            instalment=self._short("instalment"),
            key=self._short("key") or None,
            document=self._read("document", lambda text: read_document(text, self._country)),
        )
        if whose.instalment and not whose.contract:
            self._fault("instalment", "an instalment of which contract? give the contract as well")
        if not self._faults and not (whose.contract or whose.key or whose.document):
            field = next(one for one in IDENTIFYING if one in self._assigned)
            self._fault(field, "empty: nothing says whose debt it is")
        return whose

    def _paid(self, whose: Whose, today: date) -> Paid:
        if not self._text("amount"):
            self._fault("amount", "empty: how much was paid?")
        reference, paid_on = self._short("reference"), self._day("paid_on")
        if not reference and paid_on is None and not self._faults:
            field = "paid_on" if "paid_on" in self._assigned else "reference"
            self._fault(field, "neither a reference nor a day: a second reading would take it for another payment")
        if paid_on is not None and paid_on > today:
            self._fault("paid_on", "this day has not come yet")
        minor = self._money("amount") or 0
        made_up = reference or _digest(whose, minor, paid_on, self._text("method"))
        return Paid(
            line=self._line.number,
            whose=whose,
            minor=minor,
            currency=self._currency(),
            paid_on=paid_on or today,
            reference=made_up,
            method=meaning("methods", self._text("method")),
            made_up=not reference,
        )

    def _restated(self, whose: Whose) -> Restated:
        restated = Restated(
            line=self._line.number,
            whose=whose,
            amount_minor=self._money("amount"),
            original_minor=self._money("original_amount"),
            currency=self._currency(),
            due_on=self._day("due_date"),
            ways_to_pay=self._ways_to_pay(),
            notice_on=self._day("notice_date"),
            email=self._email(),
            numbers=self._numbers(),
        )
        if not self._faults and not self._left_out and not _says_anything(restated):
            self._fault("contract", "nothing to change: every other cell of the row is empty")
        return restated

    def _ways_to_pay(self) -> tuple[WayToPay, ...]:
        expires_on = self._day("payment_expires")
        match read_payment(self._text("payment_kind"), self._text("payment_code")):
            case Fault(reason=reason):
                self._fault("payment_code" if self._text("payment_code") else "payment_kind", reason)
                return ()
            case None:
                return ()
            case (kind, code):
                return (WayToPay(kind, code, expires_on),)

    def _numbers(self) -> tuple[PhoneNumber, ...]:
        if not (text := self._text("phone")):
            return ()
        match read(text, self._country):
            case PhoneNumber() as number:
                return (number,)
            case Rejected(reason=reason):
                self._left_out.append(("phone", reason))
        return ()

    def _email(self) -> str | None:
        email = self._short("email")
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            self._left_out.append(("email", "not an e-mail address"))
            return None
        return email or None

    def _currency(self) -> str:
        return self._text("currency").upper() or CURRENCY_OF_COUNTRY.get(self._country, "")

    def _money(self, field: str) -> int | None:
        return self._read(field, lambda text: read_amount(text, country=self._country, currency=self._currency()))

    def _day(self, field: str) -> date | None:
        return self._read(field, lambda text: read_day(text, self._country))

    def _read(self, field: str, reading: Callable[[str], T | Fault]) -> T | None:
        if not (text := self._text(field)):
            return None
        match reading(text):
            case Fault(reason=reason):
                self._fault(field, reason)
                return None
            case value:
                return value

    def _short(self, field: str) -> str:
        text = " ".join(self._text(field).split())
        if len(text) > LONGEST.get(field, 100):
            self._fault(field, f"longer than {LONGEST.get(field, 100)} characters")
        return text

    def _fault(self, field: str, reason: str) -> None:
        self._faults.append((field, reason))

    def _text(self, field: str) -> str:
        place = self._assigned.get(field)
        return "" if place is None else self._line.cells[place].strip()

    def _heading(self, field: str) -> str:
        place = self._assigned.get(field)
        return field if place is None else self._columns[place]


def meaning(section: Literal["reasons", "methods"], text: str) -> str | None:
    """What the words of a reason or a method mean here; None when they fit nothing."""
    words = set(plain(text).split())
    known = _data()[section].items()
    return next((kind for kind, synonyms in known if kind in words or words.intersection(synonyms)), None)


def same_instalment(given: str, known: str) -> bool:
    """Whether two ways of writing an instalment mean one: "3", "03" and "3/12" do, "3/12" and "3/10" do not."""
    first, second = _counted(given), _counted(known)
    return first[0] == second[0] and ("" in (first[1], second[1]) or first[1] == second[1])


def _counted(text: str) -> tuple[str, str]:
    numbers = re.findall(r"\d+", text)
    if not 1 <= len(numbers) <= 2:
        return text.strip().casefold(), ""
    return numbers[0].lstrip("0"), numbers[1].lstrip("0") if len(numbers) == 2 else ""


def _digest(whose: Whose, minor: int, paid_on: date | None, method: str) -> str:
    """What stands for a payment without a reference: the same record is the same payment, whatever file it is in."""
    parts = (whose.contract, whose.instalment, whose.key or "", whose.document or "", minor, paid_on, method)
    return "record:" + hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def _says_anything(restated: Restated) -> bool:
    names = ("amount_minor", "original_minor", "due_on", "notice_on", "email", "ways_to_pay", "numbers")
    return any(getattr(restated, name) for name in names)


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "changes.yaml").read_text("utf-8"))
    return loaded


@cache
def _headings(kind: Kind) -> dict[str, tuple[str, ...]]:
    known = _data()["whose"] | _data()[kind]
    return {field: (plain(field), *map(plain, map(str, synonyms))) for field, synonyms in known.items()}


def _known(kind: Kind, field: str) -> str:
    if field not in _headings(kind):
        raise BadInput(f'--map: there is no field "{field}". The fields are {", ".join(_headings(kind))}')
    return field


def _place(columns: Sequence[str], heading: str) -> int:
    if (place := numbered(columns, heading)) is not None:
        return place
    found = [place for place, column in enumerate(columns) if plain(column) == plain(heading)]
    if len(found) == 1:
        return found[0]
    what = "several columns" if found else "no column"
    raise BadInput(f'--map: there is {what} "{heading}". The columns are: {", ".join(columns)}')


def _guess(columns: Sequence[str], synonyms: Sequence[str], *, taken: set[int]) -> int | None:
    names = [plain(column) for column in columns]
    for synonym in synonyms:
        found = [place for place, name in enumerate(names) if name == synonym and place not in taken]
        if found:
            return found[0]
    return None


def _must_identify(kind: Kind, columns: Sequence[str], found: Mapping[str, int]) -> None:
    missing = [field for field in NEEDED[kind] if field not in found]
    if not any(field in found for field in IDENTIFYING):
        missing.insert(0, "contract (or key, or document)")
    if kind == "payments" and not {"paid_on", "reference"} & found.keys():
        missing.append("paid_on (or reference)")
    if missing:
        raise BadInput(
            f"No column for {', '.join(missing)}. The columns are: {', '.join(columns)}."
            f" Say which is which: --map {missing[0].split()[0]}=COLUMN"
        )
