"""Amounts as people type them. Pure."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

from dialer.errors import BadInput

_SEPARATED = re.compile(r"^(.*?)(?:[.,](\d{1,2}))?$")


def minor_of(text: str, currency: str) -> int:
    """An amount as people write it (1.284,90 or 1,284.90 or 1284.9) in minor units; BadInput when it is none.

    The last point or comma before one or two digits begins the decimals; all others part thousands.
    """
    if not re.search(r"\d", text):
        raise BadInput("The amount cannot be read. Write it like 150,00")
    bare = re.sub(r"[^\d.,]", "", text)
    matched = _SEPARATED.match(bare)
    whole, cents = (matched[1], matched[2] or "") if matched else ("", "")
    try:
        value = Decimal(re.sub(r"[.,]", "", whole) + "." + (cents or "0"))
    except InvalidOperation:
        raise BadInput("The amount cannot be read. Write it like 150,00") from None
    return int(value.scaleb(get_currency_precision(currency)))
