"""Places out of tables: area codes, states and postal codes, each compared with what else is known of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.rules.hours import OpenHours, all_open, next_common_opening, read_hours
from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.rules.places import (
    north_american_regions,
    regions_of_postal_code,
    zones_of_address,
    zones_of_region,
)

CODES = north_american_regions()
TERRITORIES = {"PR", "VI", "GU", "AS", "MP"}
TO_NINE = read_hours("mon-sun 08:00-21:00")


def parsed(raw: str, country: str = "US") -> PhoneNumber:
    number = read(raw, country)
    assert isinstance(number, PhoneNumber)
    return number


def names(zones: object) -> set[str]:
    return {zone.name for zone in zones}  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_area_code_lies_in_a_country_and_zones_that_its_regions_have(code: str) -> None:
    """Compared with the library's own table of zones by prefix, which comes from elsewhere."""
    ours = {offset for region in CODES[code] if region != "US-NYC" for offset in _offsets(region)}
    known = {zone for prefix, zones in TIMEZONE_DATA.items() if prefix == f"1{code}" for zone in zones}
    theirs = {_winter(zone) for zone in known if zone != "Etc/Unknown"}
    assert theirs <= ours, (CODES[code], theirs)
    countries = {region.partition("-")[0] for region in CODES[code]}
    assert len(countries) == 1


def _offsets(region: str) -> set[float]:
    country, _, state = region.partition("-")
    return {_winter(zone.name) for zone in zones_of_region(country, state)}


def _winter(zone: str) -> float:
    offset = datetime(2026, 1, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600


def test_every_state_and_province_has_an_area_code_and_a_zone() -> None:
    regions = {region for found in CODES.values() for region in found}
    assert len([one for one in regions if one.startswith("US-")]) == 51 + len(TERRITORIES) + 1  # and New York City
    assert len([one for one in regions if one.startswith("CA-")]) == 13
    without = [one for one in regions - {"US-NYC"} if not zones_of_region(*one.split("-"))]
    assert without == []


@pytest.mark.parametrize(
    ("raw", "regions"),
    [
        ("+1 617 555 0123", ("US-MA",)),
        ("+1 212 555 0123", ("US-NY", "US-NYC")),
        ("+1 416 555 0123", ("CA-ON",)),
        ("+1 514 555 0123", ("CA-QC",)),
        ("+1 867 555 0123", ("CA-YT", "CA-NT", "CA-NU")),
        ("+1 787 555 0123", ("US-PR",)),
        ("+1 800 555 0123", ()),
    ],
)
def test_a_number_names_the_states_of_its_area_code(raw: str, regions: tuple[str, ...]) -> None:
    assert parsed(raw).regions == regions


def test_a_toll_free_number_tells_no_place_at_all() -> None:
    for code in ("800", "833", "844", "855", "866", "877", "888"):
        number = parsed(f"+1 {code} 555 0123")
        assert (number.zones, number.regions) == ((), ())


def test_newfoundland_is_half_an_hour_ahead_and_labrador_is_a_candidate_too() -> None:
    zones = names(parsed("+1 709 555 0123", "CA").zones)
    assert "America/St_Johns" in zones
    assert names(zones_of_region("CA", "NL")) == {"America/St_Johns", "America/Goose_Bay"}
    island = [OpenHours("America/St_Johns", TO_NINE)]
    opens = datetime(2026, 1, 15, 11, 30, tzinfo=UTC)
    assert all_open(island, opens, timedelta(0))
    assert not all_open(island, opens - timedelta(seconds=1), timedelta(0))
    assert next_common_opening(island, opens - timedelta(hours=3), timedelta(0)) == opens


def test_the_navajo_nation_keeps_summer_time_and_the_rest_of_arizona_does_not() -> None:
    assert {"America/Phoenix", "America/Denver"} <= names(parsed("+1 928 555 0123").zones)
    both = [OpenHours(zone.name, TO_NINE) for zone in zones_of_region("US", "AZ")]
    in_july = datetime(2026, 7, 1, 15, 0, tzinfo=UTC)  # 08:00 in Phoenix, 09:00 in the Navajo Nation
    assert all_open(both, in_july, timedelta(0))
    assert not all_open(both, in_july - timedelta(seconds=1), timedelta(0))
    nine_there = datetime(2026, 7, 2, 3, 0, tzinfo=UTC)  # 21:00 in the Navajo Nation, 20:00 in Phoenix
    assert not all_open(both, nine_there, timedelta(0))
    assert all_open(both, nine_there - timedelta(seconds=1), timedelta(0))


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes"),
    [
        ("America/New_York", "2026-03-08", "12:00:00", "01:00:00"),  # the clock goes forward
        ("America/New_York", "2026-11-01", "13:00:00", "02:00:00"),  # and back
        ("America/New_York", "2028-02-29", "13:00:00", "02:00:00"),  # a leap day
        ("America/St_Johns", "2026-03-08", "10:30:00", "23:30:00"),
        ("Europe/London", "2026-03-29", "07:00:00", "20:00:00"),
        ("America/Noronha", "2026-03-08", "10:00:00", "23:00:00"),
        ("America/Eirunepe", "2026-03-08", "13:00:00", "02:00:00"),
    ],
)
def test_windows_are_right_to_the_second_on_days_on_which_the_clock_changes(
    zone: str, day: str, opens: str, closes: str
) -> None:
    place = [OpenHours(zone, TO_NINE)]
    start = datetime.fromisoformat(f"{day}T{opens}+00:00")
    end = datetime.fromisoformat(f"{day}T{closes}+00:00")
    end += timedelta(days=end < start)
    second = timedelta(seconds=1)
    assert all_open(place, start, timedelta(0))
    assert not all_open(place, start - second, timedelta(0))
    assert all_open(place, end - second, timedelta(0))
    assert not all_open(place, end, timedelta(0))


