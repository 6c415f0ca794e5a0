"""`spelling.yaml` as values: how each language writes numbers, sums and signs. Reads one file, decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from audio import words


@dataclass(frozen=True, slots=True)
class Spelling:
    """The entries of one language, as the file's head explains them."""

    currency: str
    sign: str
    thousands: str
    decimal: str
    percent: str
    signs: Mapping[str, str]
    dot: str
    hour: str
    same: Mapping[str, str]


@cache
def spelling(language: str) -> Spelling:
    """How a language is written. KeyError for one that the file does not have."""
    document = yaml.safe_load(Path(__file__).with_name("spelling.yaml").read_text(encoding="utf-8"))
    return Spelling(**document[language])


def plain(text: str, language: str) -> tuple[str, ...]:
    """The words of a text, each in the one form that it is compared in."""
    same = spelling(language).same
    return tuple(word for token in words.tokens(text) for word in same.get(token, token).split())
