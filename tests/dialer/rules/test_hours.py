from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.hours import Calendar, OpenHours, WeekWindow, all_open, next_common_opening, read_hours

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/Rio_Branco",
    "America/St_Johns",
    "America/Asuncion",
    "Europe/Paris",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Honolulu",
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("2015-01-01"), datetime.fromisoformat("2035-12-31"), timezones=st.just(UTC)
)
WEEK = read_hours("mon-fri 08:00-20:00, sat 08:00-14:00")
NO_RING = timedelta(0)


def test_hours_are_read_by_day() -> None:
    assert read_hours("mon 09:00-12:00, mon 13:00-24:00") == (WeekWindow(0, 540, 720), WeekWindow(0, 780, 1440))
    assert len(WEEK) == 6


@pytest.mark.parametrize("text", ["", "mon-fri 8-20", "fri-mon 08:00-20:00", "mon 20:00-08:00", "mon 08:00-25:00"])
def test_malformed_hours_are_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        read_hours(text)


@given(st.sampled_from(ZONES), INSTANTS, st.integers(0, 120))
def test_open_means_the_wall_clock_is_inside_from_first_to_last_ring(zone: str, at: datetime, ring: int) -> None:
    place = OpenHours(zone, WEEK)
    if all_open([place], at, timedelta(seconds=ring)):
        for instant in (at, at + timedelta(seconds=ring)):
            local = instant.astimezone(ZoneInfo(zone))
            closes = 14 if local.weekday() == 5 else 20
            assert local.weekday() < 6
            assert 8 <= local.hour < closes


@given(st.lists(st.sampled_from(ZONES), min_size=1, max_size=3), INSTANTS)
def test_the_common_opening_is_open_everywhere_and_the_second_before_is_not(zones: list[str], at: datetime) -> None:
    places = [OpenHours(zone, WEEK) for zone in zones]
    opening = next_common_opening(places, at, timedelta(seconds=30))
    if opening is None:
        return
    assert opening >= at
    assert all_open(places, opening, timedelta(seconds=30))
    if opening > at:
        assert not all_open(places, opening - timedelta(seconds=1), timedelta(seconds=30))


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [("07:59:59", False), ("08:00:00", True), ("19:59:59", True), ("20:00:00", False)],
)
def test_edges_to_the_second(clock: str, allowed: bool) -> None:
    at = datetime.fromisoformat(f"2026-10-06T{clock}-03:00")
    assert all_open([OpenHours("America/Sao_Paulo", WEEK)], at, NO_RING) is allowed


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01")])
def test_days_with_a_clock_change_open_at_eight_by_the_wall(zone: str, day: str) -> None:
    place = OpenHours(zone, read_hours("mon-sun 08:00-21:00"))
    midnight = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=ZoneInfo(zone))
    opening = place.next_opening(midnight.astimezone(UTC), NO_RING)
    assert opening is not None
    assert opening.astimezone(ZoneInfo(zone)).time().isoformat() == "08:00:00"


def test_places_whose_windows_never_meet_have_no_opening() -> None:
    places = [OpenHours(zone, read_hours("mon-fri 09:00-10:00")) for zone in ("Asia/Tokyo", "America/New_York")]
    assert next_common_opening(places, datetime(2026, 10, 6, tzinfo=UTC), NO_RING) is None


def test_state_holidays_close_only_their_state() -> None:
    july_ninth = date(2026, 7, 9)
    assert Calendar("BR", "SP").is_holiday(july_ninth)
    assert not Calendar("BR", "RJ").is_holiday(july_ninth)
    assert Calendar("BR").is_holiday(date(2026, 11, 20))
