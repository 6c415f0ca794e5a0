"""A shipped voice: joins the fewest recorded pieces that together say a text.

It says what its index has and nothing else: a text with one unknown word is left to the next engine.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import soundfile

from audio.assembling import Piece, joined
from audio.packs.index import Pack, covering, load_all
from audio.sound import Sound


def sound(pack: Pack, key: str) -> Sound:
    """One piece, read from the audio file."""
    start, count = pack.lines[key]
    return _piece(pack.audio, pack.revision, start, count)


@lru_cache(maxsize=256)
def _piece(audio: Path, _revision: str, start: int, count: int) -> Sound:
    with soundfile.SoundFile(audio) as file:
        file.seek(start)
        return Sound(file.read(count, dtype="float32"), file.samplerate)


class PackEngine:
    """Speaks from packs: the shipped ones, or those of folders named before them."""

    name = "pack"

    def __init__(self, *folders: Path) -> None:
        self._packs = load_all(*folders)

    @property
    def languages(self) -> list[str]:
        """The languages there are packs for."""
        return sorted(self._packs)

    def identity(self, language: str) -> str:
        """What the cache key must change with."""
        pack = self._packs.get(language)
        return f"pack/{pack.revision}" if pack else "pack/none"

    def can(self, language: str, *, private: bool) -> bool:
        """Whether there is a pack. Nothing leaves the machine, so private words are fine."""
        return language in self._packs

    def covers(self, text: str, language: str) -> bool:
        """Whether the pack alone can say a text."""
        return language in self._packs and covering(self._packs[language], text) is not None

    def speak(self, text: str, language: str) -> Sound | None:
        """The text joined from pieces, or None when a word is missing."""
        pack = self._packs.get(language)
        covered = covering(pack, text) if pack else None
        if pack is None or not covered:
            return None
        return joined(Piece(sound(pack, key), pause) for key, pause in covered)
