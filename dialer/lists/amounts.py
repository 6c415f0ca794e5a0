"""Amounts as people write them -> minor units. What could be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from dialer.lists.cells import Fault

CURRENCY_OF_COUNTRY = {"BR": "BRL", "US": "USD", "FR": "EUR"}
LARGEST = Decimal(1_000_000_000)  # a private debt above this is a mistake of the file
SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+", re.ASCII)

_SIGNS = {"R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR"}
_SIGN = r"(?:R\$|US\$|\$|€|[A-Z]{3})"
_WRITTEN = re.compile(rf"(?P<before>{_SIGN})?\s*(?P<number>[\d.,' ]*\d)\s*(?P<after>{_SIGN})?", re.ASCII)
_CENTS = re.compile(r"(?:(\d{1,3}(?:\.\d{3}){0,2}|\d{1,9}),|(\d{1,3}(?:,\d{3}){0,2}|\d{1,9})\.)(\d\d)", re.ASCII)
_PLAIN = re.compile(r"\d+(?:[.,]\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?P<group>[., '])\d{3}(?:(?P=group)\d{3})*(?:(?!(?P=group))[.,]\d{1,2})?", re.ASCII)
_ONE_GROUP = re.compile(r"\d{1,3}([.,])\d{3}", re.ASCII)
_NOISE = re.compile(r"\d+[.,]\d{3,}", re.ASCII)
_PROOF = re.compile(r"[^\d]*\d[\d.,' ]*?([.,])(\d\d?)[^\d.,]*", re.ASCII)
_GROUPS_BY = {"BR": ".", "US": ","}  # elsewhere the sign between three digits is not settled by custom


def read_amount(text: str, *, country: str, currency: str, decimal_sign: str = "") -> int | Fault:
    """Minor units of `currency` (two decimals). `1.234` is a thousand in Brazil, refused elsewhere, unless the rest
    of the column proves its `decimal_sign`: then the other sign parts thousands.

    A currency sign that contradicts `currency`, zero, negative values and more than two decimals are refused.
    """
    if usual := _CENTS.fullmatch(text):  # nearly every cell: two decimals behind the other sign
        return int((usual[1] or usual[2]).replace(".", "").replace(",", "") + usual[3]) or _zero()
    found = _WRITTEN.fullmatch(re.sub(r"\s", " ", text).strip().upper())
    if found is None:
        return _no_amount(text)
    for sign in filter(None, (found["before"], found["after"])):
        if _SIGNS.get(sign, sign) != currency:
            return Fault(f"it is written in {sign}, but the debt is in {currency}; name the currency in a column")
    number = _decimal(found["number"].strip(), country, decimal_sign)
    if isinstance(number, Fault):
        return number
    if number == 0:
        return _zero()
    if number > LARGEST:
        return Fault(f"more than {LARGEST:,}; check the decimals")
    return int(number * 100)


def proven_decimal_sign(text: str) -> str:
    """The decimal sign that a cell proves ("." or ","): one or two digits behind it. Else nothing."""
    found = _PROOF.fullmatch(text)
    return found[1] if found else ""


def _zero() -> Fault:
    return Fault("zero: there is nothing to collect")


def _no_amount(text: str) -> Fault:
    bare = text.strip()
    if SCIENTIFIC.fullmatch(bare):
        return Fault("a spreadsheet shortened it (like 1,5E+05); give the column a number format with two decimals")
    if bare[:1] in ("-", "(", "−") or bare[-1:] in ("-", "−"):
        return Fault("negative, which is money owed to the person, not by them; an amount is above zero")
    return Fault("not an amount; write it like 1234.56 or 1.234,56, above zero")


def _decimal(number: str, country: str, decimal_sign: str) -> Decimal | Fault:
    if alone := _ONE_GROUP.fullmatch(number):
        if decimal_sign == alone[1]:
            return _too_fine()
        if not decimal_sign and _GROUPS_BY.get(country) != alone[1]:
            return Fault("thousands or decimals? write it with two decimals, like 1234.00")
        return Decimal(number.replace(alone[1], ""))
    if _PLAIN.fullmatch(number):
        return Decimal(number.replace(",", "."))
    if grouped := _GROUPED.fullmatch(number):
        return Decimal(number.replace(grouped["group"], "").replace(",", "."))
    if _NOISE.fullmatch(number):
        return _too_fine()
    return Fault("its points and commas make no amount; write it like 1234.56 or 1.234,56")


def _too_fine() -> Fault:
    return Fault("more than two decimals; round it in the list")
