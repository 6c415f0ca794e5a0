"""Numbers of rows as addresses and forms write them. What no row can have is told from what is not found: neither
may reach the database, which refuses figures that it cannot hold.
"""

from __future__ import annotations

LONGEST = 18  # digits that every database's key can hold


def row_id(text: str) -> int | None:
    """The number of a row, 1 or more; None for any other text."""
    plain = text.isascii() and text.isdigit() and len(text) <= LONGEST
    return (int(text) or None) if plain else None


def too_large(value: object) -> bool:
    """Whether part of an address is a number that no row can have."""
    text = str(value).removeprefix("-")
    return text.isdigit() and len(text) > LONGEST
