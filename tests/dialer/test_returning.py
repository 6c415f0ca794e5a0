"""The return file: the creditor's codes, days and decimals, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select, update

from dialer.debts import returning
from dialer.errors import BadInput, Refused
from dialer.lists.codes_file import codes_of, read_codes
from dialer.store.database import Database
from dialer.store.models import ContactList, Creditor, Debt, Number, Promise, Suppression
from tests.dialer.records import NOON, accepts, add, attempt_of, campaign_of, operation_on

REACHED = "+5511987654321"
CODES = 'default: "99"\ncodes: {promised: "10", paid: "01", no_answer: "20", broken_promise: "11"}\n'


async def listed(database: Database) -> str:
    """A list of four: a promise, a payment, nobody reached, an opt-out who was never called."""
    rows = await campaign_of(database, 4)
    promised = attempt_of(
        rows, 0, status="ended", disposition="promised", answered_at=NOON, to_number="+5511987654321"
    )
    missed = attempt_of(rows, 2, status="ended", disposition="no_answer", to_number="+5511987654322")
    (call, _) = await add(database, promised, missed)
    async with database.write() as session:
        debts = (await session.scalars(select(Debt).order_by(Debt.id))).all()
        debts[0].contract = '=HYPERLINK("http://x.example")'
        debts[1].status, debts[1].amount_minor, debts[1].paid_minor = "paid", 0, 12345
        await session.execute(update(Number).where(Number.id == rows.numbers[2]).values(status="wrong_person"))
        name = str(await session.scalar(select(ContactList.name)))
        first = debts[0].id
    await add(
        database,
        Promise(
            tenant_id=rows.tenant, person_id=rows.people[0], attempt_id=call, amount_minor=5000, currency="BRL",
            due_on=date(2026, 3, 6), debts=[first], status="open", created_at=NOON,
        ),
        Suppression(
            tenant_id=rows.tenant, person_id=rows.people[3], kind="opt_out", since=NOON - timedelta(days=1),
            source="api",
        ),
    )  # fmt: skip
    return name


async def test_the_table_is_kept_with_its_creditor_for_the_next_time(database: Database, tmp_path: Path) -> None:
    name, op = await listed(database), operation_on(database, accepts)
    with pytest.raises(Refused, match="Give a file of its codes once"):
        await returning.give_back(op, name, codes=None, out=tmp_path / "out.csv")
    table = tmp_path / "codes.csv"
    table.write_text("result,code,name\npromised,10,Promessa\npaid,01,\ndefault,99,\n")
    await returning.keep_codes(op, name, codes=table)
    made = await returning.give_back(op, name, codes=None, out=tmp_path / "out.csv")
    assert made.codes == {"promised": "10", "paid": "01", "no_answer": "99", "not_called": "99"}
    async with database.read() as session:
        kept = codes_of((await session.scalars(select(Creditor.codes))).one())
    assert kept is not None
    assert (kept.said, kept.default) == ({"promised": "Promessa"}, "99")


async def test_one_row_a_debt_as_the_creditor_writes(database: Database, tmp_path: Path) -> None:
    name, op = await listed(database), operation_on(database, accepts)
    codes = tmp_path / "codes.yaml"
    codes.write_text(CODES)
    made = await returning.give_back(op, name, codes=codes, out=tmp_path / "out.csv")
    assert made.by_disposition == {"promised": 1, "paid": 1, "no_answer": 1, "not_called": 1}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    first, second, third, fourth = rows
    assert first["Contrato"].startswith("'=HYPERLINK")
    assert (first["Código de retorno"], first["Data e hora"]) == ("10", "02/03/2026 12:00")
    assert (first["Telefone"], first["Data da promessa"]) == ("+5511987654321", "06/03/2026")
    assert (first["Valor prometido"], first["Situação da promessa"]) == ("50,00", "em aberto")
    assert (second["Código de retorno"], second["Valor pago"], second["Valor em aberto"]) == ("01", "123,45", "0,00")
    assert (third["Tentativas"], third["Telefones errados"] != "") == ("1", True)
    assert (fourth["Código de retorno"], fourth["Não ligar mais"]) == ("99", "sim")
    await returning.give_back(op, name, codes=codes, out=tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    assert sheet.max_row == 5
    assert sheet.cell(2, 2).data_type == "s", "text, never a formula"


async def test_without_a_code_for_everything_nothing_is_written(database: Database, tmp_path: Path) -> None:
    name, op = await listed(database), operation_on(database, accepts)
    codes = tmp_path / "codes.csv"
    codes.write_text("resultado;código\npromised;10\npaid;01\n")
    with pytest.raises(Refused, match="No code for no_answer, not_called"):
        await returning.give_back(op, name, codes=codes, out=tmp_path / "out.csv")
    assert "out" not in " ".join(os.listdir(tmp_path))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yaml", "codes: {promissed: 1}", "no such result: promissed"),
        ("a.yaml", "promised: 1", "needs `codes:`"),
        ("a.yaml", "codes: [", "no YAML"),
        ("a.yaml", "language: xx\ncodes: {paid: 1}", "language"),
        ("a.csv", "promised\n", "two columns"),
    ],
)
def test_codes_that_cannot_be_read_say_why(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput, match=words):
        read_codes(tmp_path / name)
