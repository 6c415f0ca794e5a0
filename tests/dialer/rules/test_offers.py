"""What may be agreed: never past the limits, and to the last cent what is owed."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.offers import Limits, Past, Wish, discounted, limits, offers, plan, sums

TODAY = date(2026, 1, 31)


@given(
    total=st.integers(1, 10_000_000),
    age=st.integers(-10, 2000),
    count=st.integers(-1, 30),
    percent=st.integers(-1, 60),
    ahead=st.integers(-3, 30),
    down=st.integers(0, 20_000),
)
def test_a_plan_is_within_every_limit_or_there_is_none(
    total: int, age: int, count: int, percent: int, ahead: int, down: int
) -> None:
    within = limits(total, "BRL", age, TODAY)
    made = plan(Wish(count, TODAY + timedelta(days=ahead), percent, down), within)
    if isinstance(made, Past):
        return
    assert sum(one.minor for one in made) == discounted(total, percent)
    assert len(made) <= within.instalments
    assert percent <= within.discount_percent
    assert len(made) == 1 or min(one.minor for one in made) >= within.smallest
    assert TODAY <= made[0].on <= within.first_by
    assert sums(made) == sorted(set(sums(made)))
    assert [one.on for one in made] == sorted({one.on for one in made})


@given(first=st.dates(date(2026, 1, 1), date(2029, 12, 31)), count=st.integers(2, 36))
def test_instalments_lie_a_month_apart_on_the_same_day_or_the_month_s_last(first: date, count: int) -> None:
    made = plan(Wish(count, first), Limits(count * 100, 1, count, 0, first, first))
    assert not isinstance(made, Past)
    for n, one in enumerate(made):
        assert (one.on.year * 12 + one.on.month) - (first.year * 12 + first.month) == n
        next_day = one.on + timedelta(days=1)
        assert one.on.day == first.day or (one.on.day < first.day and next_day.day == 1)


def test_an_older_debt_is_offered_more_and_a_currency_that_nobody_named_no_plan() -> None:
    shares = [limits(100_000, "BRL", age, TODAY) for age in (0, 31, 91, 181)]
    assert [one.instalments for one in shares] == [one.instalments for one in offers().plan.by_age]
    made = plan(Wish(2, TODAY), limits(100_000, "JPY", 0, TODAY))
    assert isinstance(made, Past)
    assert made.limit == "smallest"
