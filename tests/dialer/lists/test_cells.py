"""Cells as people write them: what they mean, and that whatever could mean two things is refused."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import BadInput
from dialer.lists.amounts import read_amount
from dialer.lists.cells import Fault
from dialer.lists.days import read_day, read_year
from dialer.lists.documents import cpf_check_digits, read_document
from dialer.lists.headings import assign
from dialer.lists.payments import read_payment
from dialer.lists.rows import Row, RowReader
from dialer.lists.table import Line, open_table
from tests.dialer.lists.codes import boleto, pix

CURRENCY = {"BR": "BRL", "US": "USD", "FR": "EUR"}
CENTS = st.integers(1, 99_999_999_999)


@pytest.mark.parametrize(
    ("text", "country", "minor"),
    [
        ("1234.56", "BR", 123456),
        ("1,234.56", "BR", 123456),
        ("1.234,56", "BR", 123456),
        ("R$ 1.234,56", "BR", 123456),
        ("R$\u00a01.234,56", "BR", 123456),
        ("1.234", "BR", 123400),
        ("1.234.567,8", "BR", 123456780),
        ("1,234", "US", 123400),
        ("$1,234.5", "US", 123450),
        ("US$ 99", "US", 9900),
        ("1 234,56 €", "FR", 123456),
        ("1\u202f234,56\u00a0EUR", "FR", 123456),
        ("0,01", "FR", 1),
        ("1.234,56", "US", 123456),
    ],
)
def test_amounts_that_can_mean_one_thing_are_read(text: str, country: str, minor: int) -> None:
    assert read_amount(text, country=country, currency=CURRENCY[country]) == minor


@pytest.mark.parametrize(
    ("text", "country", "why"),
    [
        ("1,234", "BR", "thousands or decimals"),
        ("1.234", "US", "thousands or decimals"),
        ("1.234", "FR", "thousands or decimals"),
        ("0", "BR", "zero"),
        ("0,00", "BR", "zero"),
        ("-10,00", "BR", "above zero"),
        ("(10,00)", "BR", "above zero"),
        ("10,00-", "BR", "above zero"),
        ("12.34.56", "BR", "points and commas"),
        ("1.23,45", "BR", "points and commas"),
        ("1,2345", "BR", "more than two decimals"),
        ("1.234.56", "BR", "points and commas"),
        ("1e3", "BR", "spreadsheet shortened"),
        ("1,5E+05", "BR", "spreadsheet shortened"),
        ("abc", "BR", "above zero"),
        ("٣٤", "BR", "above zero"),
        ("US$ 10,00", "BR", "written in US\\$"),
        ("€ 10", "US", "written in €"),
        ("99999999999", "BR", "more than"),
    ],
)
def test_amounts_that_are_unclear_are_refused(text: str, country: str, why: str) -> None:
    read = read_amount(text, country=country, currency=CURRENCY[country])
    assert isinstance(read, Fault)
    assert re.search(why, read.reason)


@given(cents=CENTS, country=st.sampled_from(["BR", "US", "FR"]))
def test_an_amount_in_the_custom_of_its_country_is_read_back(cents: int, country: str) -> None:
    locale = {"BR": "pt_BR", "US": "en_US", "FR": "fr_FR"}[country]
    written = format_decimal(Decimal(cents) / 100, format="#,##0.00", locale=locale)
    assert read_amount(written, country=country, currency=CURRENCY[country]) == cents


@given(text=st.text(alphabet="0123456789.,' -$R", max_size=12), country=st.sampled_from(["BR", "US", "FR"]))
def test_no_amount_is_ever_zero_or_negative(text: str, country: str) -> None:
    read = read_amount(text, country=country, currency=CURRENCY[country])
    assert isinstance(read, Fault) or read > 0


@pytest.mark.parametrize(
    ("text", "country", "day"),
    [
        ("2026-11-05", "US", date(2026, 11, 5)),
        ("2026-11-05 00:00:00", "BR", date(2026, 11, 5)),
        ("05/11/2026", "BR", date(2026, 11, 5)),
        ("5.11.2026", "FR", date(2026, 11, 5)),
        ("11/05/2026", "US", date(2026, 11, 5)),
        ("05/11/26", "BR", date(2026, 11, 5)),
        ("05/11/98", "BR", date(1998, 11, 5)),
        ("05/11/2026 14:30:00", "BR", date(2026, 11, 5)),
        ("2026/11/5", "FR", date(2026, 11, 5)),
        ("20261105", "US", date(2026, 11, 5)),
        ("05112026", "BR", date(2026, 11, 5)),
        ("11052026", "US", date(2026, 11, 5)),
        ("46331", "BR", date(2026, 11, 5)),
        ("5 de novembro de 2026", "BR", date(2026, 11, 5)),
        ("05-nov-26", "BR", date(2026, 11, 5)),
        ("November 5, 2026", "US", date(2026, 11, 5)),
        ("1er décembre 2026", "FR", date(2026, 12, 1)),
        ("12 août 2026", "FR", date(2026, 8, 12)),
    ],
)
def test_dates_follow_the_country(text: str, country: str, day: date) -> None:
    assert read_day(text, country) == day


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("31/02/2026", "BR"),
        ("11/25/2026", "BR"),
        ("25/11/2026", "US"),
        ("05/11/2026", "GB"),
        ("5.11.2026", "US"),
        ("05/11-2026", "BR"),
        ("5112026", "BR"),
        ("4633", "BR"),
        ("nov/2026", "BR"),
        ("32 nov 2026", "BR"),
        ("05/11", "BR"),
        ("0206-11-05", "BR"),
    ],
)
def test_dates_that_are_unclear_are_refused(text: str, country: str) -> None:
    assert isinstance(read_day(text, country), Fault)


@given(day=st.dates(date(1990, 1, 1), date(2099, 12, 31)), country=st.sampled_from(["BR", "FR", "US"]))
def test_a_written_date_is_read_back(day: date, country: str) -> None:
    written = day.strftime("%m/%d/%Y" if country == "US" else "%d/%m/%Y")
    assert read_day(written, country) == day


def test_a_year_of_birth_is_a_year_or_the_year_of_a_date() -> None:
    assert [read_year(text) for text in ("1980", "1980-05-01", "01/05/1980")] == [1980] * 3
    assert [read_year(text) for text in ("01/05/80", "19800501", "01051980", "29342")] == [1980] * 4
    for unclear in ("01/05/10", "80", "1850", "2024", "19801990"):
        assert isinstance(read_year(unclear), Fault), unclear


@pytest.mark.parametrize("text", ["529.982.247-25", "52998224725", "111.444.777-35"])
def test_published_examples_of_cpf_pass(text: str) -> None:
    assert not isinstance(read_document(text, "BR"), Fault)


@given(
    first=st.text("0123456789", min_size=9, max_size=9).filter(lambda nine: len(set(nine)) > 1),
    wrong=st.integers(1, 9),
)
def test_one_changed_check_digit_is_noticed(first: str, wrong: int) -> None:
    check = cpf_check_digits(first)
    assert read_document(first + check, "BR") == first + check
    mistyped = first + check[0] + str((int(check[1]) + wrong) % 10)
    assert isinstance(read_document(mistyped, "BR"), Fault)


@pytest.mark.parametrize("text", ["11111111111", "5299822472", "12.345.678/0001-96", "5299822472A", "٥٢٩٩٨٢٢٤٧٢٥"])
def test_what_is_no_cpf_is_refused(text: str) -> None:
    assert isinstance(read_document(text, "BR"), Fault)


def test_a_payment_code_is_what_it_looks_like() -> None:
    line = boleto(123456, date(2026, 11, 5))
    assert read_payment("", "https://pay.example/a1") == ("link", "https://pay.example/a1")
    assert read_payment("PIX", pix(100)) == ("pix", pix(100))
    assert read_payment("boleto", f"{line[:5]}.{line[5:10]} {line[10:]}") == ("boleto", line)
    assert read_payment("pix", "") is None
    for kind, code in [
        ("pix", "https://pay.example"),
        ("pix", "loja@example.com"),
        ("boleto", "123"),
        ("boleto", "3,41918E+46"),
        ("", "something"),
        ("link", "http://pay.example"),
        ("link", "https://user@pay.example"),
    ]:
        assert isinstance(read_payment(kind, code), Fault), code


def test_headings_are_known_in_three_languages() -> None:
    assert assign(["Código Cliente", "NOME", "Telefone 1", "FONE2", "Vencimento", "Valor", "Nº Contrato"], {}) == {
        "key": 0, "name": 1, "phone": 2, "phone2": 3, "due_date": 4, "amount": 5, "contract": 6,
    }  # fmt: skip
    assert assign(["Customer ID", "Full name", "Mobile", "Home phone", "Due date", "Amount due"], {}) == {
        "key": 0, "name": 1, "phone": 2, "phone2": 3, "due_date": 4, "amount": 5,
    }  # fmt: skip
    assert assign(["Nom", "Téléphone", "Échéance", "Montant", "Code postal", "Année de naissance"], {}) == {
        "name": 0, "phone": 1, "due_date": 2, "amount": 3, "postal_code": 4, "birth_year": 5,
    }  # fmt: skip


def test_the_best_known_heading_wins_and_the_operator_wins_over_it() -> None:
    assert assign(["valor", "valor atualizado"], {})["amount"] == 1
    chosen = assign(["valor", "valor atualizado"], {"amount": "VALOR"})
    assert chosen["amount"] == 0


def test_two_columns_of_one_name_are_not_chosen_between() -> None:
    with pytest.raises(BadInput, match='Two columns are called "valor"'):
        assign(["nome", "valor", "valor"], {})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_usual_delimiter_with_or_without_a_mark(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = tmp_path / "list.csv"
    rows = [["nome", "observação"], ["Inês", f'"tem{delimiter} aspas\ne outra linha"'], ["", ""], ["Zé", ""]]
    path.write_text("\r\n".join(delimiter.join(row) for row in rows), encoding=encoding)
    table = open_table(path)
    assert table.columns == ("nome", "observação")
    assert [(line.number, line.cells[0]) for line in table.lines()] == [(2, "Inês"), (5, "Zé")]


def test_a_spreadsheet_is_told_from_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"PK\x03\x04rest")
    with pytest.raises(BadInput, match="broken workbook"):
        open_table(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0rest")
    with pytest.raises(BadInput, match="save it as XLSX or CSV"):
        open_table(path)


COLUMNS = ("key", "name", "country", "phone", "phone2", "amount", "due_date", "state", "zip", "language")


def read_row(*cells: str, country: str | None = None) -> tuple[Row | None, list[str]]:
    row, rejects = RowReader(COLUMNS, assign(COLUMNS, {}), country).read(Line(7, list(cells)))
    return row, [f"{reject.column}: {reject.reason}" for reject in rejects]


def test_the_country_comes_from_the_row_the_order_or_the_number() -> None:
    rest = ("", "10.00", "2026-01-01", "", "", "")
    assert read_row("1", "A", "US", "305 555 0100", *rest)[0].country == "US"  # type: ignore[union-attr]
    assert read_row("1", "A", "", "305 555 0100", *rest, country="US")[0].country == "US"  # type: ignore[union-attr]
    row, _ = read_row("1", "A", "", "+33 6 39 98 00 01", *rest)
    assert row is not None
    assert (row.country, row.language, row.owed.currency) == ("FR", "fr-FR", "EUR")
    row, faults = read_row("1", "A", "", "305 555 0100", *rest)
    assert row is None
    assert "--country" in faults[0]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    row, faults = read_row("1", "", "US", "305 555 0100", "", "1.234", "05/31/x", "ZZ", "123", "tlh")
    assert row is None
    assert [fault.split(":")[0] for fault in faults] == ["language", "state", "name", "amount", "due_date", "zip"]


def test_one_good_number_is_enough_and_none_is_not() -> None:
    rest = ("10.00", "2026-01-01", "", "", "")
    row, faults = read_row("1", "A", "US", "12", "305 555 0100", *rest)
    assert row is not None
    assert len(faults) == 1
    row, faults = read_row("1", "A", "US", "12", "13", *rest)
    assert row is None
    assert len(faults) == 2


def test_a_row_of_another_width_is_not_shifted_into_wrong_fields() -> None:
    row, faults = read_row("1", "A", "US")
    assert row is None
    assert "3 cells under 10 headings" in faults[0]


@pytest.mark.parametrize("column", ["name", "phone", "city", "contract"])
@pytest.mark.parametrize("character", ["\x00", "\x02", "\x1b", "\x7f", "\x85", "\ufffe", "\uffff"])
def test_a_control_character_is_refused_with_its_line_and_column(column: str, character: str) -> None:
    cells = {"name": "Ana Lima", "phone": "+5511990000001", "city": "Campinas", "contract": "C-1",
             "amount": "10,00", "due_date": "2026-02-10"}  # fmt: skip
    cells[column] = cells[column][:3] + character + cells[column][3:]
    reader = RowReader(tuple(cells), assign(tuple(cells), {}), "BR")
    row, (reject,) = reader.read(Line(7, list(cells.values())))
    assert row is None
    assert (reject.line, reject.column) == (7, column)
    assert f"U+{ord(character):04X}" in reject.reason
    assert character not in reject.reason


def test_a_cell_of_two_lines_is_one_of_two_words() -> None:
    cells = {"name": "Ana\r\nLima\tReis", "phone": "+5511990000001", "contract": "C-1", "amount": "10,00",
             "due_date": "2026-02-10"}  # fmt: skip
    row, rejects = RowReader(tuple(cells), assign(tuple(cells), {}), "BR").read(Line(2, list(cells.values())))
    assert isinstance(row, Row), rejects
    assert row.name == "Ana Lima Reis"
