"""Booked breaks as rules: a time of day of a place on its weekdays, once a day, whatever its clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialer.rules import breaks
from dialer.rules.breaks import Booking, Kept, Situation

ZONES = ("America/Sao_Paulo", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
DUE = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)


def booking(weekdays: set[int], starts: time, zone: str, *, minutes: int = 10, serial: int = 1) -> Booking:
    return Booking(serial, frozenset(weekdays), starts, minutes, "break", zone, DUE)


BOOKINGS = st.builds(
    booking,
    st.sets(st.integers(1, 7), min_size=1),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
)
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: DUE + timedelta(minutes=minutes))


@given(st.lists(BOOKINGS, min_size=1, max_size=3), MOMENTS)
@example([booking(set(breaks.WEEK), time(2, 30), "Europe/Paris")], datetime(2026, 3, 28, 12, tzinfo=UTC))
@example([booking(set(breaks.WEEK), time(2, 30), "Europe/Paris")], datetime(2026, 10, 24, 12, tzinfo=UTC))
def test_the_next_break_is_the_first_after_now_at_its_time_of_day_there(many: list[Booking], now: datetime) -> None:
    found = breaks.next_break(many, now)
    assert found is not None
    assert now < found.at <= now + timedelta(days=8)
    there, one = found.at.astimezone(ZoneInfo(found.booking.zone)), found.booking
    leapt = datetime.combine(there.date(), one.starts, ZoneInfo(one.zone))
    exists = leapt.astimezone(UTC).astimezone(ZoneInfo(one.zone)).time() == one.starts
    assert there.time() == one.starts or not exists
    assert there.isoweekday() in one.weekdays or not exists
    days = [now.date() + timedelta(days=n) for n in range(-1, 10)]
    between = [each for day in days for each in breaks.on_day(many, day) if now < each.at < found.at]
    assert not between


@settings(max_examples=30)
@given(BOOKINGS, MOMENTS)
def test_on_every_day_it_comes_once(one: Booking, start: datetime) -> None:
    first, seen, at = start.date() + timedelta(days=2), [], start
    while at < start + timedelta(days=20):
        following = breaks.next_break([one], at)
        assert following is not None
        at = following.at
        seen.append(at)
    wanted = [breaks.on_day([one], first + timedelta(days=n)) for n in range(14)]
    due = [each.at for day in wanted for each in day]
    assert [each for each in seen if due and due[0] <= each <= due[-1]] == due
    assert len(due) == 2 * len(one.weekdays)


def test_a_time_that_the_clocks_leap_over_comes_later_and_one_that_comes_twice_the_first_time() -> None:
    every = booking(set(breaks.WEEK), time(2, 30), "Europe/Paris")
    (leapt,) = breaks.on_day([every], date(2026, 3, 29))
    (twice,) = breaks.on_day([every], date(2026, 10, 25))
    assert leapt.at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "half past three"
    assert twice.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "in summer time"


@pytest.mark.parametrize(
    ("status", "reason", "comes_back", "minutes", "fate"),
    [
        ("ready", None, False, -1, "waits"),
        ("ready", None, False, 0, "begins"),
        ("ready", None, False, 119, "begins"),
        ("ready", None, False, 120, "missed"),
        ("reserved", None, False, 5, "waits"),
        ("in_call", None, False, 5, "waits"),
        ("in_call", None, False, 500, "waits"),
        ("wrapup", None, False, 5, "waits"),
        ("wrapup", None, True, 5, "begins"),
        ("paused", "break", False, 5, "counts"),
        ("paused", "technical", False, 5, "waits"),
        ("paused", "technical", True, 5, "begins"),
        ("paused", "technical", False, 120, "missed"),
        ("connecting", None, False, 5, "waits"),
        ("offline", None, False, 5, "waits"),
        ("offline", None, False, 120, "away"),
    ],
)
def test_what_becomes_of_a_break(status: str, reason: str | None, comes_back: bool, minutes: int, fate: str) -> None:
    seen = Situation(status, DUE - timedelta(minutes=1), reason, DUE, "break")
    assert breaks.fate(seen, DUE + timedelta(minutes=minutes), comes_back=comes_back) == fate


def test_who_begins_the_shift_later_has_the_break_behind_them_and_a_torn_line_takes_none_away() -> None:
    at = DUE + timedelta(minutes=5)
    long_ago = Situation("offline", DUE - timedelta(hours=14), "the line ended", DUE, "break")
    just_now = Situation("offline", DUE - timedelta(minutes=3), "the line ended", DUE, "break")
    assert breaks.fate(long_ago, at, comes_back=True) == "away"
    assert breaks.fate(just_now, at, comes_back=True) == "begins"


@given(st.sampled_from(("reserved", "in_call")), st.booleans(), st.integers(-60, 10_000))
def test_nobody_leaves_a_call_or_a_caller_who_is_coming(status: str, comes_back: bool, minutes: int) -> None:
    seen = Situation(status, DUE, "break", DUE, "break")
    assert breaks.fate(seen, DUE + timedelta(minutes=minutes), comes_back=comes_back) == "waits"


@pytest.mark.parametrize(
    ("kept", "minutes", "stand"),
    [
        (None, -1, "ahead"),
        (None, 1, "due"),
        (None, 120, "missed"),
        (Kept("taken", DUE, None), 5, "on"),
        (Kept("taken", DUE, None), 10, "overdue"),
        (Kept("taken", DUE, DUE + timedelta(minutes=9)), 30, "taken"),
        (Kept("taken", DUE + timedelta(minutes=6), DUE + timedelta(minutes=16)), 30, "late"),
        (Kept("missed", None, None), 150, "missed"),
        (Kept("away", None, None), 150, "away"),
    ],
)
def test_how_a_break_of_today_stands(kept: Kept | None, minutes: int, stand: str) -> None:
    assert breaks.how_stands(DUE, 10, kept, DUE + timedelta(minutes=minutes)) == stand


def test_bookings_clash_across_midnight_and_not_when_one_begins_as_the_other_ends() -> None:
    late = booking({1}, time(23, 50), "America/Sao_Paulo", minutes=20)
    week = date(2026, 3, 2)
    assert breaks.clash(late, booking({2}, time(0, 5), "America/Sao_Paulo"), week)
    assert breaks.clash(late, booking({2}, time(3, 5), "UTC"), week)
    assert not breaks.clash(late, booking({2}, time(0, 10), "America/Sao_Paulo"), week)
    assert not breaks.clash(late, booking({3}, time(0, 5), "America/Sao_Paulo"), week)


def test_the_brazilian_set_is_two_rests_of_ten_minutes_inside_and_a_meal_of_twenty() -> None:
    chosen = breaks.sets()["br-teleatendimento-6h"]
    assert breaks.of_shift(chosen, time(8, 0)) == (
        (0, time(9, 30), 10, "break"),
        (0, time(11, 0), 20, "meal"),
        (0, time(12, 30), 10, "break"),
    )
    assert all(one.after >= 60 and one.after + one.minutes <= 300 for one in chosen.breaks if one.reason == "break")
    assert [days for days, *_ in breaks.of_shift(chosen, time(20, 0))] == [0, 0, 1], "the last after midnight"
    assert breaks.later({5, 7}, 1) == {6, 1}
    for one in breaks.sets().values():
        assert one.source
        assert {each.reason for each in one.breaks} <= set(breaks.reasons())
