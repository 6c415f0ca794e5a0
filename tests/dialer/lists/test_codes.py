"""Payment codes: published examples pass, one changed sign never does, and what they say is read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.lists.cells import Fault
from dialer.lists.codes.boletos import Slip, read_slip
from dialer.lists.codes.pix import Pix, checksum, fields, read_pix
from dialer.lists.documents import cnpj_check_digits, passes_luhn, read_document
from dialer.lists.payments import ReadCode, read_code
from tests.dialer.lists.codes import boleto, pix, utility_bill

# Banco Central, Manual do BR Code, example of a static code.
OFFICIAL_PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)
FEW = settings(max_examples=30, deadline=None)
CENTS = st.integers(1, 9_999_999_999)
DUE = st.dates(date(2000, 7, 3), date(2049, 1, 1))


def test_the_official_example_of_pix_is_good() -> None:
    assert read_pix(OFFICIAL_PIX) == Pix(None)


@FEW
@given(minor=st.none() | st.integers(1, 99_999_999))
def test_the_amount_inside_a_pix_text_is_read(minor: int | None) -> None:
    assert read_pix(pix(minor)) == Pix(minor)


@FEW
@given(at=st.integers(0, 120), sign=st.characters(codec="ascii", exclude_categories=["Cc"]))
def test_one_changed_sign_of_a_pix_text_is_noticed(at: int, sign: str) -> None:
    good = pix(12345)
    changed = good[:at] + sign + good[at + 1 :]
    assert changed.casefold() == good.casefold() or isinstance(read_pix(changed), Fault)


@pytest.mark.parametrize(
    "body",
    [
        "000201" + "5204000053039865802BR5904LOJA6003RIO",  # no account
        "000201" + "26200016com.example.pays" + "5204000053039865802BR5904LOJA6003RIO",  # not of PIX
        OFFICIAL_PIX[:-8].replace("5303986", "5303840"),  # in dollars
        OFFICIAL_PIX[:-8].replace("5913Fulano de Tal", ""),
        OFFICIAL_PIX[:-8].replace("6008BRASILIA", "6099BRASILIA"),
    ],
)
def test_a_text_that_no_bank_would_take_is_refused_though_its_checksum_fits(body: str) -> None:
    assert isinstance(read_pix(f"{body}6304" + checksum(f"{body}6304")), Fault)


@FEW
@given(text=st.text(max_size=40))
def test_any_text_has_fields_or_none(text: str) -> None:
    found = fields(text)
    assert found is None or sum(4 + len(value) for value in found.values()) <= len(text)


def test_published_lines_are_good() -> None:
    assert read_slip("23793381286008301352856000063307789840000150000") == Slip(
        150000, (date(2022, 5, 13), date(2047, 1, 2))
    )
    assert read_slip("836200000005667800481000180975657313001589636081") == Slip(6678)


@FEW
@given(minor=CENTS, due=DUE)
def test_a_boleto_says_its_amount_and_its_day(minor: int, due: date) -> None:
    slip = read_slip(boleto(minor, due))
    assert isinstance(slip, Slip)
    assert slip.amount_minor == minor
    assert due in slip.due_on


@FEW
@given(minor=CENTS, due=DUE, at=st.integers(0, 32), by=st.integers(1, 9))
def test_one_wrong_digit_of_a_boleto_is_noticed(minor: int, due: date, at: int, by: int) -> None:
    line = boleto(minor, due)
    wrong = line[:at] + str((int(line[at]) + by) % 10) + line[at + 1 :]
    assert isinstance(read_slip(wrong), Fault)


@FEW
@given(minor=CENTS, kind=st.sampled_from("6789"), at=st.integers(3, 47), by=st.integers(1, 9))
def test_one_wrong_digit_of_a_bill_is_noticed(minor: int, kind: str, at: int, by: int) -> None:
    line = utility_bill(minor, kind)
    slip = read_slip(line)
    assert slip == Slip(minor if kind in "68" else None)
    wrong = line[:at] + str((int(line[at]) + by) % 10) + line[at + 1 :]
    if kind in "67":  # módulo 11 with 0 in place of 10 and 11 lets a few pass in a group of its own
        assert isinstance(read_slip(wrong), Fault)


def test_the_due_factor_began_again_in_2025() -> None:
    line = boleto(100, date(2025, 2, 22))
    assert line[33:37] == "1000"
    assert boleto(100, date(2025, 2, 21))[33:37] == "9999"


def test_a_code_for_another_debt_is_a_contradiction() -> None:
    due = date(2026, 11, 5)
    code = read_code("boleto", boleto(10000, due))
    assert isinstance(code, ReadCode)
    assert not code.contradicts((10000,), due)
    assert not code.contradicts((10350, 10000), due)  # the slip was made before interest
    assert "is for 100.00" in code.contradicts((5000,), due)
    assert "before the debt" in code.contradicts((10000,), date(2026, 12, 1))
    assert not code.contradicts((10000,), date(2026, 10, 1))  # issued again with a later day
    without = read_code("boleto", boleto(0, None))
    assert isinstance(without, ReadCode)
    assert not without.contradicts((1,), due)


def test_the_official_example_of_a_cnpj_with_letters_passes() -> None:
    assert cnpj_check_digits("12ABC34501DE") == "35"
    assert read_document("12.ABC.345/01DE-35", "BR") == "12ABC34501DE35"
    assert isinstance(read_document("12.ABC.345/01DE-36", "BR"), Fault)
    assert read_document("12.345.678/0001-95", "BR") == "12345678000195"


def test_french_companies_pass_luhn() -> None:
    assert passes_luhn("732829320")
    assert read_document("732 829 320 00074", "FR", company=True) == "73282932000074"
    assert isinstance(read_document("732 829 321", "FR", company=True), Fault)
    assert read_document("35600000049837", "FR", company=True) == "35600000049837"  # an office of La Poste
