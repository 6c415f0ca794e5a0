"""What can be told of a card from its digits: kind, check digit, expiry; and how it is masked. Pure.

Ranges: the issuers' published identification numbers. Check digit: ISO/IEC 7812-1 annex B (Luhn).
"""

from __future__ import annotations

import re
from datetime import date

KINDS = {
    "visa": r"4\d*",
    "mastercard": r"(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d*",
    "amex": r"3[47]\d*",
    "diners-club": r"3(0[0-5]|[68])\d*",
    "jcb": r"35(2[89]|[3-8])\d*",
    "discover": r"6(011|5|4[4-9])\d*",
    "maestro": r"(5018|5020|5038|6304|6759|676[1-3])\d*",
}
LENGTHS = {"amex": 15, "diners-club": 14}
USUAL_LENGTH = 16
DECLINED = frozenset({"4000000000000002", "5555555555554402"})  # accepted in form, refused by the issuer


def kind_of(number: str) -> str:
    """Return the kind of card as <Pay> names it, or "unknown"."""
    return next((kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, number)), "unknown")


def length_of(number: str) -> int:
    """Return how many digits a card that begins like this has."""
    return LENGTHS.get(kind_of(number), USUAL_LENGTH)


def checks(number: str) -> bool:
    """Whether the number is whole and its check digit fits."""
    if not number.isdecimal() or not 12 <= len(number) <= 19:
        return False
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(number)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def runs_until(expiry: str, today: date) -> bool:
    """Whether MMYY is a month that has not passed."""
    if not re.fullmatch(r"(0[1-9]|1[0-2])\d\d", expiry):
        return False
    return (2000 + int(expiry[2:]), int(expiry[:2])) >= (today.year, today.month)


def masked(number: str) -> str:
    """Return the number with all but its last four digits struck out."""
    return "x" * (len(number) - 4) + number[-4:]
