"""Words as the audio package compares them: case, punctuation and hyphens do not change what is heard.

Pure text. Spelling numbers out is the flows' work; here words are only cut and matched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

_WORD = re.compile(r"\w+(?:['’]\w+)*['’]?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


class PartLike(Protocol):
    """A run of spoken words and what it is: "phrase" is the same for everybody, all else is personal."""

    @property
    def text(self) -> str:
        """The words."""

    @property
    def kind(self) -> str:
        """One of phrase, name, amount, date, number, digits."""


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation; hyphens part words, apostrophes do not."""
    return tuple(_WORD.findall(text.replace("’", "'").casefold()))


def key(text: str) -> str:
    """One line under which a text is indexed: its tokens joined by single spaces."""
    return " ".join(tokens(text))


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with its own punctuation; pieces without any word are dropped."""
    return [piece for piece in _SENTENCE_END.split(text.strip()) if tokens(piece)]


def line(parts: Sequence[PartLike]) -> str:
    """What a listener would write down: the parts on one line, no space before punctuation."""
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(part.text.strip() for part in parts)).strip()
