"""Segments: the sizes that the standard gives, and what holds of every text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.segments import BASIC, EXTENDED, ROOM, size_of


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the euro does not fit the first part, and is not split
        ("ç", "UCS-2", 1, 1),  # only the capital is in the alphabet
        ("Ç", "GSM-7", 1, 1),
        ("ã" * 70, "UCS-2", 70, 1),
        ("ã" * 71, "UCS-2", 71, 2),
        ("ã" * 134, "UCS-2", 134, 2),
        ("ã" * 135, "UCS-2", 135, 3),
        ("🙂" * 35, "UCS-2", 70, 1),
        ("🙂" * 36, "UCS-2", 72, 2),
        ("a" * 66 + "🙂" + "a" * 66, "UCS-2", 134, 3),
        ("Loja: pague em https://pay.example/1", "GSM-7", 36, 1),
        ("Olá — seu código é “12345”", "UCS-2", 26, 1),
    ],
)
def test_published_sizes(text: str, encoding: str, units: int, segments: int) -> None:
    found = size_of(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_the_alphabet_has_the_characters_of_the_standard() -> None:
    assert len(BASIC) == 127, "128 places, one of them the escape"
    assert len(EXTENDED) == 10
    assert not BASIC & EXTENDED


@given(st.text(alphabet=st.sampled_from(sorted(BASIC | EXTENDED)), max_size=700))
def test_what_the_alphabet_holds_goes_out_in_it(text: str) -> None:
    found = size_of(text)
    assert found.encoding == "GSM-7"
    assert found.units == len(text) + sum(one in EXTENDED for one in text)


@given(st.text(max_size=500))
def test_no_part_holds_more_than_it_may_and_none_is_wasted(text: str) -> None:
    found = size_of(text)
    alone, each = ROOM[found.encoding]
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert (found.segments == 1) == (found.units <= alone)
    if found.segments > 1:
        assert math.ceil(found.units / each) <= found.segments <= math.ceil(found.units / (each - 1))


@given(st.text(max_size=300), st.characters())
def test_a_longer_text_is_never_cheaper_in_the_same_encoding(text: str, more: str) -> None:
    before, after = size_of(text), size_of(text + more)
    assert before.encoding != after.encoding or after.segments >= before.segments
