"""The creditor's own codes for what came of a debt: a YAML file, or a CSV of two columns. Pure."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dialer.errors import BadInput
from dialer.rules.disposition import Disposition
from ivr_flows.lexicon import LEXICONS

# What is said of a debt besides the coded outcome of the last call about it.
OF_DEBTS = ("paid", "withdrawn", "broken_promise", "not_called")
WORDS = (*OF_DEBTS, *Disposition)
KEYS = {"creditor", "default", "language", "codes"}


@dataclass(frozen=True, slots=True)
class Codes:
    """Our word -> the creditor's code; `default` for words without one; `language` in which days are written."""

    by_word: Mapping[str, str]
    default: str | None = None
    creditor: str | None = None
    language: str | None = None

    def of(self, word: str) -> str | None:
        """The code of a word; None when it has none."""
        return self.by_word.get(word, self.default)


def read_codes(path: Path) -> Codes:
    """The codes of a file. BadInput for a file that cannot be read and for words that there are not."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"{path} cannot be read ({type(fault).__name__}): give a YAML or CSV file in UTF-8") from None
    raw = _of_csv(path, text) if path.suffix.lower() == ".csv" else _of_yaml(path, text)
    codes = {str(word): str(code) for word, code in raw["codes"].items() if code is not None}
    default = codes.pop("default", raw.get("default"))
    if unknown := sorted(codes.keys() - set(WORDS)):
        raise BadInput(f"{path}: no such result: {', '.join(unknown)}. The results are: {', '.join(WORDS)}")
    language = raw.get("language")
    if language is not None and language not in LEXICONS:
        raise BadInput(f"{path}: the language is one of {', '.join(LEXICONS)}")
    return Codes(codes, None if default is None else str(default), raw.get("creditor"), language)


def _of_yaml(path: Path, text: str) -> dict[str, Any]:
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise BadInput(f"{path} is no YAML: {' '.join(str(fault).split())}") from None
    if not isinstance(read, dict) or not isinstance(read.get("codes"), dict) or not read.keys() <= KEYS:
        raise BadInput(
            f'{path}: it needs `codes:` with lines like `promised: "10"`, and may have {", ".join(sorted(KEYS))}'
        )
    return read


def _of_csv(path: Path, text: str) -> dict[str, Any]:
    delimiter = max(",;\t", key=text.count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(row)]
    if any(len(row) < 2 for row in rows):
        raise BadInput(f"{path}: every line needs two columns, our result and the creditor's code")
    pairs = {row[0].strip(): row[1].strip() for row in rows}
    first = next(iter(pairs), "")
    if first not in (*WORDS, "default"):  # a heading
        pairs.pop(first, None)
    return {"codes": pairs}
