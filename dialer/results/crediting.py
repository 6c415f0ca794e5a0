"""Which contact a payment is credited to. Pure: one rule for every campaign, so that nothing counts twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, TypeVar

CREDITED_FOR = timedelta(days=30)


class Payment(Protocol):
    """Money that came in."""

    @property
    def person_id(self) -> int:
        """Whose debt it was for."""

    @property
    def paid_on(self) -> date:
        """The creditor's date."""


class Touch(Protocol):
    """A contact that reached the debtor."""

    @property
    def person_id(self) -> int:
        """Whom it reached."""

    @property
    def at(self) -> datetime:
        """When."""


P = TypeVar("P", bound=Payment)
T = TypeVar("T", bound=Touch)


@dataclass(frozen=True, slots=True)
class Span:
    """The instants at which a contact may have led to a payment of that date."""

    first: datetime
    last: datetime


def credit(payments: Iterable[P], touches: Iterable[T]) -> list[tuple[P, T | None]]:
    """Each payment with the last contact before the end of its day (UTC), at most 30 days old; None: there is none.

    A creditor's payment file knows the day and not the hour, so a contact of the same day counts.
    """
    by_person: dict[int, list[T]] = {}
    for touch in sorted(touches, key=lambda one: one.at):
        by_person.setdefault(touch.person_id, []).append(touch)
    return [(payment, _last(by_person.get(payment.person_id, []), _span(payment.paid_on))) for payment in payments]


def _last(in_order: list[T], span: Span) -> T | None:
    return next((touch for touch in reversed(in_order) if span.first <= touch.at < span.last), None)


def _span(day: date) -> Span:
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return Span(end - timedelta(days=1) - CREDITED_FOR, end)
