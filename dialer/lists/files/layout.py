"""Where a list begins: lines with titles stand before the headings, empty ones anywhere. Text only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dialer.lists.headings import is_known

LOOKED_AT = 60  # records in which the headings are sought
ENOUGH = 2  # known headings that make a line the headings
_VALUE = re.compile(r"[\d\s.,:/()+\-R$€%]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """The line of the file at which the headings stand, and the headings; `known`: how many would be guessed."""

    line: int
    columns: tuple[str, ...]
    known: int


def find_heading(records: Iterable[tuple[int, list[str]]]) -> Heading | None:
    """The headings among the first records: the line that has most that are known, else the first that is as wide
    as the list and holds no values. None when there is nothing but empty lines.
    """
    candidates = [(line, _trimmed(cells)) for line, cells in records if any(cells)]
    if not candidates:
        return None
    best = max(candidates, key=lambda one: (_known(one[1]), -one[0]))
    if (known := _known(best[1])) >= ENOUGH:
        return Heading(best[0], tuple(best[1]), known)
    width = max(len(cells) for _, cells in candidates)
    wide = [one for one in candidates if len(one[1]) == width and not any(map(_is_value, one[1]))]
    line, cells = wide[0] if wide else candidates[0]
    return Heading(line, tuple(cells), _known(cells))


def _known(cells: list[str]) -> int:
    return sum(is_known(cell) for cell in set(cells) if cell and len(cell) <= 60)


def _trimmed(cells: list[str]) -> list[str]:
    """The cells up to the last that is not empty: what a spreadsheet pads is no column."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _is_value(cell: str) -> bool:
    return bool(_VALUE.fullmatch(cell))
