import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.phone_numbers import PhoneNumber, Rejected, mask, read, zones_of_region
from dialer.rules.places import brazilian_area_codes

AREAS = brazilian_area_codes()
WEST = {"65": -4, "66": -4, "67": -4, "68": -5, "69": -4, "92": -4, "95": -4}


def e164(raw: str, country: str) -> str | None:
    number = read(raw, country)
    return number.e164 if isinstance(number, PhoneNumber) else None


def zones(raw: str, country: str) -> set[str]:
    number = read(raw, country)
    assert isinstance(number, PhoneNumber)
    return {zone.name for zone in number.zones}


def test_brazil_has_67_area_codes_with_zones_that_exist() -> None:
    assert len(AREAS) == 67
    assert all(ZoneInfo(zone) for names, _ in AREAS.values() for zone in names)
    assert len({region for _, regions in AREAS.values() for region in regions}) == 27


@given(st.sampled_from(sorted(AREAS)), st.from_regex(r"9[0-9]{8}", fullmatch=True))
def test_mobiles_lie_where_their_area_code_says(area: str, line: str) -> None:
    number = read(f"+55{area}{line}", "BR")
    assert isinstance(number, PhoneNumber)
    assert number.line_type == "mobile"
    assert (tuple(zone.name for zone in number.zones), number.regions) == AREAS[area]


@pytest.mark.parametrize("area", sorted(AREAS))
def test_offsets_are_those_of_the_table(area: str) -> None:
    offsets = {
        datetime(2026, 7, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset().total_seconds() / 3600  # type: ignore[union-attr]
        for zone in AREAS[area][0]
    }
    expected = {"81": {-3, -2}, "97": {-4, -5}}.get(area, {WEST.get(area, -3)})
    assert offsets == expected


@given(st.sampled_from(sorted(AREAS)), st.from_regex(r"9[6-9][0-9]{7}", fullmatch=True))
def test_every_way_of_writing_a_mobile_is_the_same_number(area: str, line: str) -> None:
    ways = [
        f"({area}) {line[1:5]}-{line[5:]}",
        f"{area}{line}",
        f"0{area} {line}",
        f"015{area}{line}",
        f"55{area}{line}",
        f"+55 {area} {line}",
    ]
    assert {e164(way, "BR") for way in ways} == {f"+55{area}{line}"}


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("99999-0001", "BR"),
        ("(20) 99999-0001", "BR"),
        ("(11) 89999-00011", "BR"),
        ("call me", "US"),
        ("212 555 0123 ext 4", "US"),
        ("+1 012 555 0123", "US"),
        ("+1 900 555 0123", "US"),
        ("", "FR"),
        ("12345678901234567890", "US"),
    ],
)
def test_what_is_no_number_is_rejected_without_repeating_it(raw: str, country: str) -> None:
    verdict = read(raw, country)
    assert isinstance(verdict, Rejected)
    assert not re.search(r"\d{5}", verdict.reason)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("+1 212 555 0123", {"America/New_York"}),
        ("+1 423 555 0123", {"America/Chicago", "America/New_York"}),  # an unknown exchange: the whole area code
        ("+1 219 555 0123", {"America/Chicago", "America/New_York"}),
        ("+1 219 836 0123", {"America/Chicago"}),  # Munster, Indiana
        ("+1 602 555 0123", {"America/Phoenix"}),
        ("+1 800 555 0123", set()),
        ("+33 1 99 00 12 34", {"Europe/Paris"}),
        ("+33 6 39 98 12 34", {"Europe/Paris"}),
    ],
)
def test_zones_are_all_that_the_number_allows(raw: str, expected: set[str]) -> None:
    assert zones(raw, "US") == expected


def test_countries_are_those_of_the_number() -> None:
    found = {raw: read(raw, "US") for raw in ("+1 787 555 0123", "+1 416 555 0123", "06 39 98 12 34")}
    assert [n.country for n in found.values() if isinstance(n, PhoneNumber)] == ["US", "CA"]
    assert e164("06 39 98 12 34", "FR") == "+33639981234"


def test_states_have_zones_and_unknown_ones_none() -> None:
    assert {z.name for z in zones_of_region("BR", "BR-AM")} == {"America/Manaus", "America/Eirunepe"}
    assert {z.name for z in zones_of_region("US", "tn")} == {"America/Chicago", "America/New_York"}
    assert zones_of_region("US", "ZZ") == ()
    assert [z.name for z in zones_of_region("FR", "75")] == ["Europe/Paris"]


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+5511999994321", "+55 11 •••• 4321"),
        ("+12125550123", "+1 212 •••• 0123"),
        ("+33639981234", "+33 6 •••• 1234"),
        ("911", "••••"),
    ],
)
def test_masks_keep_the_place_and_the_last_four(number: str, masked: str) -> None:
    assert mask(number) == masked


@pytest.mark.parametrize("region", sorted({region for _, regions in AREAS.values() for region in regions}))
def test_every_brazilian_state_has_zones_however_it_is_written(region: str) -> None:
    assert zones_of_region("BR", region) == zones_of_region("BR", region.removeprefix("BR-")) != ()
