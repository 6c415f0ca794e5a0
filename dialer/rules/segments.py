"""How many parts a text message is sent in, and so what it costs. Counts only; a text is never changed.

GSM 03.38 (3GPP TS 23.038, section 6.2.1) where every character is in it, else UCS-2. A message of several parts
gives up room in each for the header that joins them. What takes two units is never split between two parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

BODY_LIMIT = 1600  # characters; the carrier refuses more (https://www.twilio.com/docs/api/errors/21617)
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two units
ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone; in each of several


@dataclass(frozen=True, slots=True)
class Size:
    """The encoding of a text, its length in units of that encoding, and its parts."""

    encoding: Encoding
    units: int
    segments: int


def size_of(text: str) -> Size:
    """The size of a text as it goes over the air. No text is one empty part."""
    encoding: Encoding = "GSM-7" if all(one in BASIC or one in EXTENDED for one in text) else "UCS-2"
    widths = [_width(one, encoding) for one in text]
    alone, each = ROOM[encoding]
    units = sum(widths)
    return Size(encoding, units, 1 if units <= alone else _parts(widths, each))


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1  # a surrogate pair of UTF-16


def _parts(widths: Sequence[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
