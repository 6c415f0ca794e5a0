"""What a pack says, expanded from its data files. Reads YAML and spells numbers; makes no sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from num2words import num2words

from audio import words

FOLDER = Path(__file__).parent / "phrases"
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)(?:/(\d+))?\}")
_MARKS = ".!?…,;:"
_GROUPS = ("numbers", "words", "dates", "names")
_SPELLING = {"pt-BR": "pt_BR", "en-US": "en", "fr-FR": "fr"}


def languages() -> list[str]:
    """The languages that have a data file."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def lines(language: str, *, common_names: int | None = None) -> dict[str, str]:
    """Index key -> the line to speak, in the files' order; the first line of a key wins.

    Whole phrases are cut into sentences, so that a changed sentence costs only itself. `common_names` takes only so
    many of the commonest first names, all of them if None.
    """
    found: dict[str, str] = {}
    for line in (*_lines(_read(language), language), *first_names(language)[:common_names]):
        found.setdefault(words.key(line), line)
    found.pop("", None)
    return found


def followed(language: str) -> dict[str, str]:
    """Index key -> the words that its line is spoken before, and which are cut away again.

    Those are the lines that go on: phrases without a mark at their end, and numbers and words listed with "…".
    None for a language whose data file names no such words (`followed_by`).
    """
    data = _read(language)
    if not (tail := data.get("followed_by")):
        return {}
    going_on = [each for phrase in data["phrases"] for each in words.sentences(phrase) if each[-1] not in _MARKS]
    going_on += [line for group in _GROUPS for line in _grouped(data[group], language) if line.endswith("…")]
    return {words.key(line): tail for line in going_on}


def first_names(language: str) -> list[str]:
    """The commonest first names of a language, the commonest first; none if it has no list of them."""
    path = FOLDER / "names" / f"{language}.yaml"
    rows: list[list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))["names"] if path.is_file() else []
    return [name for row in rows for name in row]


def figures(language: str) -> list[str]:
    """The keys that numbers are read out by, one after another: figures, letters, and the pairs of French."""
    return [words.key(line) for line in _grouped(_read(language).get("figures", []), language)]


def without_accents(language: str) -> dict[str, str]:
    """The names as lists of people often have them, without accents ("jose") -> the key that they are spoken by."""
    kept = [name for row in _read(language)["names"] for name in (row if isinstance(row, list) else [row])]
    keys = [words.key(name) for name in (*first_names(language), *kept)]
    return {plain: key for key in reversed(keys) if (plain := _plain(key)) != key}


def _plain(key: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", key) if not unicodedata.combining(sign))


def keep_phrases(language: str, phrases: Iterable[str]) -> Path:
    """Write the fixed phrases of the flows into a language's data file; what is kept by hand stays as it is."""
    path = _path(language)
    by_hand, _, _ = path.read_text(encoding="utf-8").partition("\nphrases:")
    listed = yaml.safe_dump({"phrases": sorted(set(phrases))}, allow_unicode=True, width=10_000)
    path.write_text(f"{by_hand}\n{listed}", encoding="utf-8")
    return path


def _path(language: str) -> Path:
    path = FOLDER / f"{language}.yaml"
    if not path.is_file():
        raise ValueError(f"No phrases for {language!r}. Write {path} or choose one of {', '.join(languages())}.")
    return path


def _read(language: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(_path(language).read_text(encoding="utf-8"))
    return data


def _lines(data: dict[str, Any], language: str) -> Iterator[str]:
    for phrase in data["phrases"]:
        yield from map(_open_ended, words.sentences(phrase))
    for group in _GROUPS:
        yield from _grouped(data[group], language)


def _grouped(items: Iterable[str | list[str]], language: str) -> Iterator[str]:
    for item in items:
        for pattern in item if isinstance(item, list) else [item]:
            yield from _expanded(pattern, language)


def _open_ended(sentence: str) -> str:
    """A phrase that a name or an amount follows is spoken like a sentence that goes on."""
    return sentence if sentence[-1] in _MARKS else f"{sentence},"


def _expanded(pattern: str, language: str) -> Iterator[str]:
    found = _RANGE.search(pattern)
    if not found:
        yield pattern
        return
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    for number in range(first, last + 1, step):
        spelled = num2words(number, lang=_SPELLING.get(language, language))
        yield from _expanded(pattern.replace(found[0], spelled, 1), language)
