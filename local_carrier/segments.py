"""How many parts a text message is sent in. Pure: GSM 7-bit where it can be (3GPP TS 23.038), else UCS-2."""

from __future__ import annotations

from collections.abc import Iterable

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")  # each is sent as an escape and a character
SEPTETS_ALONE, SEPTETS_JOINED = 160, 153
UNITS_ALONE, UNITS_JOINED = 70, 67


def segments(text: str) -> int:
    """Count the parts: 160/153 septets in GSM-7, 70/67 UTF-16 units otherwise; no character is split over two."""
    if all(character in BASIC or character in EXTENDED for character in text):
        return _parts((2 if c in EXTENDED else 1 for c in text), SEPTETS_ALONE, SEPTETS_JOINED)
    return _parts((len(c.encode("utf-16-le")) // 2 for c in text), UNITS_ALONE, UNITS_JOINED)


def _parts(sizes: Iterable[int], alone: int, joined: int) -> int:
    widths = list(sizes)
    if sum(widths) <= alone:
        return 1
    parts, room = 1, joined
    for width in widths:
        if width > room:
            parts, room = parts + 1, joined
        room -= width
    return parts
