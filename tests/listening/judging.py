"""One prompt's text against what was written down, word by word, and sums over many. Pure: no sound, no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ivr_flows.proving.phrasing import found_in
from ivr_flows.turn import PartKind, Speech
from tests.listening.distance import Misheard, misheard
from tests.listening.spelling import plain
from tests.listening.writing import elements

KINDS: tuple[PartKind, ...] = ("phrase", "name", "amount", "date", "number", "digits")
_RESAMPLED = 2_000


@dataclass(frozen=True, slots=True)
class Text:
    """What is said: the words, and of which kind the part is that each belongs to."""

    words: tuple[str, ...]
    kinds: tuple[PartKind, ...]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was written down of one sound, and where it is wrong."""

    written: str
    wrong: Misheard


@dataclass(frozen=True, slots=True)
class Listened:
    """One prompt as its file, from the studio, and the studio's sound at 8 kHz. `voice`: who spoke the file."""

    said: Speech
    text: Text
    voice: str
    telephone: Hearing
    studio: Hearing | None = None
    narrowed: Hearing | None = None


def text_of(said: Speech) -> Text:
    """The words of a prompt as they are compared."""
    pairs = [(word, part.kind) for part in said.parts for word in plain(part.text, said.language)]
    return Text(tuple(word for word, _ in pairs), tuple(kind for _, kind in pairs))


def hearing(text: Text, written: str, language: str) -> Hearing:
    """What was written down, judged."""
    return Hearing(written, misheard(text.words, elements(written, language)))


def gives_away(one: Listened) -> str | None:
    """A word of debt that was heard though the prompt may be said to anybody; None when all is well."""
    if one.said.privacy == "debt":
        return None
    return found_in(one.telephone.written, "gives_away", one.said.language)


@dataclass(frozen=True, slots=True)
class Rate:
    """Words wrong out of words said."""

    errors: int
    words: int

    @property
    def share(self) -> float:
        """The word error rate; 0 of nothing."""
        return self.errors / self.words if self.words else 0.0


def rate(hearings: Iterable[tuple[Text, Hearing]]) -> Rate:
    """Over all the words of some prompts together."""
    pairs = list(hearings)
    return Rate(sum(heard.wrong.errors for _, heard in pairs), sum(len(text.words) for text, _ in pairs))


def rates_by_kind(hearings: Iterable[tuple[Text, Hearing]]) -> dict[PartKind, Rate]:
    """The same for each kind of words. A word too many counts for the word that follows it."""
    words, errors = Counter[PartKind](), Counter[PartKind]()
    for text, heard in hearings:
        words.update(text.kinds)
        errors.update(text.kinds[place] for place in heard.wrong.places)
    return {kind: Rate(errors[kind], words[kind]) for kind in KINDS if words[kind]}


@dataclass(frozen=True, slots=True)
class Difference:
    """How many points the telephone is worse than the studio on the same prompts, with a 95 % interval."""

    points: float
    low: float
    high: float


def difference(pairs: Sequence[Listened], *, seed: int = 1) -> Difference:
    """Percentile bootstrap over prompts: they, not their words, are drawn. `pairs` were all heard both ways."""
    figures = np.array(
        [(one.telephone.wrong.errors, one.studio.wrong.errors, len(one.text.words)) for one in pairs if one.studio]
    )
    drawn = np.random.default_rng(seed).integers(0, len(figures), (_RESAMPLED, len(figures)))
    totals = figures[drawn].sum(axis=1)
    spread = 100 * (totals[:, 0] - totals[:, 1]) / totals[:, 2]
    telephone, studio, words = figures.sum(axis=0)
    low, high = np.percentile(spread, [2.5, 97.5])
    return Difference(float(100 * (telephone - studio) / words), float(low), float(high))
