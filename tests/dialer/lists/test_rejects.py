"""The file of what was not used is opened in a spreadsheet: what a list holds must not run there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dialer.lists.cells import Reject
from dialer.lists.rejects import rejects_file
from dialer.rules.formulas import harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-HYPERLINK(1)"]
)
def test_nothing_runs_in_a_spreadsheet(tmp_path: Path, cell: str) -> None:
    with rejects_file(tmp_path / "rejects.csv") as write:
        write(Reject(2, cell, cell, cell))
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        _, row = csv.reader(file)
    assert row[1:4] == [f"'{cell}"] * 3


@pytest.mark.parametrize("cell", ["", "+55 11 99999 0177", "-12,50", "C-1", "a=b", "+1 (555) 0100"])
def test_telephones_and_amounts_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell
