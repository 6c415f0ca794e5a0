"""Two texts side by side, line by line, with a little of what is the same around each difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

AROUND = 3  # lines of what is the same


@dataclass(frozen=True, slots=True)
class Row:
    """A line of each text, with its number from 1; None and "": there is none beside the other. `gap`: left out."""

    kind: Literal["same", "changed", "gap"]
    left: int | None = None
    before: str = ""
    right: int | None = None
    after: str = ""


def side_by_side(before: str, after: str) -> tuple[Row, ...]:
    """The rows of the differences; none when the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    rows: list[Row] = []
    for n, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if n:
            rows.append(Row("gap"))
        for tag, i, until, j, until_new in group:
            rows += _rows("same" if tag == "equal" else "changed", (old, i, until), (new, j, until_new))
    return tuple(rows)


def word_by_word(before: str, after: str) -> tuple[tuple[Literal["same", "gone", "new"], str], ...]:
    """A sentence of before and the one of after as one: what stayed, what is gone, what is new, in reading order."""
    old, new = before.split(), after.split()
    found: list[tuple[Literal["same", "gone", "new"], str]] = []
    for tag, i, until, j, until_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", " ".join(new[j:until_new])))
            continue
        if i < until:
            found.append(("gone", " ".join(old[i:until])))
        if j < until_new:
            found.append(("new", " ".join(new[j:until_new])))
    return tuple(found)


_Part = tuple[list[str], int, int]


def _rows(kind: Literal["same", "changed"], left: _Part, right: _Part) -> Iterator[Row]:
    for i, j in zip_longest(range(*left[1:]), range(*right[1:])):
        yield Row(
            kind,
            None if i is None else i + 1,
            "" if i is None else left[0][i],
            None if j is None else j + 1,
            "" if j is None else right[0][j],
        )
