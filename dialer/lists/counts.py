"""What came of the rows of a file, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Counts:
    """new + changed + same + rejected + totals = rows; good = new + changed + same.

    `totals` are lines that are no records: sums and footers of a report. `people`, `numbers`, `debts` were added.
    `left_out`: unusable cells of rows that were loaded. `quarantined`: numbers that reach somebody else and stay
    barred. `united`: people who turned out to be on record twice. `joined`: late people who now wait in campaigns
    that use the list. `no_country`: rows rejected for want of one.
    """

    rows: int = 0
    good: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    totals: int = 0
    people: int = 0
    numbers: int = 0
    debts: int = 0
    left_out: int = 0
    quarantined: int = 0
    united: int = 0
    joined: int = 0
    no_country: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))

    def as_dict(self) -> dict[str, Any]:
        """By name, to be kept."""
        return {one.name: getattr(self, one.name) for one in fields(Counts)}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Counts:
        """The counts that `as_dict` gave."""
        return cls(**{one.name: int(kept.get(one.name, 0)) for one in fields(cls)})
