"""What a pack says, expanded from its data file. Reads YAML and spells numbers; makes no sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from num2words import num2words

from audio import words

FOLDER = Path(__file__).parent / "phrases"
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)(?:/(\d+))?\}")
_SPELLING = {"pt-BR": "pt_BR", "en-US": "en", "fr-FR": "fr"}


def languages() -> list[str]:
    """The languages that have a data file."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def lines(language: str) -> dict[str, str]:
    """Index key -> the line to speak, in the file's order; the first line of a key wins.

    Whole phrases are cut into sentences, so that a changed sentence costs only itself.
    """
    found: dict[str, str] = {}
    for line in _lines(_read(language), language):
        found.setdefault(words.key(line), line)
    found.pop("", None)
    return found


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
    for group in ("numbers", "words", "dates", "names"):
        for item in data[group]:
            for pattern in item if isinstance(item, list) else [item]:
                yield from _expanded(pattern, language)


def _open_ended(sentence: str) -> str:
    """A phrase that a name or an amount follows is spoken like a sentence that goes on."""
    return sentence if sentence[-1] in ".!?…,;:" else f"{sentence},"


def _expanded(pattern: str, language: str) -> Iterator[str]:
    found = _RANGE.search(pattern)
    if not found:
        yield pattern
        return
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    for number in range(first, last + 1, step):
        yield pattern.replace(found[0], num2words(number, lang=_SPELLING.get(language, language)))
