"""What the words of a cell mean: nothing at all, yes or no, a kind of line or debt, a language, a total."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from dialer.lists.headings import plain

LONGEST_BLANK = 20


@lru_cache(maxsize=4096)
def is_blank(text: str) -> bool:
    """Whether a short cell says that there is nothing: "-", "N/A", "não informado"."""
    return not re.search(r"\w|[#+]", text) or (len(text) <= LONGEST_BLANK and plain(text) in _words("blank"))


def is_error(text: str) -> bool:
    """Whether a spreadsheet failed to compute the cell: "#N/D", "#REF!"."""
    return text.upper() in _data()["errors"] or set(text) == {"#"}


@lru_cache(maxsize=1024)
def read_yes(text: str) -> bool | None:
    """Yes, no, or None when the word is neither."""
    word = plain(text)
    if word in _words("yes"):
        return True
    return False if word in _words("no") else None


@lru_cache(maxsize=1024)
def meaning(section: str, text: str) -> str | None:
    """What a cell means in a section of the words: its key, or None. "Cel 2" is read as "cel"."""
    word = " ".join(token for token in re.findall(r"[a-z]+|\d+", plain(text)) if not token.isdigit()) or plain(text)
    return _meanings(section).get(word)


@lru_cache(maxsize=1024)
def debt_kind(text: str) -> str:
    """The kind of debt that a cell names: a word of `debt_kinds`, or "other"."""
    said = f" {plain(text)} "
    kinds = _data()["debt_kinds"].items()
    return next((kind for kind, words in kinds if any(f" {word} " in said for word in words)), "other")


def is_word(section: str, word: str) -> bool:
    """Whether a plain word is one of a section."""
    return word in _words(section)


def begins_like(section: str, text: str) -> bool:
    """Whether a cell begins with one of the words of a section and is no more than a short line."""
    words = plain(text).split()
    return any(" ".join(words[:length]) in _words(section) for length in (1, 2, 3)[: len(words)])


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((files("dialer.lists") / "words.yaml").read_text("utf-8"))
    return data


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(map(str, _data()[section]))


@cache
def _meanings(section: str) -> dict[str, str]:
    return {str(word): key for key, words in _data()[section].items() for word in (key.casefold(), *words)}
