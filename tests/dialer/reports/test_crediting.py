"""A payment is credited to the last contact before it, once, and to none that is too old or too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.results.crediting import CREDITED_FOR, credit

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Paid:
    person_id: int = 1
    paid_on: date = DAY


@dataclass(frozen=True)
class Touch:
    at: datetime
    person_id: int = 1


@pytest.mark.parametrize(
    ("days", "counts"), [(0, True), (-30, True), (-31, False), (1, False)], ids=["same day", "30", "31", "later"]
)
def test_a_contact_counts_for_thirty_days(days: int, counts: bool) -> None:
    touch = Touch(NOON + timedelta(days=days))
    assert credit([Paid()], [touch]) == [(Paid(), touch if counts else None)]


def test_the_last_contact_has_the_credit_and_other_people_have_none() -> None:
    first, last, other = Touch(NOON - timedelta(days=2)), Touch(NOON - timedelta(days=1)), Touch(NOON, person_id=2)
    assert credit([Paid()], [last, other, first]) == [(Paid(), last)]


@given(
    days=st.lists(st.integers(-60, 10), max_size=8),
    payments=st.lists(st.integers(-40, 5).map(lambda n: Paid(paid_on=DAY + timedelta(days=n))), max_size=5),
)
def test_every_payment_is_listed_once_and_never_before_its_contact(days: list[int], payments: list[Paid]) -> None:
    found = credit(payments, [Touch(NOON + timedelta(days=n)) for n in days])
    assert [payment for payment, _ in found] == payments
    for payment, touch in found:
        if touch is not None:
            assert touch.at.date() <= payment.paid_on <= (touch.at + CREDITED_FOR).date()
