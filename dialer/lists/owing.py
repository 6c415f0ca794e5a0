"""What a record says is owed: amount, its parts, due day, instalment, ways to pay. Contradictions reject the row."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import TypeGuard

from dialer.lists.amounts import CURRENCY_OF_COUNTRY, read_amount
from dialer.lists.cells import Fault
from dialer.lists.cellwise import Cells
from dialer.lists.days import read_day
from dialer.lists.habits import Habits
from dialer.lists.payments import ReadCode, read_code
from dialer.lists.row import Item, ItemKind, Owed, WayToPay
from dialer.lists.words import debt_kind
from ivr_flows.lexicon import LEXICONS

PARTS: tuple[tuple[str, ItemKind], ...] = (("interest", "interest"), ("fine", "fine"), ("fees", "fees"))
CODES = (("pix", "pix"), ("boleto", "boleto"), ("link", "link"))
MOST_INSTALMENTS = 600
LANGUAGE_CURRENCY = {"pt-BR": "BRL", "en-US": "USD", "fr-FR": "EUR"}  # each has words for its own
LONGEST_CONTRACT = 100
_OF = re.compile(r"(\d{1,3})\s*(?:/|\\|-|\bde\b|\bof\b|\bsur\b)\s*(\d{1,3})")
_ALONE = re.compile(r"(\d{1,3})(?:\s*[ªaºoe]|\s*(?:st|nd|rd|th|e|er|ere|eme))?")
_TIMES = re.compile(r"(\d{1,3})\s*x")
_WORDS = re.compile(
    r"(?:parcela|parc\.?|prestacao|prest\.?|presta[cç][aã]o|instal+ment|payment|[eé]ch[eé]ance|mensualit[eé]|p|no|n[ºo°]?)"
    r"[\s:.#]*"
)


class OwedReader:
    """Reads the debt of a record. `habits` is what the columns prove of dates and decimals."""

    def __init__(self, assigned: frozenset[str], habits: Habits) -> None:
        self._habits = habits
        self._has_parts = bool(assigned & {"discount", *(field for field, _ in PARTS)})
        self._codes = [(field, kind) for field, kind in CODES if field in assigned]
        self._has_code = "payment_code" in assigned
        self._has_instalment = bool(assigned & {"instalment", "instalments"})
        self._has_original = "original_amount" in assigned
        self._has_invoice = "invoice" in assigned
        self._has_kind = "debt_kind" in assigned
        self._has_notice = "notice_on" in assigned

    def read(self, cells: Cells, country: str, language: str) -> Owed:
        """The debt; what cannot be used is noted in `cells`."""
        currency = self._currency(cells, country, language)
        amount = self._money(cells, "amount", country, currency) or 0
        original = self._money(cells, "original_amount", country, currency) if self._has_original else None
        items = self._items(cells, country, currency, (amount, original)) if self._has_parts else ()
        due_on = self._due_on(cells, country)
        sums = (amount,) if original is None else (amount, original)
        return Owed(
            contract=cells.short("contract", LONGEST_CONTRACT),
            amount_minor=amount,
            original_minor=original,
            currency=currency,
            due_on=due_on,
            instalment=_instalment_of(cells) if self._has_instalment else "",
            invoice=cells.short("invoice", LONGEST_CONTRACT) or None if self._has_invoice else None,
            kind=cells.want("debt_kind", debt_kind) if self._has_kind else None,
            items=items,
            ways_to_pay=self._ways(cells, country, sums, due_on) if self._codes or self._has_code else (),
            notice_on=self.want_day(cells, "notice_on", country) if self._has_notice else None,
        )

    def want_day(self, cells: Cells, field: str, country: str) -> date | None:
        """An optional day: one that cannot be used is left out."""
        return cells.want(field, lambda text: self._day(cells, field, text, country))

    def _due_on(self, cells: Cells, country: str) -> date:
        text = cells.text("due_date")
        day = self._day(cells, "due_date", text, country) if text else Fault("empty")
        if isinstance(day, Fault):
            cells.fault("due_date", day.reason)
            return date.min
        return day

    def _day(self, cells: Cells, field: str, text: str, country: str) -> date | Fault:
        return read_day(text, country, self._habits.orders.get(cells.place(field), ""))

    def _currency(self, cells: Cells, country: str, language: str) -> str:
        named = cells.text("currency")
        if not named and LANGUAGE_CURRENCY.get(language) == (usual := CURRENCY_OF_COUNTRY.get(country, "")):
            return usual
        currency = named.upper() or CURRENCY_OF_COUNTRY.get(country, "")
        currency = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR"}.get(currency, currency)
        if language and currency not in LEXICONS[language].currencies:
            known = ", ".join(LEXICONS[language].currencies)
            cells.fault("currency", f"no {language} words for it; known: {known}")
        return currency

    def _money(self, cells: Cells, field: str, country: str, currency: str) -> int | None:
        if not (text := cells.text(field)):
            if field == "amount":
                cells.fault(field, "empty")
            return None
        sign = self._habits.decimal_signs.get(cells.place(field), "")
        minor = read_amount(text, country=country, currency=currency, decimal_sign=sign)
        if isinstance(minor, Fault):
            cells.fault(field, minor.reason)
            return None
        return minor

    def _items(self, cells: Cells, country: str, currency: str, sums: tuple[int, int | None]) -> tuple[Item, ...]:
        """What the amount is made of. Parts that do not add up to it reject the row."""
        amount, original = sums
        faults = len(cells.faults)
        items = [Item("principal", original)] if original else []
        for field, kind in PARTS:
            if minor := self._part(cells, field, country, currency):
                items.append(Item(kind, minor))
        if minor := self._part(cells, "discount", country, currency):
            items.append(Item("discount", -minor))
        if not any(item.kind != "principal" for item in items) or len(cells.faults) > faults or not amount:
            return ()
        total = sum(item.minor for item in items)
        if original and total != amount:
            cells.fault("amount", f"its parts add up to {total // 100}.{total % 100:02}: amount or parts are wrong")
        return tuple(items)

    def _part(self, cells: Cells, field: str, country: str, currency: str) -> int | None:
        """One part; zero is none, and a discount may be written below zero."""
        text = cells.text(field)
        if not text.strip("0.,R$€ -"):
            return None
        if field == "discount":
            text = re.sub(r"^\((.*)\)$", r"\1", text).strip("-− ")
        sign = self._habits.decimal_signs.get(cells.place(field), "")
        minor = read_amount(text, country=country, currency=currency, decimal_sign=sign)
        if isinstance(minor, Fault):
            cells.fault(field, minor.reason)
            return None
        return minor

    def _ways(self, cells: Cells, country: str, sums: tuple[int, ...], due_on: date) -> tuple[WayToPay, ...]:
        """Every good code, the best first as the list has them. A code of another debt rejects the row."""
        ways: list[WayToPay] = []
        for field, kind in self._codes:
            code = read_code(kind, cells.text(field))
            self._add_way(cells, ways, (field, f"{field}_expires"), code, (country, sums, due_on))
        if self._has_code:
            code = read_code(cells.text("payment_kind"), cells.text("payment_code"))
            self._add_way(cells, ways, ("payment_code", "payment_expires"), code, (country, sums, due_on))
        return tuple(ways)

    def _add_way(
        self,
        cells: Cells,
        ways: list[WayToPay],
        fields: tuple[str, str],
        code: ReadCode | Fault | None,
        debt: tuple[str, tuple[int, ...], date],
    ) -> None:
        country, sums, due_on = debt
        if code is None:
            return
        if isinstance(code, Fault):
            cells.leave_out(fields[0], code.reason)
            return
        if any(sums) and due_on != date.min and (why := code.contradicts(sums, due_on)):
            cells.fault(fields[0], why)
        expires = cells.text(fields[1])
        expires_on = self._day(cells, fields[1], expires, country) if expires else None
        if isinstance(expires_on, Fault):  # a code whose last day is not known must not be given out
            cells.leave_out(fields[1], f"{expires_on.reason}; the {code.kind} is left out with it")
        elif not any(way.code == code.code for way in ways):
            ways.append(WayToPay(code.kind, code.code, expires_on))


def _instalment_of(cells: Cells) -> str:
    text, total = cells.text("instalment"), cells.text("instalments")
    read = read_instalment(text, total)
    if isinstance(read, Fault):
        cells.fault("instalment" if text else "instalments", read.reason)
        return ""
    return read


@lru_cache(maxsize=4096)
def read_instalment(text: str, total: str = "") -> str | Fault:
    """ "3/12" for the third of twelve, "3" when the total is not said, "12x" when only the total is; "" for none."""
    bare = _WORDS.sub("", " ".join(text.casefold().split()), count=1) if text else ""
    count = re.sub(r"\D", "", total.removesuffix(".0"))
    bare = bare.removesuffix(".0").strip("() ")
    if bare in ("unica", "única", "a vista", "à vista", "single", "unique"):
        return "1/1"
    if found := _OF.fullmatch(bare):
        return _third_of_twelve(int(found[1]), int(found[2]))
    if found := _TIMES.fullmatch(bare):
        return f"{int(found[1])}x"
    if found := _ALONE.fullmatch(bare):
        return _third_of_twelve(int(found[1]), int(count)) if count else _third_of_twelve(int(found[1]), None)
    if not bare:
        return f"{int(count)}x" if count and int(count) else ""
    if re.search(r"\d{4}-\d\d-\d\d|[a-z]{3}", bare):
        return Fault("not an instalment; write 3/12 (a spreadsheet makes a date of it: format the column as text)")
    return Fault("not an instalment; write it like 3/12")


def _third_of_twelve(number: int, total: int | None) -> str | Fault:
    if not _possible(number) or (total is not None and not (_possible(total) and number <= total)):
        return Fault("no such instalment: its number is above their total, or zero")
    return f"{number}/{total}" if total is not None else str(number)


def _possible(number: int | None) -> TypeGuard[int]:
    return number is not None and 1 <= number <= MOST_INSTALMENTS
