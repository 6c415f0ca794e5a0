"""Money is never lost or made by parting it, and deadlines count working days at the person's place."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.follow_up import Place, promise_lapses_at, remind_at, task_due_at
from dialer.rules.settlement import Balance, DebtStatus, Pledge, allocate, verdict

MONEY = st.integers(min_value=1, max_value=10_000)
STATUSES: tuple[DebtStatus, ...] = ("open", "promised", "held", "paid", "withdrawn")
SAO_PAULO = Place("America/Sao_Paulo", "BR", "SP")


@st.composite
def balances(draw: st.DrawFn) -> list[Balance]:
    found = []
    for debt in range(draw(st.integers(1, 5))):
        status = draw(st.sampled_from(STATUSES))
        paid = draw(st.integers(0, 500))
        amount = 0 if status == "paid" else draw(MONEY)
        due_on = date(2026, draw(st.integers(1, 12)), 1)
        found.append(Balance(debt, status, amount, paid, draw(st.integers(0, paid)), due_on))
    return found


@given(balances(), MONEY)
def test_every_cent_of_a_payment_goes_to_one_debt_and_is_taken_off_once(before: list[Balance], minor: int) -> None:
    credits = allocate(before, minor)
    by_debt = {one.debt: one for one in before}
    assert sum(one.minor for one in credits) == minor
    for one in credits:
        was = by_debt[one.debt]
        assert one.minor == one.new_minor + min(one.minor, was.unconfirmed)
        assert was.amount_minor - one.amount_minor == one.new_minor - one.over_minor
        assert one.paid_minor == was.paid_minor + one.new_minor
        assert one.amount_minor >= 0
        if was.status in ("paid", "withdrawn"):
            assert one.status == was.status
        else:
            assert (one.status == "paid") == (one.amount_minor == 0)


@given(balances(), MONEY)
def test_nothing_newer_is_paid_while_something_older_is_owed(before: list[Balance], minor: int) -> None:
    rest = {one.debt: one.amount_minor for one in allocate(before, minor)}
    owed = sorted(
        (one for one in before if one.status not in ("paid", "withdrawn")), key=lambda b: (b.due_on, b.debt)
    )
    left = [rest.get(one.debt, one.amount_minor) for one in owed]
    touched = [number for number, one in enumerate(owed) if one.debt in rest]
    assert all(left[number] == 0 for number in range(max(touched, default=0)))


@given(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=4), st.integers(0, 200))
def test_a_promise_is_kept_by_money_and_ended_without_it(statuses: list[DebtStatus], paid: int) -> None:
    pledge = Pledge(tuple(range(len(statuses))), 100, paid)
    word = verdict(pledge, dict(enumerate(statuses)))
    if paid >= 100 or set(statuses) == {"paid"}:
        assert word == "kept"
    elif "open" in statuses or "promised" in statuses:
        assert word == "open"
    elif set(statuses) <= {"withdrawn", "held"} and not paid:
        assert word == "ended"


def test_grace_counts_working_days_at_the_place() -> None:
    def lapses(day: int, month: int = 3) -> datetime:
        return promise_lapses_at(date(2026, month, day), SAO_PAULO).astimezone(ZoneInfo("America/Sao_Paulo"))

    assert lapses(4).date() == date(2026, 3, 6), "Wednesday: Thursday is grace, it ends with Thursday"
    assert lapses(6).date() == date(2026, 3, 10), "Friday: Monday is grace"
    assert lapses(7).date() == date(2026, 3, 11), "Saturday: payable on Monday, Tuesday is grace"
    assert lapses(20, 4).date() == date(2026, 4, 23), "the day before Tiradentes: the 22nd is grace"
    assert lapses(4).time() == time(0)


def test_a_reminder_comes_on_the_eve_or_on_the_morning_itself() -> None:
    assert remind_at(date(2026, 3, 6), date(2026, 3, 2), SAO_PAULO) == datetime(2026, 3, 5, 13, tzinfo=UTC)
    assert remind_at(date(2026, 3, 6), date(2026, 3, 5), SAO_PAULO) == datetime(2026, 3, 6, 13, tzinfo=UTC)
    assert remind_at(date(2026, 3, 6), date(2026, 3, 6), SAO_PAULO) is None


def test_people_have_whole_working_days_for_a_task() -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert task_due_at("check_payment", friday, SAO_PAULO) == datetime(2026, 3, 11, 3, tzinfo=UTC)
    assert task_due_at("answer_dispute", friday, SAO_PAULO) == datetime(2026, 3, 14, 3, tzinfo=UTC)
