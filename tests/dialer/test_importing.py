"""Lists into people, numbers and debts: what loads, what is refused, and that a second load changes nothing."""

from __future__ import annotations

import asyncio
import binascii
import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select, update

from dialer import importing, loading
from dialer.clock import ScaledClock
from dialer.errors import BadInput, Refused
from dialer.importing import Order, Report
from dialer.lists.table import Line, Table
from dialer.operation import Operation
from dialer.store.database import Database
from dialer.store.models import (
    ContactList,
    Debt,
    Interaction,
    ListMember,
    Model,
    Number,
    Person,
)

HEAD = "id cliente;nome;telefone;telefone 2;cpf;uf;contrato;valor;vencimento;pix\n"
ANA = "c-1;Ana Prado;(11) 99999-0101;11 3999-0102;529.982.247-25;SP;A-1;1.234,56;05/11/2026;\n"
_PIX = "00020126330014br.gov.bcb.pix0111529982247255204000053039865802BR5904Loja6008SaoPaulo62070503***6304"
PIX = f"{_PIX}{binascii.crc_hqx(_PIX.encode(), 0xFFFF):04X}"
BIA = f"c-2;Bia Lima;21 99999-0103;;;RJ;B-1;R$ 80,00;2026-10-31;{PIX}\n"


class _Doubles:
    """Just what an import needs of an operation."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ScaledClock()


@pytest.fixture
def op(database: Database) -> Operation:
    return cast(Operation, _Doubles(database))


async def load(op: Operation, folder: Path, text: str, **order: Any) -> Report:
    path = folder / "list.csv"
    path.write_bytes(text.encode("utf-8"))
    settings: dict[str, Any] = {"creditor": "loja", "list_name": "novembro", "country": "BR"} | order
    return await importing.load(op, Order(path, **settings))


async def rows(op: Operation, model: type[Model]) -> list[Any]:
    async with op.database.read() as session:
        return list(await session.scalars(select(model).order_by(model.id)))


async def contents(op: Operation) -> dict[str, list[dict[str, Any]]]:
    """Everything in the tables that an import may touch."""
    return {
        model.__tablename__: [
            {column.key: getattr(row, column.key) for column in model.__table__.columns}
            for row in await rows(op, model)
        ]
        for model in (Person, Number, Debt, ListMember, ContactList, Interaction)
    }


async def test_a_plain_list_becomes_people_numbers_and_debts(op: Operation, tmp_path: Path) -> None:
    report = await load(op, tmp_path, HEAD + ANA + BIA)
    assert (report.rows, report.new, report.rejected, report.people, report.numbers) == (2, 2, 0, 2, 3)
    ana, bia = await rows(op, Person)
    assert (ana.name, ana.language, ana.country, ana.region) == ("Ana Prado", "pt-BR", "BR", "SP")
    assert op.database.keyring.unseal(ana.document) == "52998224725"
    assert ana.document_index == op.database.keyring.index("document", "52998224725")
    assert bia.document is None
    numbers = await rows(op, Number)
    assert [(one.e164, one.rank, one.line_type) for one in numbers] == [
        ("+5511999990101", 0, "mobile"),
        ("+551139990102", 1, "landline"),
        ("+5521999990103", 0, "mobile"),
    ]
    first, second = await rows(op, Debt)
    assert (first.amount_minor, first.currency, first.due_on) == (123456, "BRL", date(2026, 11, 5))
    assert (second.amount_minor, second.due_on) == (8000, date(2026, 10, 31))
    assert [way["kind"] for way in second.ways_to_pay] == ["pix"]


async def test_loading_the_same_file_twice_changes_nothing(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA + BIA)
    before = await contents(op)
    report = await load(op, tmp_path, HEAD + ANA + BIA)
    assert (report.new, report.changed, report.same, report.rejected) == (0, 0, 2, 0)
    assert await contents(op) == before


async def test_a_file_that_contradicts_itself_is_stable_too(op: Operation, tmp_path: Path) -> None:
    other_name = ANA.replace("Ana Prado", "Ana P.").replace("A-1", "A-2").replace("0101", "0109")
    other_amount = ANA.replace("1.234,56", "99,00")
    first = await load(op, tmp_path, HEAD + ANA + other_name + other_amount)
    assert (first.new, first.rejected) == (2, 1)
    assert "twice in the file" in first.rejects[0].reason
    before = await contents(op)
    second = await load(op, tmp_path, HEAD + ANA + other_name + other_amount)
    assert (second.same, second.changed, second.rejected) == (2, 0, 1)
    assert await contents(op) == before


async def test_rows_with_one_key_are_debts_of_one_person(op: Operation, tmp_path: Path) -> None:
    report = await load(op, tmp_path, HEAD + ANA + ANA.replace("A-1", "A-2"))
    assert (report.people, report.debts) == (1, 2)
    assert len(await rows(op, ListMember)) == 1


async def test_one_document_is_one_person_under_any_creditor(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA)
    report = await load(op, tmp_path, HEAD + ANA.replace("c-1", "k-77"), creditor="banco", list_name="outra")
    assert (report.people, report.debts) == (0, 1)
    assert len(await rows(op, Person)) == 1


async def test_changed_values_are_changed_and_empty_cells_wipe_nothing(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA)
    report = await load(op, tmp_path, HEAD + "c-1;Ana Prado;11 99999-0101;;;;A-1;900,00;05/11/2026;\n")
    assert (report.new, report.changed, report.same) == (0, 1, 0)
    (ana,), (debt,) = await rows(op, Person), await rows(op, Debt)
    assert ana.region == "SP"
    assert ana.document is not None
    assert debt.amount_minor == 90000


async def test_a_number_of_somebody_else_stays_barred(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA)
    async with op.database.write() as session:
        await session.execute(update(Number).where(Number.e164 == "+5511999990101").values(status="wrong_person"))
    report = await load(op, tmp_path, HEAD + ANA)
    assert (report.quarantined, report.same) == (1, 1)
    assert [one.status for one in await rows(op, Number)] == ["wrong_person", "usable"]


async def test_bad_rows_are_reported_and_good_ones_load(op: Operation, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    wrong_cpf = ANA.replace("529.982.247-25", "529.982.247-26").replace("c-1", "c-3")
    bad_second_phone = BIA.replace("0103;;", "0103;123;")
    report = await load(op, tmp_path, HEAD + wrong_cpf + bad_second_phone, rejects=rejects)
    assert (report.rows, report.new, report.rejected, report.left_out) == (2, 1, 1, 1)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        cpf, phone = list(csv.DictReader(file))
    assert (cpf["line"], cpf["column"], cpf["value"], cpf["row"]) == ("2", "cpf", "529.982.247-26", "rejected")
    assert "check digits" in cpf["reason"]
    assert (phone["line"], phone["column"], phone["row"]) == ("3", "telefone 2", "loaded without it")


async def test_a_key_with_another_document_is_left_to_people(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA)
    report = await load(op, tmp_path, HEAD + ANA.replace("529.982.247-25", "111.444.777-35") + BIA)
    assert (report.rejected, report.new) == (1, 1)
    assert "another document" in report.rejects[0].reason


async def test_when_every_row_is_rejected_nothing_is_loaded(op: Operation, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"all 1 rows are rejected.*column \"valor\".*zero"):
        await load(op, tmp_path, HEAD + ANA.replace("1.234,56", "0,00"))
    assert not await rows(op, ContactList)


async def test_a_dry_run_loads_nothing(op: Operation, tmp_path: Path) -> None:
    report = await load(op, tmp_path, HEAD + ANA + BIA.replace("R$ 80,00", "-3"), dry_run=True)
    assert (report.rows, report.good, report.rejected) == (2, 1, 1)
    assert not await rows(op, Person)
    assert not await rows(op, ContactList)


async def test_a_list_belongs_to_one_creditor(op: Operation, tmp_path: Path) -> None:
    await load(op, tmp_path, HEAD + ANA)
    with pytest.raises(Refused, match="another creditor"):
        await load(op, tmp_path, HEAD + BIA, creditor="banco")
    assert len(await rows(op, Person)) == 1


@pytest.mark.parametrize(
    ("text", "order", "message"),
    [
        ("", {}, "is empty"),
        (HEAD, {}, "holds no rows"),
        (HEAD.replace("telefone", "ramal"), {}, r"no column for phone.*The columns are: .*ramal.*--map phone=COLUMN"),
        (HEAD + ANA, {"mapping": {"amount": "preço"}}, r'no column "preço".*The columns are: id cliente'),
        (HEAD + ANA, {"mapping": {"price": "valor"}}, r'no field "price".*The fields are key'),
        (HEAD + ANA, {"country": "Brazil"}, "no country"),
        (HEAD + ANA, {"country": "ZZ"}, "no country"),
        (HEAD + ANA, {"creditor": "a b"}, "creditor's key"),
    ],
)
async def test_what_cannot_be_used_says_what_to_do(
    op: Operation, tmp_path: Path, text: str, order: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        await load(op, tmp_path, text, **order)
    assert not await rows(op, Person)


async def test_a_broken_file_is_refused_before_anything_is_loaded(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(HEAD + ANA + BIA, encoding="utf-8")
    whole = Table.lines

    def breaking_off(table: Table) -> Iterator[Line]:
        yield from whole(table)
        raise BadInput("broken.csv breaks off near line 4")

    monkeypatch.setattr(Table, "lines", breaking_off)
    monkeypatch.setattr(loading, "CHUNK_ROWS", 1)
    with pytest.raises(BadInput, match="line 4"):
        await importing.load(op, Order(path, "loja", "novembro", "BR"))
    assert not await rows(op, Person)


async def test_chunks_do_not_part_the_rows_of_one_person(
    op: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "CHUNK_ROWS", 2)
    line = "c-{0};Pessoa {0};11 99999-{0:04};;;;K-{1};10,00;2026-01-01;\n"
    text = HEAD + "".join(line.format(number // 3, number) for number in range(11))
    text += line.format(0, 0).replace("10,00", "11,00")
    steps: list[tuple[int, int]] = []
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    order = Order(tmp_path / "list.csv", "loja", "novembro", "BR")
    report = await importing.load(op, order, progress=lambda done, total: steps.append((done, total)))
    assert (report.people, report.debts, report.rejected) == (4, 11, 1)
    assert steps[-1] == (12, 12)
    async with op.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ListMember)) == 4


async def test_two_loads_at_once_make_nobody_twice(op: Operation, tmp_path: Path) -> None:
    line = "c-{0};Pessoa {0};11 99999-{0:04};;;;K-{0};10,00;2026-01-01;\n"
    text = HEAD + ANA + "".join(line.format(number) for number in range(2, 42))
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    first, second = await asyncio.gather(load(op, tmp_path / "one", text), load(op, tmp_path / "two", text))
    told = {(one.new, one.same) for one in (first, second)}
    assert told <= {(41, 0), (0, 41)}  # one load told twice, or one after the other
    assert (41, 0) in told
    assert len(await rows(op, Person)) == len(await rows(op, ListMember)) == 41


async def test_the_columns_are_told_in_a_settled_order(op: Operation, tmp_path: Path) -> None:
    report = await load(op, tmp_path, HEAD.replace("\n", ";obs\n") + ANA.replace("\n", ";\n"), dry_run=True)
    assert list(report.columns)[:3] == ["key", "name", "region"]
    assert list(report.columns)[4:6] == ["phone", "phone2"]
    assert report.unused_columns == ["obs"]