def test_recife_and_noronha_share_a_code_and_both_must_be_open() -> None:
    both = [OpenHours(zone.name, TO_NINE) for zone in parsed("+55 81 99999-0001", "BR").zones]
    assert {one.zone for one in both} == {"America/Recife", "America/Noronha"}
    opens = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # 08:00 in Recife, 09:00 on the island
    assert all_open(both, opens, timedelta(0))
    assert not all_open(both, opens - timedelta(seconds=1), timedelta(0))
    assert not all_open(both, datetime(2026, 3, 2, 23, 0, tzinfo=UTC), timedelta(0))  # 21:00 on the island


@pytest.mark.parametrize(
    ("country", "code", "regions"),
    [
        ("BR", "01310-100", ("BR-SP",)),
        ("BR", "20040-002", ("BR-RJ",)),
        ("BR", "68900-000", ("BR-AP",)),
        ("BR", "69945-000", ("BR-AC",)),
        ("BR", "72800-000", ("BR-GO",)),
        ("BR", "0131", ()),
        ("US", "02108", ("US-MA",)),
        ("US", "10001-1234", ("US-NY", "US-NYC")),
        ("US", "88510", ("US-TX",)),
        ("US", "0210", ()),
        ("CA", "k1a 0b1", ("CA-ON",)),
        ("CA", "H2X 1Y4", ("CA-QC",)),
        ("FR", "75001", ()),
    ],
)
def test_a_postal_code_names_its_state(country: str, code: str, regions: tuple[str, ...]) -> None:
    assert regions_of_postal_code(country, code) == regions


def test_a_postal_code_that_contradicts_the_state_is_one_more_candidate() -> None:
    found = zones_of_address("US", "CA", "10001")
    assert [(zone.name, zone.source) for zone in found] == [
        ("America/Los_Angeles", "address in US-CA"),
        ("America/New_York", "postal code of US-NY"),
    ]
    assert names(zones_of_address("US", "NY", "10001")) == {"America/New_York"}
    assert zones_of_address("US", None, None) == ()


def test_area_codes_of_the_table_are_those_of_their_country_in_the_library() -> None:
    wrong = []
    for code, regions in CODES.items():
        country, _, state = regions[0].partition("-")
        number = phonenumbers.parse(f"+1{code}5550123")
        known = phonenumbers.region_code_for_number(number)
        if known is not None and known != (state if state in TERRITORIES else country):
            wrong.append((code, regions, known))
    assert wrong == []
