"""Which column is which field, and what whole columns prove of their cells."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.errors import BadInput
from dialer.lists.cellwise import cleaned, in_one_line, may_need_cleaning
from dialer.lists.habits import Habits, survey
from dialer.lists.headings import assign, listed, origins, plain, remember
from dialer.lists.rows import RowReader
from dialer.lists.table import Line
from dialer.lists.words import _data, is_blank

USUAL = ["Código", "Nome", "FONE1", "FONE2", "Valor", "Valor Original", "Vencimento"]


def test_headings_with_money_signs_and_words_cut_short_are_guessed() -> None:
    odd = ["Cód. Interno", "Devedor", "Fone p/ contato", "Nº do Título", "Vlr. Atualizado R$", "Dt Vcto"]
    assert {field: odd[place] for field, place in assign(odd, {}).items()} == {
        "key": odd[0], "name": odd[1], "phone": odd[2], "contract": odd[3], "amount": odd[4], "due_date": odd[5],
    }  # fmt: skip
    assert assign(["Balance US$"], {}) == assign(["Solde €"], {}) == {"amount": 0}


def test_what_is_chosen_goes_before_what_is_remembered_and_that_before_guesses() -> None:
    chosen, remembered = {"key": "Código"}, {"fone1": "phone2", "fone2": "phone", "codigo": "contract"}
    assigned = assign(USUAL, chosen, remembered)
    assert (assigned["key"], assigned["phone"], assigned["phone2"]) == (0, 3, 2)
    assert "contract" not in assigned
    assert origins(USUAL, chosen, remembered) == {
        "key": "chosen", "name": "guessed", "phone": "remembered", "phone2": "remembered", "amount": "guessed",
        "original_amount": "guessed", "due_date": "guessed",
    }  # fmt: skip


def test_a_field_can_be_said_to_have_no_column_and_that_is_remembered_too() -> None:
    assigned = assign(USUAL, {"original_amount": "-", "key": "Código"})
    assert "original_amount" not in assigned
    kept = remember(USUAL, assigned)
    assert kept["valor original"] == "-"
    assert assign(USUAL, {}, kept) == assigned
    assert assign(USUAL, {"original_amount": "Valor Original"}, kept)["original_amount"] == 5


@settings(max_examples=40, deadline=None)
@given(columns=st.permutations([*USUAL, "DDD1", "DDD2", "Tipo fone 1", "Observação"]))
def test_what_is_remembered_gives_the_same_columns_in_any_order(columns: list[str]) -> None:
    assigned = assign(columns, {"contract": "Observação"})
    again = assign(columns, {}, remember(columns, assigned))
    assert again == assigned
    assert listed(again)[:2] == ["name", "phone"]


def test_columns_that_are_gone_or_stand_twice_are_not_remembered() -> None:
    assert assign(["nome", "fone"], {}, {"telefone antigo": "phone", "apelido": "name"}) == {"name": 0, "phone": 1}
    twice = ["nome", "DDD", "fone", "DDD", "celular"]
    assert "ddd" not in remember(twice, assign(twice, {}))


def test_a_field_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r'no field "telephone".*area_code'):
        assign(USUAL, {"telephone": "FONE1"})


def proven(*cells: str, field: str = "due_date") -> Habits:
    return survey([Line(number, [cell]) for number, cell in enumerate(cells)], {field: 0})


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["05/11/2026", "04/11/2026"], ""),
        (["05/11/2026", "25/11/2026"], "day"),
        (["05/11/2026", "11/25/2026"], "month"),
        (["25/11/2026", "11/25/2026"], "unclear"),
        (["25/11/2026"] * 19 + ["11/25/2026"], "day"),  # one typing error does not turn a column round
        (["05/11/2026"] * 20 + ["11/25/2026"], "unclear"),  # a single one of many proves nothing
        (["2026-11-25", "46331", ""], ""),
    ],
)
def test_the_order_of_dates_is_what_the_column_proves(cells: list[str], order: str) -> None:
    assert proven(*cells).orders == {0: order}


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1.234", "99,90"], ","),
        (["1.234", "99.9"], "."),
        (["99.90", "99,90"], ""),
        (["1.234", "1234"], ""),
        (["R$ 1.234,5"], ","),
    ],
)
def test_the_decimal_sign_is_what_the_column_proves(cells: list[str], sign: str) -> None:
    assert proven(*cells, field="amount").decimal_signs == {0: sign}


@settings(max_examples=30, deadline=None)
@given(days=st.lists(st.dates(date(2020, 1, 1), date(2030, 12, 31)), min_size=1, max_size=30))
def test_a_column_of_true_dates_is_never_read_otherwise(days: list[date]) -> None:
    columns = ("nome", "fone", "contrato", "valor", "vencimento")
    lines = [Line(at, ["Ana", "11 99999-0101", "C", "1,00", day.strftime("%m/%d/%Y")]) for at, day in enumerate(days)]
    assigned = assign(columns, {})
    reader = RowReader(columns, assigned, "FR", survey(lines, assigned))
    habits = survey(lines, assigned)
    for line, day in zip(lines, days, strict=True):
        row, _ = reader.read(Line(line.number, [*line.cells[:1], "06 39 98 00 01", *line.cells[2:]]))
        if habits.orders[4] == "month":
            assert row is not None
            assert row.owed.due_on == day


def suspicious(*cells: str) -> bool:
    return may_need_cleaning(in_one_line(cells), len(cells))


@given(st.lists(st.text("N/aA\"'=-(+|#09 ", max_size=6), min_size=1, max_size=4))
def test_what_would_be_cleaned_is_looked_at(cells: list[str]) -> None:
    if any(cell and cleaned(cell) != cell for cell in cells):
        assert suspicious(*cells)


def test_what_lists_are_full_of_is_not_looked_at_twice() -> None:
    assert not suspicious(
        "100001", "Maria de Souza", "", "SP", "São Paulo", "(11) 99999-0101", "+55 11 3333-0101", ""
    )


def test_every_word_for_nothing_is_looked_at() -> None:
    for word in map(str, _data()["blank"]):
        for written in (word, word.upper(), word.title(), word.replace(" ", "/")):
            assert is_blank(written), written
            assert all([suspicious("Ana", written, "1"), suspicious(written), suspicious("", written)]), written
    assert not is_blank("0")
    assert plain("Não") == "nao"
