"""What a cell can be: a value, or a fault that says why it cannot be used. Values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell cannot be used, in words for whoever keeps the list. The value itself is not repeated."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reject:
    """One cell that was not used. `line` is the file's (from 1); `row_loaded`: the rest of its row was used."""

    line: int
    column: str
    value: str
    reason: str
    row_loaded: bool = False
