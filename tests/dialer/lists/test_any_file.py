"""Whatever file comes: no crash, only BadInput; and every line is a row, a reject, or left out as no record."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dialer.errors import BadInput
from dialer.lists.habits import survey
from dialer.lists.headings import assign, known_headings
from dialer.lists.rows import RowReader
from dialer.lists.table import Line, open_table

HEADINGS = [
    "nome", "telefone", "valor", "vencimento", "contrato", "cpf", "ddd", "fone 2", "rank fone 2", "melhor telefone",
    "uf", "cep", "e-mail", "juros", "valor original", "parcela", "pix", "linha digitável", "validade pix", "link",
    "consentimento sms", "data nascimento", "cnpj", "pais", "idioma", "moeda", "ramal", "carta enviada em", "obs",
]  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "Ana Prado", "11 99999-0101", "10,00", "05/11/2026", "C-1", "529.982.247-25", "11", "SP", "3/12",
         "TOTAL", "0", "-", "#N/D", "=1+1", "'x", "1E+12", "31/02/2026", "12x", "٣٤", "½", "²", "1.234",
         "00", "3-dez",
         "\x00", "a@b.co", "sim", "BR", "+", "+1", "R$", "x12", "11 3333-4444 / 5", "9" * 400, "Ⅷ", "²³¹" * 4],
    ),
)  # fmt: skip
TABLES = st.lists(st.lists(CELLS, min_size=len(HEADINGS), max_size=len(HEADINGS)), min_size=1, max_size=6)
# a handful of files here; the soak run tries many more
FEW = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=6000)


def account(path: Path, country: str | None = "BR") -> None:
    """Read a file as an import does, and see that every line has come to something."""
    try:
        table = open_table(path)
        assigned = assign(table.columns, {})
        habits = survey(table.lines(), assigned)
        reader = RowReader(table.columns, assigned, country, habits)
        lines = list(table.lines())
    except BadInput:
        return
    assert len(lines) == habits.lines
    assert [line.number for line in lines] == sorted({line.number for line in lines})
    for line in lines:
        row, rejects = reader.read(line)
        assert row is not None or rejects or reader.left_out(line)
        assert all(one.row_loaded == (row is not None) for one in rejects)
        assert all(one.line == line.number for one in rejects)
        if row is not None:
            assert row.numbers
            assert row.owed.amount_minor > 0


def written(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def as_text(rows: list[list[str]], delimiter: str) -> str:
    return "\r\n".join(delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows)


@FEW
@given(content=st.binary(max_size=400))
@example(b"")
@example(b"\xff\xfe")
@example(b"\x00")
@example(b'nome;fone\n"a;b\n')
@example(b"PK\x03\x04")
@example(b"nome;valor;fone\n\xff\xfe\x81;1;2")
@example("nome\tfone\n".encode("utf-16") + b"\x00")
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    account(written(tmp_path, content))


@FEW
@given(content=st.binary(max_size=200), at=st.integers(0, 120))
def test_a_damaged_list_is_read_or_refused(tmp_path: Path, content: bytes, at: int) -> None:
    whole = "nome;telefone;contrato;valor;vencimento\nJosé;11 99999-0101;C-1;10,00;05/11/2026\n".encode()
    account(written(tmp_path, whole[:at] + content + whole[at:]))


@FEW
@given(rows=TABLES, delimiter=st.sampled_from([";", ",", "\t", "|"]), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_any_table_of_strings_is_accounted_for(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    text = as_text([HEADINGS, *rows], delimiter)
    account(written(tmp_path, text.encode(encoding, "replace")))


@FEW
@given(rows=TABLES, country=st.sampled_from(["BR", "US", "FR", "GB", None]))
def test_any_row_is_accounted_for(rows: list[list[str]], country: str | None) -> None:
    assigned = assign(HEADINGS, {})
    lines = [Line(number, cells) for number, cells in enumerate(rows, start=2)]
    reader = RowReader(HEADINGS, assigned, country, survey(lines, assigned))
    for line in lines:
        row, rejects = reader.read(line)
        assert row is not None or rejects or reader.left_out(line) or not any(line.cells)


@settings(FEW, max_examples=10)
@given(
    rows=st.lists(
        st.lists(
            st.one_of(
                st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(),
                st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
            ),
            min_size=5,
            max_size=5,
        ),
        max_size=5,
    )
)  # fmt: skip
def test_any_workbook_is_accounted_for(tmp_path: Path, rows: list[list[object]]) -> None:
    book, packed = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in [["nome", "telefone", "contrato", "valor", "vencimento"], *rows]:
        sheet.append(row)
    book.save(packed)
    account(written(tmp_path, packed.getvalue(), "list.xlsx"))


def test_every_field_is_known_by_its_own_name() -> None:
    for field in known_headings():
        if field not in ("phone_score",):
            assert assign([field], {}) == {field: 0}


@pytest.mark.soak
@MANY
@given(rows=TABLES, delimiter=st.sampled_from([";", ",", "\t", "|"]), encoding=st.sampled_from(["utf-8", "cp1252"]))
def test_very_many_tables_are_accounted_for(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    account(written(tmp_path, as_text([HEADINGS, *rows], delimiter).encode(encoding, "replace")))


@pytest.mark.soak
@MANY
@given(content=st.binary(max_size=2000))
def test_very_many_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    account(written(tmp_path, content))
