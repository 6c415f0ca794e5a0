"""What is shown of the cells of somebody's file: enough to see what kind of thing they are, not whose. Pure."""

from __future__ import annotations

import re

from dialer.rules import masking

NAMES = frozenset(("name", "first_name", "last_name", "contact_name"))
HIDDEN = frozenset(("address", "house_number", "address_extra", "district", "payment_code", "pix", "boleto", "link"))
CODES = frozenset(("key", "document", "company_document", "contract", "invoice", "reference"))
MANY_DIGITS = 7
LONGEST = 40
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}", re.ASCII)  # birthdays look so too


def veiled(field: str, value: str) -> str:
    """A cell of a column that is taken for `field` ("": for nothing), as it may be shown."""
    kind = field.rstrip("0123456789")
    value = value.strip()
    if kind in NAMES:
        return masking.name(value)
    if kind in HIDDEN:
        return masking.HIDDEN
    if "@" in value:
        return masking.email(value)
    if not kind and _DAY.fullmatch(value):
        return re.sub(r"(?<!\d)\d{1,2}(?!\d)", "••", value)
    digits = sum(sign.isdigit() for sign in value)
    if kind in CODES or kind in ("phone", "extension") or (digits >= MANY_DIGITS and not _is_day_or_amount(kind)):
        return _shape(value)[:LONGEST]
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"


def _is_day_or_amount(kind: str) -> bool:
    return kind.endswith(("amount", "_date", "_on", "_expires")) or kind in ("interest", "fine", "fees", "discount")


def _shape(value: str) -> str:
    """Its first two and last two letters and digits, and every sign between: "(11) 9••••-••02"."""
    places = [found.start() for found in re.finditer(r"\w", value)]
    kept = {*places[:2], *places[-2:]} if len(places) > 5 else set(places[:1])
    return "".join("•" if one in places and one not in kept else sign for one, sign in enumerate(value))
