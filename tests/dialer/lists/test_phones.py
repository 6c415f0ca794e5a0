"""Telephone cells as people and systems write them: what is dialled, and what is left alone."""

from __future__ import annotations

import re

import pytest

from dialer.lists.headings import assign
from dialer.lists.phones import ReadPhones, phone_plan, read_phones


def read(columns: list[str], cells: list[str], country: str = "BR") -> ReadPhones:
    assigned = assign(columns, {})
    best = cells[assigned["best_phone"]] if "best_phone" in assigned else ""
    return read_phones(phone_plan(columns, assigned), cells, country, best)


def told(read_phones: ReadPhones) -> list[str]:
    return [
        " ".join(filter(None, (one.number.e164, one.line_type, one.extension and f"x{one.extension}")))
        for one in read_phones.numbers
    ]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("11 3333-4444 / 99999-0001", ["+551133334444 landline", "+5511999990001 mobile"]),
        ("11 3333-4444 e 11 99999-0001", ["+551133334444 landline", "+5511999990001 mobile"]),
        ("whats 11 99999-0001 ou fixo 11 3333-4444", ["+5511999990001 mobile", "+551133334444 landline"]),
        ("(0xx11) 3333-4444", ["+551133334444 landline"]),
        ("0**11 3333-4444", ["+551133334444 landline"]),
        ("015 11 99999 0001", ["+5511999990001 mobile"]),
        ("1199990001", ["+5511999990001 mobile"]),
        ("11999990001.0", ["+5511999990001 mobile"]),
        ("Cel: (11) 99999-0001", ["+5511999990001 mobile"]),
        ("(11) 99999-0001 (whats)", ["+5511999990001 mobile"]),
        ("11 3333-4444 ramal 12", ["+551133334444 landline x12"]),
        ("1133334444 r. 12", ["+551133334444 landline x12"]),
        ("11 3333-4444x12", ["+551133334444 landline x12"]),
        ("+1 305 555 0100 #7", ["+13055550100 mobile_or_landline x7"]),
    ],
)
def test_a_cell_is_read_as_its_numbers(text: str, numbers: list[str]) -> None:
    assert told(read(["telefone"], [text])) == numbers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5,5119E+12", "spreadsheet shortened"),
        ("recado c/ Maria 11 99999-0001", "letters"),
        ("99999-0001", "area code"),
        ("99999999999", "made up"),
        ("11 12345-6789", "no Brazilian line"),
    ],
)
def test_a_cell_that_is_no_number_says_why(text: str, why: str) -> None:
    refused = read(["telefone"], [text])
    assert not refused.numbers
    assert re.search(why, refused.left_out[0][1])


@pytest.mark.parametrize(
    ("columns", "cells", "country", "numbers"),
    [
        (["DDD", "FONE"], ["011", "9999-0001"], "BR", ["+5511999990001 mobile"]),
        (["DDD", "FONE"], ["11", "11999990001"], "BR", ["+5511999990001 mobile"]),
        (["DDD", "FONE"], ["11", "21999990001"], "BR", []),
        (["DDD", "FONE"], ["", "99999-0001"], "BR", []),
        (["DDI", "DDD", "FONE"], ["1", "305", "5550100"], "BR", ["+13055550100 mobile_or_landline"]),
        (["DDI", "DDD", "FONE"], ["999", "11", "999990001"], "BR", []),
        (["Area code", "Phone", "Phone type"], ["305", "555-0100", "home"], "US", ["+13055550100 landline"]),
        (["Cell phone"], ["305-555-0100"], "US", ["+13055550100 mobile"]),
        (["Home phone"], ["305-555-0100"], "US", ["+13055550100 mobile_or_landline"]),
        (["Celular"], ["11 3333-4444"], "BR", ["+551133334444 landline"]),
        (["Indicatif", "Téléphone"], ["+33", "639981234"], "FR", ["+33639981234 mobile"]),
        (["DDD", "TEL RES", "DDD", "CELULAR"], ["11", "33334444", "21", "999990001"], "BR",
         ["+551133334444 landline", "+5521999990001 mobile"]),
    ],
)  # fmt: skip
def test_what_stands_beside_a_number_goes_with_it(
    columns: list[str], cells: list[str], country: str, numbers: list[str]
) -> None:
    assert told(read(columns, cells, country)) == numbers


@pytest.mark.parametrize(
    ("columns", "cells", "order"),
    [
        (["FONE1", "FONE2"], ["11999990001", "1133334444"], "1 2"),
        (["FONE1", "RANK1", "FONE2", "RANK2"], ["11999990001", "2", "1133334444", "1"], "2 1"),
        (["FONE1", "RANK1", "FONE2", "RANK2"], ["11999990001", "", "1133334444", "9"], "2 1"),
        (["FONE1", "SCORE FONE 1", "FONE2", "SCORE FONE 2"], ["11999990001", "10", "1133334444", "87,5"], "2 1"),
        (["FONE1", "FONE2", "melhor telefone"], ["11999990001", "1133334444", "FONE2"], "2 1"),
        (["FONE1", "FONE2", "melhor telefone"], ["11999990001", "1133334444", "2"], "2 1"),
        (["FONE1", "FONE2", "melhor telefone"], ["11999990001", "1133334444", "(11) 3333-4444"], "2 1"),
        (["FONE2", "FONE1"], ["1133334444", "11999990001"], "1 2"),
        (["FONE1", "FONE2"], ["11999990001", "11 99999-0001"], "1"),
    ],
)
def test_the_best_number_comes_first(columns: list[str], cells: list[str], order: str) -> None:
    names = {"+5511999990001": "1", "+551133334444": "2"}
    assert " ".join(names[one.number.e164] for one in read(columns, cells).numbers) == order


def test_a_score_or_a_rank_of_something_else_ranks_no_telephone() -> None:
    assigned = assign(["nome", "ordem", "score", "FONE1", "tipo"], {})
    assert assigned == {"name": 0, "phone": 3}


def test_area_code_and_number_in_one_column_are_a_telephone() -> None:
    assert assign(["DDD/FONE 1", "DDD/FONE 2", "contato", "Telefone contato"], {}) == {
        "phone": 0, "phone2": 1, "contact_name": 2, "phone3": 3,
    }  # fmt: skip
