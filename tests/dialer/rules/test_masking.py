"""What is masked cannot be read back; what is no secret stays as it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules import masking

SECRETS = (
    "+5511999990001", "+15550100123", "529.982.247-25", "12.345.678/0001-95", "219-09-9999", "ana@exemplo.com.br",
)  # fmt: skip
PLAIN = (
    "2026-11-23T13:00:00.123Z", "contact 42 of 1000", "TOQUE_SECRET_KEY",
    "CA00000000000000000000000000000001", "+3 h",
)  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_that_looks_like_one_is_logged(secret: str) -> None:
    for text in (secret, f"to {secret}, twice", f'{{"to":"{secret}"}}', f"({secret})"):
        assert secret not in masking.last_resort(text)
    assert masking.last_resort({"a": [secret, {"b": (secret,)}], "n": 7}) == {
        "a": [masking.last_resort(secret), {"b": [masking.last_resort(secret)]}],
        "n": 7,
    }


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masking.last_resort(text) == text


@given(st.integers(10**7, 10**14), st.text("abc ,:/", max_size=5), st.text(" ,)", max_size=5))
def test_no_number_with_a_plus_is_left(digits: int, before: str, after: str) -> None:
    text = masking.last_resort(f"{before} +{digits}{after}")
    assert not re.search(r"\d{7}", text)


@given(st.text(min_size=5, max_size=30))
def test_a_masked_document_shows_two_characters(document: str) -> None:
    assert masking.document(document) == masking.HIDDEN + document[-2:]


def test_names_and_addresses() -> None:
    assert masking.name("Maria  da Silva") == "M••• d••• S•••"
    assert masking.name("") == ""
    assert masking.email("maria@exemplo.com.br") == "m•••@•••.br"
    assert masking.document("1234") == "•••"
