"""What a whole column proves of its cells: whether its dates begin with the day, and which sign its decimals have.

Looked at before rows are read, because one cell alone may mean two things. Nothing of a cell is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dialer.lists.amounts import proven_decimal_sign
from dialer.lists.days import Order, proven_order
from dialer.lists.table import Line

DAY_FIELDS = frozenset(
    ("due_date", "notice_on", "consent_on", "payment_expires", "pix_expires", "boleto_expires", "link_expires")
)
AMOUNT_FIELDS = frozenset(("amount", "original_amount", "interest", "fine", "fees", "discount"))
CLEAR = 0.9  # share of the proofs that one side must have: a few typing errors do not turn a column round
ENOUGH = 0.1  # share of the dates that must prove an order: in a true list it is more than half of them
REMEMBERED = 20_000  # different dates whose meaning is kept while looking


@dataclass(frozen=True, slots=True)
class Habits:
    """By place of the column: the order of its dates, and the decimal sign of its amounts ("" unproven).

    `lines` is how many lines were looked at.
    """

    orders: Mapping[int, Order] = field(default_factory=dict)
    decimal_signs: Mapping[int, str] = field(default_factory=dict)
    lines: int = 0


NO_HABITS = Habits()


def survey(lines: Iterable[Line], assigned: Mapping[str, int]) -> Habits:
    """What the columns of the days and amounts prove, over all of their cells."""
    days = [place for name, place in assigned.items() if name in DAY_FIELDS]
    amounts = [place for name, place in assigned.items() if name in AMOUNT_FIELDS]
    orders: dict[int, Counter[Order]] = {place: Counter() for place in days}
    signs: dict[int, Counter[str]] = {place: Counter() for place in amounts}
    known: dict[str, Order] = {}
    count = 0
    for line in lines:
        count += 1
        cells = line.cells
        width = len(cells)
        for place in days:
            if place < width and (cell := cells[place]):
                order = known.get(cell)
                if order is None:
                    order = proven_order(cell)
                    if len(known) < REMEMBERED:
                        known[cell] = order
                orders[place][order] += 1
        for place in amounts:
            if place < width and (cell := cells[place]):
                signs[place][cell[-3:-2] if cell[-3:-2] in (",", ".") else proven_decimal_sign(cell)] += 1
    return Habits(
        {place: _order(seen) for place, seen in orders.items()},
        {place: _sign(seen) for place, seen in signs.items()},
        count,
    )


def _order(seen: Counter[Order]) -> Order:
    """The order that the column proves, "unclear" when its dates contradict each other, "" when nothing is proven.

    One order is proven when it has nearly all proofs, and when they are not a stray few among many dates.
    """
    day, month = seen["day"], seen["month"]
    proofs, dates = day + month, day + month + seen["unclear"]
    if not proofs:
        return ""
    if day >= CLEAR * proofs:
        return "day"
    if month >= CLEAR * proofs:
        return "month" if month >= ENOUGH * dates else "unclear"
    return "unclear"


def _sign(seen: Counter[str]) -> str:
    point, comma = seen["."], seen[","]
    if point and not comma:
        return "."
    return "," if comma and not point else ""
