"""The short way to a number gives the library's answer, or none."""

from __future__ import annotations

import re
from unittest.mock import patch

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberType

from dialer.rules import phone_numbers, plain_numbers
from dialer.rules.phone_numbers import PhoneNumber

REGIONS = ("BR", "US", "CA", "GB", "FR", "PT", "AO", "MX", "AR", "DE", "IT", "IM", "PR", "AU", "JP", "SM")
ELSEWHERE = (*REGIONS, "ZZ", "us")
SIGNS = "0123456789０１２٣+＋-(). /;,#xXeEtab*\u00a0\n"
NEVER = re.compile(r"(?!)")


@st.composite
def nearly_valid(draw: st.DrawFn) -> tuple[str, str]:
    """A number of some kind and region with digits changed, added or lost, written in many ways, and where."""
    region = draw(st.sampled_from(REGIONS))
    kind = draw(st.sampled_from(PhoneNumberType.values()))
    number = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    digits = list(phonenumbers.national_significant_number(number))
    for place in draw(st.lists(st.integers(0, len(digits) - 1), max_size=4)):
        digits[place] = draw(st.sampled_from("0123456789"))
    digits += draw(st.sampled_from(([], [], [], ["5"], ["1", "2"])))
    digits = digits[draw(st.sampled_from((0, 0, 0, 1))) :]
    plan = PhoneMetadata.metadata_for_region(region)
    trunk, code = plan.national_prefix or "", str(plan.country_code)
    heads = (
        "",
        trunk,
        f"+{code}",
        f"+{code} ",
        f"+ {code}",
        f"+{code} (0)",
        f"+{code}{trunk}",
        code,
        f"00{code}",
        "011",
    )
    gaps = draw(st.lists(st.sampled_from(("", "", " ", "-", ".", ") ", " (")), min_size=20, max_size=20))
    tail = draw(st.sampled_from(("", "", "", " ", "-", ")", " ext 4", "x12", "#3", " ramal 2")))
    body = "".join(digit + gap for digit, gap in zip(digits, gaps, strict=False))
    return draw(st.sampled_from(heads)) + body + tail, draw(st.sampled_from((region, region, region, *ELSEWHERE)))


anything = st.tuples(st.text(SIGNS, min_size=4, max_size=20), st.sampled_from(ELSEWHERE))
brazilian = st.tuples(
    st.from_regex(r"(\+55 ?|\+ 55|0|055|015|55)?\(?0?[1-9][0-9]\)? ?[2-9][0-9]{3,4}[- ]?[0-9]{3,5}", fullmatch=True),
    st.sampled_from(("BR", "BR", "US")),
)
digits_only = st.tuples(st.from_regex(r"\+?[0-9]{5,18}", fullmatch=True), st.sampled_from(ELSEWHERE))


@settings(max_examples=250, deadline=None)
@given(st.one_of(nearly_valid(), digits_only, anything))
def test_the_short_way_says_what_the_library_says(written: tuple[str, str]) -> None:
    text, country = written
    known = plain_numbers.read(text, country)
    if known is None:
        return
    number = phonenumbers.parse(text, country)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert (known.code, known.national) == (str(number.country_code), e164[1 + len(known.code) :])
    assert known.kind == phonenumbers.number_type(number)
    assert (known.kind != PhoneNumberType.UNKNOWN) == phonenumbers.is_valid_number(number)
    if known.kind != PhoneNumberType.UNKNOWN:
        assert known.region == phonenumbers.region_code_for_number(number)


@settings(max_examples=150, deadline=None)
@given(st.one_of(nearly_valid(), brazilian, digits_only, anything))
def test_without_the_short_ways_every_text_means_the_same(written: tuple[str, str]) -> None:
    """Zones, regions and the reasons of rejections too; Brazil has a short way of its own."""
    with (
        patch.object(plain_numbers, "read", lambda text, country: None),
        patch.object(phone_numbers, "_USUAL_IN_BRAZIL", NEVER),
    ):
        long_way = phone_numbers.read(*written)
    assert phone_numbers.read(*written) == long_way


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("(212) 555-0123", "US"),
        ("1 212 555 0123", "US"),
        ("+1 416 555 0123", "BR"),
        ("020 7946 0018", "GB"),
        ("+44 20 7946 0018", "FR"),
        ("06 39 98 12 34", "FR"),
        ("912 345 678", "PT"),
        ("+244 923 456 789", "BR"),
    ],
)
def test_what_people_mostly_write_takes_the_short_way(text: str, country: str) -> None:
    assert plain_numbers.read(text, country) is not None
    assert isinstance(phone_numbers.read(text, country), PhoneNumber)


@pytest.mark.parametrize(
    "text", ["+1 212 555 0123 ext 4", "+١٢١٢٥٥٥٠١٢٣", "0011 44 20 7946 0018", "+999 20 7946 0018"]
)
def test_what_is_not_surely_known_is_left_to_the_library(text: str) -> None:
    assert plain_numbers.read(text, "AU") is None
