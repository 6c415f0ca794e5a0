"""Word errors: the fewest changes from what was heard to what was said, and where they fall. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.listening.numerals import Readings

_Places = tuple[()] | tuple[int, "_Places"]  # latest first
_Cell = tuple[int, _Places]


@dataclass(frozen=True, slots=True)
class Misheard:
    """How many words are wrong, and at which words of the text (a word too many counts at the one after it)."""

    errors: int
    places: tuple[int, ...]


def misheard(said: Sequence[str], heard: Sequence[Readings]) -> Misheard:
    """The fewest substitutions, omissions and insertions over all the readings of what was heard."""
    row = _begun(len(said))
    for readings in heard:
        advanced = [_after(row, said, reading) for reading in readings]
        row = [min(cells, key=_cost) for cells in zip(*advanced, strict=True)]
    errors, places = row[-1]
    return Misheard(errors, tuple(reversed(_unrolled(places))))


def _begun(length: int) -> list[_Cell]:
    """Nothing heard yet: every word of the text is left out."""
    row: list[_Cell] = [(0, ())]
    for at in range(length):
        row.append((at + 1, (at, row[-1][1])))
    return row


def _after(row: list[_Cell], said: Sequence[str], reading: Sequence[str]) -> list[_Cell]:
    for word in reading:
        row = _one_more(row, said, word)
    return row


def _one_more(row: list[_Cell], said: Sequence[str], word: str) -> list[_Cell]:
    last = max(0, len(said) - 1)
    fresh = [_wrong(row[0], 0)]
    for at, expected in enumerate(said):
        matched = row[at] if expected == word else _wrong(row[at], at)
        fresh.append(min(matched, _wrong(row[at + 1], min(at + 1, last)), _wrong(fresh[at], at), key=_cost))
    return fresh


def _wrong(cell: _Cell, at: int) -> _Cell:
    return cell[0] + 1, (at, cell[1])


def _cost(cell: _Cell) -> int:
    return cell[0]


def _unrolled(places: _Places) -> list[int]:
    found = []
    while places:
        at, places = places
        found.append(at)
    return found
