"""What a text message that came in means: leave me alone, write to me again, who are you, or something to read.

The words are data (keywords.yaml). In doubt it means: leave me alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Meaning = Literal["opt_out", "opt_in", "help", "reply"]
ORDER: tuple[Meaning, ...] = ("opt_out", "opt_in", "help")  # the first that fits


@dataclass(frozen=True, slots=True)
class Read:
    """What a message was taken for; `carrier_acts`: it is a word that the carrier acts on and answers by itself."""

    meaning: Meaning
    carrier_acts: bool = False


def read(text: str) -> Read:
    """The meaning of one message, whatever its capitals, accents and punctuation."""
    whole = text.strip().casefold()
    said = _forms(text)
    for meaning in ORDER:
        known = _lexicon()[meaning]
        if whole in known.carrier:
            return Read(meaning, carrier_acts=True)
        if any(known.means(words) for words in said):
            return Read(meaning)
    return Read("reply")


@dataclass(frozen=True, slots=True)
class _Known:
    """One meaning: words that are the whole message, and phrases (with a space at either end) within it."""

    carrier: frozenset[str]
    words: frozenset[str]
    phrases: tuple[str, ...]
    courtesies: frozenset[str]

    def means(self, words: str) -> bool:
        """Whether these words, in plain letters, have this meaning."""
        left = "".join(word for word in words.split() if word not in self.courtesies)
        return left in self.words or any(phrase in f" {words} " for phrase in self.phrases)


@cache
def _lexicon() -> dict[Meaning, _Known]:
    data: dict[str, Any] = yaml.safe_load((files("dialer.rules") / "keywords.yaml").read_text("utf-8"))
    courtesies = frozenset(_flat(data["courtesies"]))
    return {meaning: _known(data[meaning], courtesies) for meaning in ORDER}


def _known(data: dict[str, Any], courtesies: frozenset[str]) -> _Known:
    carrier = frozenset(str(word) for word in data["carrier"])
    words = {form.replace(" ", "") for word in [*carrier, *_flat(data["words"])] for form in _forms(word)}
    phrases = {f" {form} " for phrase in data["phrases"] for form in _forms(phrase)}
    return _Known(carrier, frozenset(words), tuple(sorted(phrases)), courtesies)


def _flat(rows: Iterable[Iterable[object]]) -> list[str]:
    return [str(word) for row in rows for word in row]


def _forms(text: str) -> tuple[str, ...]:
    """Plain lower-case words. An apostrophe joins its neighbours or parts them: people write "dont", "m appelez"."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).casefold()
    joined, parted = (re.sub(r"['’ʼ`´]", instead, plain) for instead in ("", " "))
    return tuple(dict.fromkeys(" ".join(re.findall(r"[^\W_]+", form)) for form in (joined, parted)))
