"""Amounts as people write them -> minor units. What could be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from dialer.lists.cells import Fault

CURRENCY_OF_COUNTRY = {"BR": "BRL", "US": "USD", "FR": "EUR"}
LARGEST = Decimal(1_000_000_000)  # a private debt above this is a mistake of the file

_SIGNS = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR"}
_SIGN = r"(?:R\$|US\$|\$|€|[A-Z]{3})"
_WRITTEN = re.compile(rf"(?P<before>{_SIGN})?\s*(?P<number>[\d.,' ]*\d)\s*(?P<after>{_SIGN})?", re.ASCII)
_PLAIN = re.compile(r"\d+(?:[.,]\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?P<group>[., '])\d{3}(?:(?P=group)\d{3})*(?:(?!(?P=group))[.,]\d{1,2})?", re.ASCII)
_ONE_GROUP = re.compile(r"\d{1,3}([.,])\d{3}")
_GROUPS_BY = {"BR": ".", "US": ","}  # elsewhere the sign between three digits is not settled by custom


def read_amount(text: str, *, country: str, currency: str) -> int | Fault:
    """Minor units of `currency` (two decimals). `1.234` is a thousand in Brazil, refused elsewhere.

    A currency sign that contradicts `currency`, zero, negative values and more than two decimals are refused.
    """
    found = _WRITTEN.fullmatch(re.sub(r"\s", " ", text).strip().upper())
    if found is None:
        return Fault("not an amount; write it like 1234.56 or 1.234,56, above zero")
    for sign in filter(None, (found["before"], found["after"])):
        if _SIGNS.get(sign, sign) != currency:
            return Fault(f"it is written in {sign}, but the debt is in {currency}; name the currency in a column")
    number = _decimal(found["number"].strip(), country)
    if isinstance(number, Fault):
        return number
    if number == 0:
        return Fault("zero: there is nothing to collect")
    if number > LARGEST:
        return Fault(f"more than {LARGEST:,}; check the decimals")
    return int(number * 100)


def _decimal(number: str, country: str) -> Decimal | Fault:
    if alone := _ONE_GROUP.fullmatch(number):
        if _GROUPS_BY.get(country) != alone[1]:
            return Fault("thousands or decimals? write it with two decimals, like 1234.00")
        return Decimal(number.replace(alone[1], ""))
    if _PLAIN.fullmatch(number):
        return Decimal(number.replace(",", "."))
    if grouped := _GROUPED.fullmatch(number):
        return Decimal(number.replace(grouped["group"], "").replace(",", "."))
    return Fault("its points and commas make no amount; write it like 1234.56 or 1.234,56")
