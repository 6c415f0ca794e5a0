"""The creditor's own codes for what came of a debt: a YAML file, or a CSV of two or three columns. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dialer.errors import BadInput
from dialer.rules.disposition import Disposition
from ivr_flows.lexicon import LEXICONS

# What is said of a debt besides the coded outcome of the last call about it.
OF_DEBTS = ("paid", "withdrawn", "broken_promise", "not_called")
WORDS = (*OF_DEBTS, *Disposition)
LONGEST_WORDS = 80
KEYS = {"creditor", "default", "language", "codes", "words"}


@dataclass(frozen=True, slots=True)
class Codes:
    """Our word -> the creditor's code; `default` for words without one; `language` in which days are written.

    `said` is what the creditor calls a result, by our word, where the table says it.
    """

    by_word: Mapping[str, str]
    default: str | None = None
    creditor: str | None = None
    language: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)

    def of(self, word: str) -> str | None:
        """The code of a word; None when it has none."""
        return self.by_word.get(word, self.default)

    def kept(self) -> dict[str, Any]:
        """The table as it is kept with its creditor."""
        return {
            "codes": dict(self.by_word), "words": dict(self.said), "default": self.default, "language": self.language
        }  # fmt: skip


def codes_of(kept: Mapping[str, Any]) -> Codes | None:
    """A table as it was kept; None where there is none."""
    if not kept:
        return None
    return Codes(kept["codes"], kept["default"], language=kept["language"], said=kept["words"])


def read_codes(path: Path) -> Codes:
    """The codes of a file. BadInput for a file that cannot be read and for words that there are not."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"{path} cannot be read ({type(fault).__name__}): give a YAML or CSV file in UTF-8") from None
    raw = _of_csv(path, text) if path.suffix.lower() == ".csv" else _of_yaml(path, text)
    codes = {str(word): str(code) for word, code in raw["codes"].items() if code is not None}
    default = codes.pop("default", raw.get("default"))
    said = {str(word): str(text)[:LONGEST_WORDS] for word, text in raw.get("words", {}).items() if text}
    if unknown := sorted((codes.keys() | said.keys()) - {*WORDS}):
        raise BadInput(f"{path}: no such result: {', '.join(unknown)}. The results are: {', '.join(WORDS)}")
    language = raw.get("language")
    if language is not None and language not in LEXICONS:
        raise BadInput(f"{path}: the language is one of {', '.join(LEXICONS)}")
    return Codes(codes, None if default is None else str(default), raw.get("creditor"), language, said)


def _of_yaml(path: Path, text: str) -> dict[str, Any]:
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise BadInput(f"{path} is no YAML: {' '.join(str(fault).split())}") from None
    whole = isinstance(read, dict) and all(isinstance(read.get(one, {}), dict) for one in ("codes", "words"))
    if not isinstance(read, dict) or not whole or "codes" not in read or not read.keys() <= KEYS:
        raise BadInput(
            f'{path}: it needs `codes:` with lines like `promised: "10"`, and may have {", ".join(sorted(KEYS))}'
        )
    return read


def _of_csv(path: Path, text: str) -> dict[str, Any]:
    delimiter = max(",;\t", key=text.count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    if any(len(row) < 2 for row in rows):
        raise BadInput(f"{path}: every line needs two columns: our result, the creditor's code")
    pairs = {row[0].strip(): row[1].strip() for row in rows}
    said = {row[0].strip(): row[2].strip() for row in rows if len(row) > 2}
    first = next(iter(pairs), "")
    if first not in (*WORDS, "default"):  # a heading
        pairs.pop(first, None)
        said.pop(first, None)
    return {"codes": pairs, "words": said}
