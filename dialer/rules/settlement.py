"""What money does to debts and promises. Pure: balances in, credits and verdicts out.

`amount` is what is still owed, `paid` what was credited; an amount and what was paid of it always add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

DebtStatus = Literal["open", "promised", "held", "paid", "withdrawn"]
Verdict = Literal["open", "kept", "broken", "ended"]

SETTLED: tuple[DebtStatus, ...] = ("paid", "withdrawn")


@dataclass(frozen=True, slots=True)
class Balance:
    """One debt as it stands. `confirmed_minor`: what payments on record prove of `paid_minor`.

    The rest of `paid_minor` was credited on somebody's word (a task closed as paid, a withdrawal because it is
    paid): the payment that arrives for it later confirms it and takes nothing off twice.
    """

    debt: int
    status: DebtStatus
    amount_minor: int
    paid_minor: int
    confirmed_minor: int
    due_on: date

    @property
    def unconfirmed(self) -> int:
        """What was credited without a payment on record."""
        return max(0, self.paid_minor - self.confirmed_minor)


@dataclass(frozen=True, slots=True)
class Credit:
    """What one payment does to one debt: `minor` of it goes there, of which `new_minor` was not credited before.

    `over_minor` is what it exceeds everything that is owed by.
    """

    debt: int
    minor: int
    new_minor: int
    over_minor: int
    amount_minor: int
    paid_minor: int
    status: DebtStatus


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise as it stands; `debts` by id, `paid_minor` what has arrived for it since it was made."""

    debts: tuple[int, ...]
    amount_minor: int
    paid_minor: int
    status: Verdict = "open"


def allocate(balances: Sequence[Balance], minor: int) -> list[Credit]:
    """Part one payment among the debts that it is for: what is owed longest first, the surplus on the last one.

    A withdrawn debt stays withdrawn; a held one whose rest is still owed stays held, for people are looking at it.
    """
    in_order = sorted(balances, key=lambda one: (one.status in SETTLED, one.due_on, one.debt))
    credits: list[Credit] = []
    for balance in in_order:
        room = balance.amount_minor + balance.unconfirmed
        last = balance is in_order[-1]
        part = minor if last else min(minor, room)
        if part:
            credits.append(_credit(balance, part))
        minor -= part
    return credits


def _credit(balance: Balance, part: int) -> Credit:
    new = part - min(part, balance.unconfirmed)
    over = max(0, new - balance.amount_minor)
    rest = max(0, balance.amount_minor - new)
    settled = rest == 0 and balance.status not in SETTLED
    return Credit(
        debt=balance.debt,
        minor=part,
        new_minor=new,
        over_minor=over,
        amount_minor=rest,
        paid_minor=balance.paid_minor + new,
        status="paid" if settled else balance.status,
    )


def verdict(pledge: Pledge, statuses: Mapping[int, DebtStatus]) -> Verdict:
    """What an open promise has come to. Kept: the promised sum is there, or nothing of its debts is owed any more.

    Ended: all of it was withdrawn before anything was paid, or its debts are with people (held).
    """
    if pledge.paid_minor >= pledge.amount_minor > 0:
        return "kept"
    found = [statuses[debt] for debt in pledge.debts if debt in statuses]
    if found and all(status in SETTLED for status in found):
        return "kept" if pledge.paid_minor or "paid" in found else "ended"
    if found and not any(status in ("open", "promised") for status in found):
        return "ended"
    return "open"


def missing(pledge: Pledge) -> int:
    """What a promise lacks, in minor units."""
    return max(0, pledge.amount_minor - pledge.paid_minor)


def is_broken(pledge: Pledge, *, lapses_at: datetime, now: datetime) -> bool:
    """Whether the day and its grace have passed and the money is not there."""
    return pledge.status == "open" and now >= lapses_at and missing(pledge) > 0
