"""Money of reports in words: several currencies beside each other, and what is less than a cent with its decimals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency

SMALL = Decimal(1)  # less than one unit of the currency: of a call, say
NONE = "–"


def cash(language: str, amounts: Mapping[str, float]) -> str:
    """Units of each currency; a dash for none."""
    return " + ".join(one_sum(language, amount, currency) for currency, amount in amounts.items()) or NONE


def one_sum(language: str, amount: float | None, currency: str | None) -> str:
    """An amount in units of its currency; a dash for one that is not known."""
    if amount is None or currency is None:
        return NONE
    value = Decimal(str(amount))
    locale = Locale.parse(language, sep="-")
    if 0 < abs(value) < SMALL:
        pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0.00##")
        return format_currency(value, currency, pattern, locale=locale, currency_digits=False)
    return format_currency(value, currency, locale=locale)
