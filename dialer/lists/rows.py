"""One record of a list -> one clean row (a person, their numbers, a debt), or the cells that forbid it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from dialer.lists.amounts import CURRENCY_OF_COUNTRY, read_amount
from dialer.lists.cells import Fault, Reject
from dialer.lists.days import read_day, read_year
from dialer.lists.documents import read_document
from dialer.lists.headings import phone_fields
from dialer.lists.payments import read_payment
from dialer.lists.row import ListedNumber, Owed, Row, WayToPay
from dialer.lists.table import Line
from dialer.rules.phone_numbers import PhoneNumber, Rejected, read
from dialer.rules.places import zones_of_region
from ivr_flows.lexicon import LEXICONS

T = TypeVar("T")

LANGUAGE_OF_COUNTRY = {"BR": "pt-BR", "US": "en-US", "FR": "fr-FR"}
LONGEST = {"key": 100, "name": 200, "city": 100, "contract": 100}
# Category Cc but for the white space that is folded, and what XML 1.0 (section 2.2) cannot carry to the voice.
UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
POSTAL_DIGITS = {"BR": (8,), "US": (5, 9), "FR": (5,)}


class RowReader:
    """Reads the records of one file. `country` is the default where a row names none (ISO 3166)."""

    def __init__(self, columns: Sequence[str], assigned: Mapping[str, int], country: str | None) -> None:
        self._columns = columns
        self._assigned = dict(assigned)
        self._phones = phone_fields(assigned)
        self._country = country

    def read(self, line: Line) -> tuple[Row | None, list[Reject]]:
        """The row, or None, and every cell that was not used."""
        if len(line.cells) != len(self._columns):
            what = (
                f"{len(line.cells)} cells under {len(self._columns)} headings; a cell with the delimiter needs quotes"
            )
            return None, [Reject(line.number, "", "", what)]
        record = _Record(line, self._columns, self._assigned)
        row = record.row(self._phones, self._country)
        loaded = row is not None
        return row, record.rejects(row_loaded=loaded)


class _Record:
    """The cells of one record by field; faults are gathered, so that all are seen at once."""

    def __init__(self, line: Line, columns: Sequence[str], assigned: Mapping[str, int]) -> None:
        self._line = line
        self._columns = columns
        self._assigned = assigned
        self._faults: list[tuple[str, str]] = []
        self._left_out: list[tuple[str, str]] = []

    def row(self, phones: Sequence[str], default_country: str | None) -> Row | None:
        self._refuse_unspeakable()
        country = self._country(phones, default_country)
        numbers = self._numbers(phones, country)
        if self._faults:  # without a country, or with a broken cell, nothing else can be read
            return None
        country = country or numbers[0].number.country
        language = self._language(country)
        row = Row(
            line=self._line.number,
            key=self._short("key") or None,
            document=self._read("document", lambda text: read_document(text, country)),
            name=self._needed("name"),
            language=language,
            country=country,
            region=self._read("region", lambda text: _region(text, country)),
            city=self._short("city") or None,
            postal_code=self._read("postal_code", lambda text: _postal_code(text, country)),
            birth_year=self._read("birth_year", read_year),
            numbers=numbers,
            owed=self._owed(country, language),
        )
        if not (row.key or row.document or row.owed.contract):
            self._fault("key" if "key" in self._assigned else "document", "nothing says whose row it is")
        return None if self._faults else row

    def rejects(self, *, row_loaded: bool) -> list[Reject]:
        found = [*self._faults, *self._left_out]
        return [
            Reject(self._line.number, self._heading(field), self._text(field), reason, row_loaded)
            for field, reason in found
        ]

    def _refuse_unspeakable(self) -> None:
        for field in self._assigned:
            if found := UNSPEAKABLE.search(self._text(field)):
                code = f"U+{ord(found.group()):04X}"
                self._fault(field, f"a control character ({code}), which nobody can say or read; delete it")

    def _country(self, phones: Sequence[str], default: str | None) -> str | None:
        country = (self._text("country") or default or "").upper()
        if not country and any(self._text(field).startswith("+") for field in phones):
            return None  # the number tells
        if not re.fullmatch(r"[A-Z]{2}", country):
            self._fault("country", "no country: give a code of two letters in a column, or --country for all rows")
        return country

    def _numbers(self, phones: Sequence[str], country: str | None) -> tuple[ListedNumber, ...]:
        """The usable numbers in order of rank; an unusable one is left out as long as another is left."""
        if self._faults:
            return ()
        usable: dict[str, ListedNumber] = {}
        for field in phones:
            if not (text := self._text(field)):
                continue
            match read(text, country or "ZZ"):
                case PhoneNumber() as number:
                    usable.setdefault(number.e164, ListedNumber(number, number.line_type))
                case Rejected(reason=reason):
                    self._left_out.append((field, reason))
        if not usable and not self._left_out:
            self._fault(phones[0], "no telephone number")
        elif not usable:
            self._faults, self._left_out = self._left_out, []
        return tuple(usable.values())

    def _language(self, country: str) -> str:
        wanted = self._text("language").replace("_", "-")
        if not wanted:
            found = LANGUAGE_OF_COUNTRY.get(country)
            if found is None:
                self._fault("language", f"no language is known for {country}: name one in a column")
            return found or ""
        tongue = wanted.partition("-")[0].casefold()
        same = [language for language in LEXICONS if language.partition("-")[0] == tongue]
        if not same:
            self._fault("language", f"not spoken here; the languages are {', '.join(LEXICONS)}")
        return same[0] if same else ""

    def _owed(self, country: str, language: str) -> Owed:
        currency = self._text("currency").upper() or CURRENCY_OF_COUNTRY.get(country, "")
        if language and currency not in LEXICONS[language].currencies:
            self._fault("currency", f"no {language} words for it; known: {', '.join(LEXICONS[language].currencies)}")
        self._needed("amount")
        self._needed("due_date")
        return Owed(
            contract=self._short("contract"),
            amount_minor=self._read("amount", lambda text: read_amount(text, country=country, currency=currency))
            or 0,
            original_minor=self._read(
                "original_amount", lambda text: read_amount(text, country=country, currency=currency)
            ),
            currency=currency,
            due_on=self._read("due_date", lambda text: read_day(text, country)) or date.min,
            ways_to_pay=self._ways_to_pay(country),
        )

    def _ways_to_pay(self, country: str) -> tuple[WayToPay, ...]:
        expires_on = self._read("payment_expires", lambda text: read_day(text, country))
        match read_payment(self._text("payment_kind"), self._text("payment_code")):
            case Fault(reason=reason):
                self._fault("payment_code" if self._text("payment_code") else "payment_kind", reason)
                return ()
            case None:
                return ()
            case (kind, code):
                return (WayToPay(kind, code, expires_on),)

    def _read(self, field: str, reading: Callable[[str], T | Fault]) -> T | None:
        text = self._text(field)
        if not text:
            return None
        match reading(text):
            case Fault(reason=reason):
                self._fault(field, reason)
                return None
            case value:
                return value

    def _needed(self, field: str) -> str:
        if not self._text(field):
            self._fault(field, "empty")
        return self._short(field)

    def _short(self, field: str) -> str:
        text = " ".join(self._text(field).split())
        if len(text) > LONGEST.get(field, 200):
            self._fault(field, f"longer than {LONGEST.get(field, 200)} characters")
        return text

    def _fault(self, field: str, reason: str) -> None:
        self._faults.append((field, reason))

    def _text(self, field: str) -> str:
        place = self._assigned.get(field)
        return "" if place is None else self._line.cells[place]

    def _heading(self, field: str) -> str:
        place = self._assigned.get(field)
        return field if place is None else self._columns[place]


def _region(text: str, country: str) -> str | Fault:
    """The code of a state without its country: "BR-SP" and "sp" are "SP"."""
    code = text.upper().removeprefix(f"{country}-")
    if len(code) > 10 or (country in ("BR", "US") and not zones_of_region(country, code)):
        return Fault(f"not a state of {country} that is known; write its code, like SP, NY or 75")
    return code


def _postal_code(text: str, country: str) -> str | Fault:
    digits = re.sub(r"\D", "", text)
    wanted = POSTAL_DIGITS.get(country)
    if wanted and len(digits) not in wanted:
        return Fault(f"{len(digits)} digits; in {country} it has {' or '.join(map(str, wanted))}")
    return text if len(text) <= 16 else Fault("longer than 16 characters")
