"""A shipped voice: finds the fewest recorded pieces that together say a text, and joins them.

A pack is `{language}.opus` (every piece one after another) and `{language}.json` (where each piece lies).
It says what it has and nothing else: a text with one unknown word is left to the next engine.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import soundfile

from audio import words
from audio.assembling import CLAUSE_PAUSE, SENTENCE_PAUSE, Piece, joined
from audio.sound import Sound

SHIPPED = Path(__file__).parent
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")


@dataclass(frozen=True, slots=True)
class Pack:
    """The index of one language: key -> (first sample, samples) in the audio file, and the longest key in words."""

    audio: Path
    revision: str
    rate: int
    lines: dict[str, tuple[int, int]]
    longest: int

    @classmethod
    def load(cls, path: Path) -> Pack:
        """Read an index. Raises ValueError naming the file when it is not one."""
        raw = path.read_bytes()
        try:
            index = json.loads(raw)
            lines = {key: (int(line["start"]), int(line["samples"])) for key, line in index["lines"].items()}
            rate = int(index["rate"])
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"{path} is not the index of a voice pack ({fault!r}). Render it again.") from fault
        longest = max((len(key.split()) for key in lines), default=0)
        revision = hashlib.sha256(raw).hexdigest()[:12]
        return cls(path.with_suffix(".opus"), revision, rate, lines, longest)

    def cover(self, tokens: tuple[str, ...]) -> list[str] | None:
        """The fewest keys that spell the tokens in order (the longest first among equals), or None."""
        best: list[list[str] | None] = [None] * len(tokens) + [[]]
        for start in reversed(range(len(tokens))):
            for end in range(min(len(tokens), start + self.longest), start, -1):
                rest, key = best[end], " ".join(tokens[start:end])
                shorter = rest is not None and (best[start] is None or len(rest) + 1 < len(best[start] or ()))
                if rest is not None and shorter and key in self.lines:
                    best[start] = [key, *rest]
        return best[0]

    def sound(self, key: str) -> Sound:
        """One piece, read from the audio file."""
        start, count = self.lines[key]
        return _piece(self.audio, self.revision, start, count)


@lru_cache(maxsize=256)
def _piece(audio: Path, _revision: str, start: int, count: int) -> Sound:
    with soundfile.SoundFile(audio) as file:
        file.seek(start)
        return Sound(file.read(count, dtype="float32"), file.samplerate)


class PackEngine:
    """Speaks from packs: the shipped ones, or those of folders named before them."""

    name = "pack"

    def __init__(self, *folders: Path) -> None:
        self._packs: dict[str, Pack] = {}
        for folder in (SHIPPED, *reversed(folders)):
            self._packs |= {path.stem: Pack.load(path) for path in sorted(folder.glob("*.json"))}

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
        return self._cover(text, language) is not None

    def seconds(self, text: str, language: str) -> float | None:
        """How long the words take, the pauses between them included, or None when a word is missing."""
        covered = self._cover(text, language)
        if not covered:
            return None
        pack = self._packs[language]
        return sum(pack.lines[key][1] / pack.rate + pause for key, pause in covered) - covered[-1][1]

    def speak(self, text: str, language: str) -> Sound | None:
        """The text joined from pieces, or None when a word is missing."""
        covered = self._cover(text, language)
        if not covered:
            return None
        pack = self._packs[language]
        return joined(Piece(pack.sound(key), pause) for key, pause in covered)

    def _cover(self, text: str, language: str) -> list[tuple[str, float]] | None:
        """Keys and the pause after each; None when something is missing or nothing is to be said."""
        pack, found = self._packs.get(language), list[tuple[str, float]]()
        for sentence in words.sentences(text) if pack else []:
            assert pack is not None
            whole = pack.cover(words.tokens(sentence))
            clauses = [sentence] if whole and len(whole) == 1 else _CLAUSE.split(sentence)
            for clause in clauses:
                keys = pack.cover(words.tokens(clause))
                if keys is None:
                    return None
                found += [(key, 0.0) for key in keys]
                if keys:
                    found[-1] = (keys[-1], CLAUSE_PAUSE)
            found[-1] = (found[-1][0], SENTENCE_PAUSE)
        return found or None
