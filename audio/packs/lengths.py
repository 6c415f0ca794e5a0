"""How long words take, told from the index of a shipped voice. No sound is read or made."""

from __future__ import annotations

from functools import cache

from audio.packs import index

_SIGNS_PER_SECOND = 14.0  # of unhurried speech, for words that no shipped voice has


@cache
def seconds(language: str, text: str) -> float:
    """Seconds that the shipped voice takes for a text, inner pauses included; an estimate where it lacks a word."""
    if not text.strip():
        return 0.0
    pack = _shipped().get(language)
    known = index.seconds(pack, text) if pack else None
    return len(text) / _SIGNS_PER_SECOND if known is None else known


_shipped = cache(index.load_all)
