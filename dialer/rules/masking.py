"""What is shown of numbers, names, documents and addresses to those who need not know them. Pure.

Agents see what they need on their screens; managers and auditors see the masked forms unless they say why they need
more, which goes on record. `last_resort` is for logs: what should never have been given to them.
"""

from __future__ import annotations

import re
from typing import Any

from dialer.rules.phone_numbers import mask as number

HIDDEN = "•••"
# A number as E.164 with its plus, and runs of digits as documents have them (CPF 11, CNPJ 14, with their dots).
_TELEPHONE = re.compile(r"(?<![\w+])\+[1-9]\d{7,14}(?!\d)")
_DOCUMENT = re.compile(r"(?<![\w.-])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})(?![\w-])")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_US_DOCUMENT = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")

__all__ = ["document", "email", "last_resort", "name", "number"]


def name(full: str) -> str:
    """The first letter of each word: "M••• S•••"."""
    return " ".join(word[0] + HIDDEN for word in full.split())


def document(text: str) -> str:
    """The last two characters: "•••34"."""
    return HIDDEN + text[-2:] if len(text) > 4 else HIDDEN


def email(address: str) -> str:
    """The first letter and the domain's ending: "m•••@•••.br"."""
    user, _, domain = address.partition("@")
    return f"{user[:1]}{HIDDEN}@{HIDDEN}.{domain.rpartition('.')[2]}"


def last_resort(value: Any) -> Any:
    """A text, or a structure of texts, without what looks like a telephone number, a document or an e-mail."""
    if isinstance(value, str):
        value = _TELEPHONE.sub(lambda found: number(found[0]), value)
        value = _EMAIL.sub(lambda found: email(found[0]), value)
        return _US_DOCUMENT.sub(HIDDEN, _DOCUMENT.sub(HIDDEN, value))
    if isinstance(value, dict):
        return {name_: last_resort(one) for name_, one in value.items()}
    return [last_resort(one) for one in value] if isinstance(value, list | tuple) else value
