"""What shipped voices can say, told from their indexes alone: no sound is read.

A pack is `{language}.opus` (every piece one after another) and `{language}.json` (where each piece lies).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from audio import words
from audio.pauses import CLAUSE_PAUSE, FIGURE_PAUSE, GROUP_PAUSE, SENTENCE_PAUSE

SHIPPED = Path(__file__).parent
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+")


@dataclass(frozen=True, slots=True)
class Pack:
    """The index of one language: key -> (first sample, samples) in the audio file, and the longest key in words.

    `figures` are the keys that numbers are read out by, one after another.
    """

    audio: Path
    revision: str
    rate: int
    lines: dict[str, tuple[int, int]]
    longest: int
    figures: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path) -> Pack:
        """Read an index. Raises ValueError naming the file when it is not one."""
        raw = path.read_bytes()
        try:
            index = json.loads(raw)
            lines = {key: (int(line["start"]), int(line["samples"])) for key, line in index["lines"].items()}
            rate, figures = int(index["rate"]), frozenset(map(str, index.get("figures", ())))
        except (KeyError, TypeError, ValueError) as fault:
            raise ValueError(f"{path} is not the index of a voice pack ({fault!r}). Render it again.") from fault
        longest = max((len(key.split()) for key in lines), default=0)
        revision = hashlib.sha256(raw).hexdigest()[:12]
        return cls(path.with_suffix(".opus"), revision, rate, lines, longest, figures)

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


def load_all(*folders: Path) -> dict[str, Pack]:
    """The packs by language: those of the folders, the first named first, and then the shipped ones."""
    return {
        path.stem: Pack.load(path)
        for folder in (SHIPPED, *reversed(folders))
        for path in sorted(folder.glob("*.json"))
    }


def covering(pack: Pack, text: str) -> list[tuple[str, float]] | None:
    """Keys and the seconds of silence after each; None when something is missing or nothing is to be said.

    A number that is read out gets room around every figure, and more between its groups: run together, figures are
    taken for other words.
    """
    found: list[tuple[str, float]] = []
    for sentence in words.sentences(text):
        clauses = _clauses(pack, sentence)
        if clauses is None:
            return None
        read_out = all(key in pack.figures for keys in clauses for key in keys)
        inner, outer = (FIGURE_PAUSE, GROUP_PAUSE) if read_out else (0.0, CLAUSE_PAUSE)
        for keys in clauses:
            found += [(key, inner) for key in keys]
            found[-1] = (keys[-1], outer)
        found[-1] = (found[-1][0], SENTENCE_PAUSE)
    return found or None


def _clauses(pack: Pack, sentence: str) -> list[list[str]] | None:
    """The keys of each clause, or of the whole sentence if one key says it; None when a word is missing."""
    whole = pack.cover(words.tokens(sentence))
    if whole and len(whole) == 1:
        return [whole]
    covered = [pack.cover(words.tokens(clause)) for clause in _CLAUSE.split(sentence)]
    return None if None in covered else [keys for keys in covered if keys]


def seconds(pack: Pack, text: str) -> float | None:
    """How long the words take, the pauses between them included, or None when a word is missing."""
    covered = covering(pack, text)
    if not covered:
        return None
    return sum(pack.lines[key][1] / pack.rate + pause for key, pause in covered) - covered[-1][1]
