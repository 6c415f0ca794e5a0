"""The file of cells that were not used: a CSV that spreadsheets open as it is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.errors import BadInput
from dialer.lists.cells import Reject

HEADINGS = ("line", "column", "value", "reason", "row")


@contextmanager
def rejects_file(path: Path | None) -> Iterator[Callable[[Reject], None]]:
    """Writes each cell that it is given; nowhere without a path. BadInput when the file cannot be written."""
    if path is None:
        yield lambda _reject: None
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as fault:
        raise BadInput(f"{path} cannot be written ({fault.strerror}): choose another file for --rejects") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)

        def write(reject: Reject) -> None:
            fate = "loaded without it" if reject.row_loaded else "rejected"
            writer.writerow([reject.line, reject.column, _harmless(reject.value), reject.reason, fate])

        yield write


def _harmless(value: str) -> str:
    """A cell that a spreadsheet would run as a formula is shown as text."""
    return f"'{value}" if value[:1] in ("=", "@", "\t") else value
