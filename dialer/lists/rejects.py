"""The file of cells that were not used: a CSV that spreadsheets open as it is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.errors import BadInput
from dialer.lists.cells import Reject
from dialer.rules.formulas import harmless

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
            words = map(harmless, (reject.column, reject.value, reject.reason))
            writer.writerow([reject.line, *words, fate])

        yield write
