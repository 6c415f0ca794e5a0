"""The reason that somebody gives for the record: it stays there for good, so it names no person and no number."""

from __future__ import annotations

import re

from dialer.errors import BadInput

LONGEST = 200
LONG_NUMBER = re.compile(r"(?:\d[\s().-]?){7,}")


def must_name_nobody(because: str) -> None:
    """Raises BadInput for a reason that is too long or holds what looks like a number of somebody."""
    if len(because) > LONGEST or LONG_NUMBER.search(because):
        raise BadInput("--because stands in the record for good: at most 200 characters, and no number or name in it")
