"""Cells of CSV files that somebody opens in a spreadsheet: nothing in them may be run as a formula (CWE-1236)."""

from __future__ import annotations

import re

BEGINS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula
_PLAIN = re.compile(r"[+-]\d[\d .,()]*")  # a telephone number or an amount: no spreadsheet makes more of it


def harmless(cell: str) -> str:
    """The cell, marked as text if a spreadsheet would run it; telephone numbers and amounts stay as they are."""
    return f"'{cell}" if cell.startswith(BEGINS) and not _PLAIN.fullmatch(cell) else cell
