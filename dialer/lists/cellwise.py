"""The cells of one record by field. Every cell that cannot be used is noted, so that all are seen at once.

Cells are cleaned of what systems and spreadsheets put around and in place of values; no meaning is known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from dialer.lists.cells import Fault, Reject
from dialer.lists.table import Line
from dialer.lists.words import is_blank, is_error

T = TypeVar("T")

# Category Cc but for the white space that is folded, and what XML 1.0 (section 2.2) cannot carry to the voice.
UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd\ufffe\uffff]")
_FORMULA_TEXT = re.compile(r'=\s*"((?:[^"]|"")*)"')
# A cell behind a bar that begins with a sign (telephones are no placeholders), or that is short and begins as the
# words for "nothing" in words.yaml do; a test holds them together.
_SUSPICIOUS = re.compile(
    r"\|(?:[^\w(+|]|_|[(+](?:[^|]*[^\d|])?(?:\||\Z)"
    r"|(?:n(?=\||\Z)|n[aãdeéiou/. -]|se|va|un|in|au)[^|]{0,18}(?:\||\Z))",
    re.IGNORECASE,
)


class Cells:
    """One record: cells by field, and the faults that were found in them."""

    __slots__ = ("_assigned", "_columns", "_texts", "_written", "cells", "faults", "left_out", "number")

    def __init__(self, line: Line, cells: list[str], columns: Sequence[str], assigned: Mapping[str, int]) -> None:
        """`cells` is what is read of the line; rejects show what is written there."""
        self.number = line.number
        self.cells = cells
        self._texts = {field: cells[place] for field, place in assigned.items()}
        self._written = line.cells
        self.faults: list[tuple[str, str]] = []
        self.left_out: list[tuple[str, str]] = []
        self._columns = columns
        self._assigned = assigned

    def text(self, field: str) -> str:
        """The cell of a field, "" where there is none."""
        return self._texts.get(field, "")

    def place(self, field: str) -> int:
        """Where the column of a field stands; -1 without one."""
        return self._assigned.get(field, -1)

    def short(self, field: str, longest: int = 200) -> str:
        """A text of one line. One that is too long is a fault."""
        text = self._texts.get(field, "")
        if not text.isprintable() or "  " in text:
            text = " ".join(text.split())
        if len(text) > longest:
            self.fault(field, f"longer than {longest} characters")
        return text

    def needed(self, field: str, longest: int = 200) -> str:
        """A text without which the row is of no use."""
        if not self._texts.get(field):
            self.fault(field, "empty")
        return self.short(field, longest)

    def read(self, field: str, reading: Callable[[str], T | Fault]) -> T | None:
        """What a cell means; a fault of it rejects the row."""
        if not (text := self._texts.get(field)):
            return None
        value = reading(text)
        if isinstance(value, Fault):
            self.fault(field, value.reason)
            return None
        return value

    def want(self, field: str, reading: Callable[[str], T | Fault]) -> T | None:
        """What a cell means; a cell that cannot be used is left out, and the row is read on."""
        if not (text := self._texts.get(field)):
            return None
        value = reading(text)
        if isinstance(value, Fault):
            self.leave_out(field, value.reason)
            return None
        return value

    def fault(self, field: str, reason: str) -> None:
        """Note a cell that rejects the row; the first reason for a cell is enough."""
        if not any(noted == field for noted, _ in self.faults):
            self.faults.append((field, reason))

    def leave_out(self, field: str, reason: str) -> None:
        """Note a cell without which the row is still of use."""
        self.left_out.append((field, reason))

    def rejects(self) -> list[Reject]:
        """Every cell that was not used, those that reject the row first."""
        if not self.faults and not self.left_out:
            return []
        loaded = not self.faults
        return [
            Reject(self.number, *self._written_as(field), reason, loaded)
            for field, reason in [*self.faults, *self.left_out]
        ]

    def refuse_unspeakable(self) -> None:
        """Note every assigned cell with a control character in it."""
        for field, place in self._assigned.items():
            if found := UNSPEAKABLE.search(self.cells[place]):
                code = f"U+{ord(found.group()):04X}"
                what = "a control character" if found.group() != "\ufffd" else "a sign that was lost in conversion"
                self.fault(field, f"{what} ({code}), which nobody can say or read; delete it")

    def refuse_errors(self) -> None:
        """Note every assigned cell that a spreadsheet failed to compute."""
        for field, place in self._assigned.items():
            if self.cells[place][:1] == "#" and is_error(self.cells[place]):
                self.fault(
                    field, f"a spreadsheet's error ({self.cells[place]}) in place of a value; mend the formula"
                )

    def _written_as(self, field: str) -> tuple[str, str]:
        place = self._assigned.get(field)
        return (field, "") if place is None else (self._columns[place], self._written[place])


@lru_cache(maxsize=4096)
def cleaned(cell: str) -> str:
    """A short cell without the ="…" and the apostrophe of spreadsheets; "" for "N/A", "-" and the like."""
    if cell[0] == "=" and (found := _FORMULA_TEXT.fullmatch(cell)):
        return found[1].replace('""', '"').strip()
    if cell[0] == "'":
        cell = cell[1:].strip("'")
    return "" if is_blank(cell) and not is_error(cell) else cell


def in_one_line(cells: Sequence[str]) -> str:
    """The cells behind a bar each: what must be looked for in any of them is looked for once."""
    return f"|{'|'.join(cells)}"


def may_need_cleaning(line: str, count: int) -> bool:
    """Whether one of a line's `count` cells could be a placeholder or wrapped; rather too often than too rarely."""
    return line.count("|") != count or _SUSPICIOUS.search(line) is not None
