"""Files as they are sent: encodings, delimiters, titles, workbooks, and what is refused because it is no list."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from dialer.errors import BadInput
from dialer.lists.files import spreadsheets
from dialer.lists.files.encodings import encoding_of
from dialer.lists.table import Table, open_table

WORDS = "Conceição;João Simões;Élodie Lefèvre;São José;ação e reação;Ângela Müller;n° 5;coração\n"


def written(folder: Path, content: bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def numbered(table: Table) -> list[tuple[int, str]]:
    return [(line.number, line.cells[0]) for line in table.lines()]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
        ("cp850", "cp850"),
        ("mac_roman", "mac_roman"),
    ],
)
@pytest.mark.parametrize("upper", [False, True])
def test_the_encoding_is_seen_from_the_letters(tmp_path: Path, codec: str, name: str, upper: bool) -> None:
    text = "nome;fone;valor\n" + (WORDS.upper() if upper else WORDS)
    path = written(tmp_path, text.encode(codec))
    assert encoding_of(path).name == name
    assert next(open_table(path).lines()).cells == text.splitlines()[1].split(";")


def test_a_letter_cut_by_the_end_of_a_block_is_no_other_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, ("x" * ((1 << 20) - 1) + "é\n").encode())
    assert encoding_of(path).name == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "^"])
def test_a_delimiter_is_seen_from_the_headings(tmp_path: Path, delimiter: str) -> None:
    other = ";" if delimiter == "," else ","
    lines = [["nome", "telefone", "valor", "obs"], ["Ana", "11 99999-0101", "1", f"a{other}b{other}c{other}d"]]
    path = written(tmp_path, "\n".join(delimiter.join(line) for line in lines).encode())
    assert open_table(path).columns == ("nome", "telefone", "valor", "obs")


def test_quotes_that_enclose_nothing_are_signs_like_others(tmp_path: Path) -> None:
    text = 'nome;fone;valor\n"Zeca" da Silva;11;1\nAna "Nena;12;2\n'
    table = open_table(written(tmp_path, text.encode()))
    assert [line.cells[0] for line in table.lines()] == ['"Zeca" da Silva', 'Ana "Nena']


def test_titles_blank_lines_and_repeated_headings_keep_the_numbers_of_the_lines(tmp_path: Path) -> None:
    text = "\nRelatório de cobrança\nnome;fone;valor\n\nAna;1;2\n;;\nnome;fone;valor\nBia;3;4;;;\n"
    table = open_table(written(tmp_path, text.encode()))
    assert (table.heading_line, table.columns) == (3, ("nome", "fone", "valor"))
    assert numbered(table) == [(5, "Ana"), (8, "Bia")]
    assert numbered(table) == [(5, "Ana"), (8, "Bia")]  # a table is read as often as wanted
    assert [line.number for line in table.lines(after=5)] == [8]


def test_headings_that_nobody_knows_are_the_first_line_without_values(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, b"c1;c2;c3\nAna;11;10,00\nBia;12;11,00\n"))
    assert table.columns == ("c1", "c2", "c3")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n\n ; ;\n", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\x1f\x8b\x08\x00rest", "packed with gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX or CSV"),
        (b"PK\x03\x04broken", "broken workbook"),
    ],
)
def test_what_is_no_list_says_what_to_do(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        open_table(written(tmp_path, content))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            open_table(path)


def workbook(folder: Path, *sheets: list[list[object]]) -> Path:
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.worksheets[0] if number == 0 else book.create_sheet(f"Sheet{number + 1}")
        for row in rows:
            sheet.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def test_the_first_sheet_with_known_headings_is_the_list_unless_another_is_named(tmp_path: Path) -> None:
    notes: list[list[object]] = [["read me"], ["nothing here"]]
    people: list[list[object]] = [["nome", "fone", "valor"], ["Ana", 11999990101, 10.5]]
    path = workbook(tmp_path, notes, people)
    assert [line.cells for line in open_table(path).lines()] == [["Ana", "11999990101", "10.5"]]
    assert open_table(path, "Sheet").columns == ("read me",)
    with pytest.raises(BadInput, match=r'no sheet "people"\. Its sheets are: Sheet, Sheet2'):
        open_table(path, "people")


def test_typed_cells_are_the_text_that_a_person_would_type(tmp_path: Path) -> None:
    values: list[object] = [
        date(2026, 11, 5),
        1234.5,
        1200.0,
        True,
        89.675,
        3.41917e46,
        123456789012345,
        None,
        "  x ",
    ]
    path = workbook(tmp_path, [["nome", "fone", *"abcdefg"], values])
    assert next(open_table(path).lines()).cells == [
        "2026-11-05", "1234.5", "1200", "sim", "89.6750", "3.41917E+46", "123456789012345", "", "x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234.567, "#,##0.00", "1234.57"),
        (0.005, "0.00", "0.01"),
        (1234.567, '"R$" #,##0.00;[Red]-"R$" #,##0.00', "1234.57"),
        (1234.567, "0.000", "1234.567"),
        (1234.5678, "General", "1234.5678"),
        (52998224725, "00000000000", "52998224725"),
        (456789103, "00000000000", "00456789103"),
        (0.1 + 0.2, "General", "0.3"),
    ],
)
def test_a_number_is_read_as_its_sheet_shows_it(value: float, number_format: str, shown: str) -> None:
    assert spreadsheets._number(value, number_format) == shown


def test_a_workbook_that_unpacks_to_a_flood_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "flood.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", bytes(32 << 20))
    with pytest.raises(BadInput, match="more than a list can be"):
        open_table(path)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("list.csv", "nome;fone\n")
    with pytest.raises(BadInput, match="no XLSX workbook"):
        open_table(path)
