"""Updates, withdrawals and payments: what a creditor's files do to debts, promises, holds and the queue."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from dialer import placing
from dialer.clock import real_ms
from dialer.debts import changing
from dialer.debts.changing import Order, Report
from dialer.errors import BadInput, NotFound
from dialer.lists.changes import Kind
from dialer.operation import Operation
from dialer.store import contacts
from dialer.store.database import Database
from dialer.store.models import (
    Attempt,
    Contact,
    Creditor,
    Debt,
    Interaction,
    Load,
    Number,
    Payment,
    Person,
    Promise,
    Suppression,
    Task,
)
from tests.dialer.lists.codes import boleto, pix
from tests.dialer.records import NOON, Rows, accepts, add, attempt_of, campaign_of, operation_on

TODAY = "02/03/2026"


class Desk:
    """A creditor's clerk with files."""

    def __init__(self, database: Database, folder: Path, rows: Rows) -> None:
        self.op: Operation = operation_on(database, accepts)
        self.database, self.folder, self.rows = database, folder, rows
        self._n = 0

    async def send(self, kind: Kind, heading: str, *lines: str, **order: Any) -> Report:
        self._n += 1
        path = self.folder / f"file{self._n}.csv"
        path.write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        return await changing.change_file(self.op, Order(kind, path, "loja", **order))

    async def all(self, model: Any) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.scalars(select(model).order_by(model.id))).all()

    async def debt(self, index: int = 0) -> Debt:
        return next(one for one in await self.all(Debt) if one.person_id == self.rows.people[index])

    async def contract(self, index: int = 0) -> str:
        return str((await self.debt(index)).contract)

    async def another_debt(self, index: int = 0, **values: Any) -> int:
        person = self.rows.people[index]
        columns = {"contract": f"X-{person}", "amount_minor": 5000, "currency": "BRL", "due_on": date(2026, 2, 20)}
        made = Debt(tenant_id=self.rows.tenant, person_id=person, creditor_id=self.rows.creditor, **columns | values)
        return (await add(self.database, made))[0]

    async def promise(self, index: int = 0, **values: Any) -> int:
        """What a call leaves behind when a promise was made in it."""
        debt = await self.debt(index)
        attempt = attempt_of(self.rows, index, status="ended")
        (attempt_id,) = await add(self.database, attempt)
        person = self.rows.people[index]
        columns = {
            "amount_minor": debt.amount_minor, "currency": "BRL", "due_on": date(2026, 3, 6), "debts": [debt.id],
            "status": "open", "created_at": NOON - timedelta(days=1),
        }  # fmt: skip
        async with self.database.write() as session:
            await session.execute(update(Debt).where(Debt.id.in_(columns["debts"])).values(status="promised"))
        bar = Suppression(
            tenant_id=self.rows.tenant, person_id=person, kind="promise", since=NOON, until=NOON + timedelta(days=6),
            attempt_id=attempt_id, source="call",
        )  # fmt: skip
        made = Promise(tenant_id=self.rows.tenant, person_id=person, attempt_id=attempt_id, **columns | values)
        return (await add(self.database, made, bar))[0]


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path, await campaign_of(database, 3))


def fates(report: Report) -> tuple[int, int, int]:
    assert report.changed + report.same + report.rejected == report.rows
    return report.changed, report.same, report.rejected


async def test_a_withdrawal_ends_what_waits_and_leaves_the_others_alone(desk: Desk) -> None:
    report = await desk.send("withdraw", "contrato;motivo", f"{await desk.contract()};Devolução ao credor")
    assert fates(report) == (1, 0, 0)
    debt = await desk.debt()
    assert (debt.status, debt.closed_at, debt.amount_minor) == ("withdrawn", NOON, 12345)
    standing = [(one.status, one.outcome) for one in await desk.all(Contact)]
    assert standing == [("done", "nothing_due"), ("waiting", None), ("waiting", None)]
    (line,) = [one for one in await desk.all(Interaction) if one.kind == "debt_withdrawn"]
    assert line.detail == {"creditor": "loja", "debts": [{"debt": debt.id, "reason": "recalled"}]}


async def test_a_withdrawal_because_it_is_paid_settles_it_as_paid(desk: Desk) -> None:
    await desk.send("withdraw", "contrato;motivo da baixa", f"{await desk.contract()};Baixa por pagamento")
    debt = await desk.debt()
    assert (debt.status, debt.amount_minor, debt.paid_minor) == ("paid", 0, 12345)
    later = await desk.send("payments", "contrato;valor pago;id pagamento", f"{debt.contract};123,45;R-1")
    assert (later.changed, later.over_minor) == (1, 0), "the payment proves what was credited; nothing twice"
    assert (await desk.debt()).paid_minor == 12345


async def test_a_person_with_another_open_debt_goes_on_being_called(desk: Desk) -> None:
    other = await desk.another_debt()
    await desk.send("withdraw", "contrato", await desk.contract())
    assert [one.status for one in await desk.all(Contact)] == ["waiting"] * 3
    async with desk.database.write() as session:
        await contacts.claim(session, desk.rows.campaign, limit=3, owner="w", now=NOON, until_real=real_ms() + 60_000)
    intent = await placing._intend(desk.op, desk.rows.contacts[0], owner="w")
    assert intent is not None
    (attempt,) = await desk.all(Attempt)
    assert attempt.debts == [str(other)], "about that one only"


async def test_no_intent_that_was_decided_before_commits_after(desk: Desk) -> None:
    async with desk.database.read() as session:
        version = (await session.get_one(Person, desk.rows.people[0])).version
    await desk.send("withdraw", "contrato", await desk.contract())
    async with desk.database.read() as session:
        assert (await session.get_one(Person, desk.rows.people[0])).version > version
        assert (await session.get_one(Person, desk.rows.people[1])).version == 0


async def test_payments_add_up_and_the_rest_stays_owed(desk: Desk) -> None:
    contract = await desk.contract()
    async with desk.database.write() as session:
        codes = [
            {"kind": "boleto", "code": "1" * 47, "expires_on": None},
            {"kind": "link", "code": "https://x.example/1", "expires_on": None},
        ]
        await session.execute(
            update(Debt)
            .where(Debt.contract == contract)
            .values(ways_to_pay=codes, items=[{"kind": "fine", "minor": 1}])
        )
    heading = "contrato;valor pago;data do pagamento;referência"
    report = await desk.send("payments", heading, f"{contract};100,00;{TODAY};A", f"{contract};3,45;{TODAY};B")
    assert fates(report) == (2, 0, 0)
    debt = await desk.debt()
    assert (debt.amount_minor, debt.paid_minor, debt.status) == (2000, 10345, "open")
    assert [way["kind"] for way in debt.ways_to_pay] == ["link"], "a slip over the whole sum is given to nobody"
    assert debt.items == [], "what it was made of adds up no more"
    assert (await desk.all(Contact))[0].status == "waiting"
    await desk.send("payments", heading, f"{contract};25,00;{TODAY};C")
    debt = await desk.debt()
    assert (debt.amount_minor, debt.paid_minor, debt.status) == (0, 12845, "paid")
    assert (await desk.all(Contact))[0].outcome == "nothing_due"


async def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    first, second = await desk.contract(0), await desk.contract(1)
    heading = "contrato;valor pago;data do pagamento"
    lines = [f"{first};50,00;{TODAY}", f"{second};123,45;{TODAY}", f"{first};50,00;{TODAY}", "ZZ-9;1,00;" + TODAY]
    once = await desk.send("payments", heading, *lines)
    assert fates(once) == (2, 0, 2)
    reasons = {reject.line: (reject.column, reject.reason) for reject in once.rejects}
    assert "add a reference" in reasons[4][1]
    assert reasons[5] == ("contrato", "this creditor has no such contract on record")
    before = [(one.amount_minor, one.paid_minor, one.status) for one in await desk.all(Debt)]
    again = await desk.send("payments", heading, *lines)
    assert fates(again) == (0, 2, 2)
    assert [(one.amount_minor, one.paid_minor, one.status) for one in await desk.all(Debt)] == before
    assert len(await desk.all(Payment)) == 2


async def test_one_reference_with_another_amount_is_refused_and_may_settle_several_debts(desk: Desk) -> None:
    first, second = await desk.contract(0), await desk.contract(1)
    heading = "contrato,valor pago,data,nosso numero"
    report = await desk.send("payments", heading, f"{first},10.00,2026-03-01,T1", f"{second},20.00,2026-03-01,T1")
    assert fates(report) == (2, 0, 0)
    report = await desk.send("payments", heading, f"{first},11.00,2026-03-01,T1", f"{second},20.00,2026-03-01,T1")
    assert fates(report) == (0, 1, 1)
    assert sum(one.amount_minor for one in await desk.all(Payment)) == 3000


async def test_a_payment_for_a_contract_goes_to_the_oldest_instalment_first(desk: Desk) -> None:
    contract = "PLAN-7"
    for n, month in ((2, 3), (1, 2), (3, 4)):
        await desk.another_debt(0, contract=contract, instalment=f"{n}/3", due_on=date(2026, month, 10))
    heading = "contrato;parcela;valor pago;data;id pagamento"
    await desk.send("payments", heading, f"{contract};;70,00;{TODAY};P")
    rest = {one.instalment: one.amount_minor for one in await desk.all(Debt) if one.contract == contract}
    assert rest == {"1/3": 0, "2/3": 3000, "3/3": 5000}
    again = await desk.send("payments", heading, f"{contract};;70,00;{TODAY};P")
    assert fates(again) == (0, 1, 0)
    await desk.send("payments", heading, f"{contract};03;80,00;{TODAY};Q")
    (third,) = [one for one in await desk.all(Debt) if one.instalment == "3/3"]
    assert (third.status, third.paid_minor) == ("paid", 8000)
    assert (await desk.send("payments", heading, f"{contract};9;1,00;{TODAY};R")).rejected == 1


async def test_money_keeps_a_promise_and_lets_the_other_debts_be_collected(desk: Desk) -> None:
    other = await desk.another_debt()
    debt = await desk.debt()
    await desk.promise(debts=[debt.id, other], amount_minor=10000)
    await desk.send("payments", "contrato;valor pago;data", f"{debt.contract};100,00;{TODAY}")
    (promise,) = await desk.all(Promise)
    assert (promise.status, promise.paid_minor) == ("kept", 10000)
    assert {one.status for one in await desk.all(Debt)} == {"open"}
    (bar,) = await desk.all(Suppression)
    assert bar.until == NOON


async def test_part_of_the_money_keeps_no_promise(desk: Desk) -> None:
    await desk.promise()
    await desk.send("payments", "contrato;valor pago;data", f"{await desk.contract()};100,00;{TODAY}")
    (promise,) = await desk.all(Promise)
    assert (promise.status, promise.paid_minor) == ("open", 10000)
    assert (await desk.debt()).status == "promised"
    (bar,) = await desk.all(Suppression)
    assert bar.until > NOON


async def test_money_paid_before_the_promise_does_not_count_for_it(desk: Desk) -> None:
    await desk.promise(created_at=NOON)
    await desk.send("payments", "contrato;valor pago;data", f"{await desk.contract()};100,00;20/02/2026")
    (promise,) = await desk.all(Promise)
    assert promise.paid_minor == 0


@pytest.mark.parametrize(
    ("due_on", "late", "in_time"),
    [
        (date(2026, 2, 26), "27/02/2026", "26/02/2026"),
        (date(2026, 2, 28), "03/03/2026", "02/03/2026"),  # a Saturday: the banks open on Monday
        (date(2026, 1, 1), "03/01/2026", "02/01/2026"),  # New Year's Day
    ],
)
async def test_news_of_money_paid_in_time_mends_a_broken_promise(
    desk: Desk, due_on: date, late: str, in_time: str
) -> None:
    await desk.promise(status="broken", due_on=due_on, created_at=NOON - timedelta(days=90))
    heading = "contrato;valor pago;data"
    await desk.send("payments", heading, f"{await desk.contract()};23,45;{late}")
    assert (await desk.all(Promise))[0].status == "broken", "that was too late"
    await desk.send("payments", heading, f"{await desk.contract()};123,45;{in_time}")
    assert (await desk.all(Promise))[0].status == "kept"


async def test_a_withdrawal_ends_the_promise(desk: Desk) -> None:
    await desk.promise()
    await desk.send("withdraw", "contrato", await desk.contract())
    assert (await desk.all(Promise))[0].status == "ended"


async def test_a_payment_answers_the_task_that_waits_for_it(desk: Desk) -> None:
    debt = await desk.debt()
    async with desk.database.write() as session:
        await session.execute(update(Debt).where(Debt.id == debt.id).values(status="held", held_for="already_paid"))
    (attempt,) = await add(desk.database, attempt_of(desk.rows, status="ended"))
    person = desk.rows.people[0]
    task = Task(
        tenant_id=desk.rows.tenant, person_id=person, kind="check_payment", detail={"debts": [debt.id]},
        status="open", due_at=NOON, created_at=NOON,
    )  # fmt: skip
    bar = Suppression(
        tenant_id=desk.rows.tenant,
        person_id=person,
        kind="already_paid",
        since=NOON,
        attempt_id=attempt,
        source="call",
    )
    await add(desk.database, task, bar)
    heading = "contrato;valor pago;data"
    await desk.send("payments", heading, f"{debt.contract};23,45;{TODAY}")
    assert ((await desk.debt()).status, (await desk.all(Task))[0].status) == ("held", "open"), "people go on looking"
    await desk.send("payments", heading, f"{debt.contract};100,00;{TODAY}")
    (task,) = await desk.all(Task)
    assert ((await desk.debt()).status, task.status, task.outcome) == ("paid", "done", "paid")
    assert (await desk.all(Suppression))[0].until == NOON


async def test_records_are_found_by_key_and_document_too_and_contradictions_are_refused(desk: Desk) -> None:
    keyring = desk.database.keyring
    async with desk.database.write() as session:
        index = keyring.index("document", "52998224725")
        await session.execute(
            update(Person).where(Person.id == desk.rows.people[0]).values(key="loja:k0", document_index=index)
        )
        await session.execute(update(Person).where(Person.id == desk.rows.people[1]).values(key="loja:k1"))
    report = await desk.send(
        "withdraw", "id cliente;cpf;contrato", ";529.982.247-25;", "k1;;", "k9;;",
        f"k1;;{await desk.contract(2)}", "k1;529.982.247-25;",
    )  # fmt: skip
    assert fates(report) == (2, 0, 3)
    assert [(await desk.debt(n)).status for n in range(3)] == ["withdrawn", "withdrawn", "open"]


async def test_an_update_changes_what_it_names_and_settled_debts_only_on_request(desk: Desk) -> None:
    contract = await desk.contract()
    heading = "contrato;valor atualizado;vencimento;telefone;link de pagamento;e-mail"
    report = await desk.send(
        "update", heading, f"{contract};150,00;;(11) 99999-0042;https://pay.example/9;ana@example.org"
    )
    assert fates(report) == (1, 0, 0), report.rejects
    debt = await desk.debt()
    assert (debt.amount_minor, debt.due_on, debt.ways_to_pay[0]["code"]) == (
        15000,
        date(2026, 2, 10),
        "https://pay.example/9",
    )
    numbers = [one.e164 for one in await desk.all(Number) if one.person_id == desk.rows.people[0]]
    assert numbers[1:] == ["+5511999990042"]
    again = await desk.send("update", heading, f"{contract};150,00;;(11) 99999-0042;;ana@example.org")
    assert fates(again) == (0, 1, 0)
    await desk.send("withdraw", "contrato", contract)
    refused = await desk.send("update", heading, f"{contract};160,00;;;;")
    assert "--reopen" in refused.rejects[0].reason
    await desk.send("update", heading, f"{contract};160,00;;;;", reopens=True)
    assert ((await desk.debt()).status, (await desk.debt()).closed_at) == ("open", None)
    contact = (await desk.all(Contact))[0]
    assert (contact.status, contact.outcome) == ("waiting", "reopened")


async def test_a_code_for_another_amount_is_given_to_nobody_after_an_update(desk: Desk) -> None:
    old, new, any_amount, slip = pix(12345), pix(15000), pix(), boleto(12345, date(2026, 3, 20))
    ways = [{"kind": kind, "code": code, "expires_on": None} for kind, code in
            [("pix", old), ("pix", any_amount), ("boleto", slip), ("link", "https://pay.example/9")]]  # fmt: skip
    async with desk.database.write() as session:
        await session.execute(update(Debt).values(ways_to_pay=ways))
    contract, heading = await desk.contract(), "contrato;valor atualizado;valor original;pix copia e cola;vencimento"
    refused = await desk.send("update", heading, f"{contract};;;{new};")
    assert "the pix is for 150.00" in refused.rejects[0].reason
    assert fates(await desk.send("update", heading, f"{contract};130,00;123,45;;")) == (1, 0, 0)
    assert len((await desk.debt()).ways_to_pay) == 4, "the bank adds to the original amount"
    await desk.send("update", heading, f"{contract};150,00;140,00;;")
    kept = (await desk.debt()).ways_to_pay
    assert [way["code"] for way in kept] == [any_amount, "https://pay.example/9"]
    assert fates(await desk.send("update", heading, f"{contract};150,00;;{new};")) == (1, 0, 0)
    assert [way["code"] for way in (await desk.debt()).ways_to_pay] == [new]


async def test_a_dry_run_counts_and_writes_nothing(desk: Desk) -> None:
    report = await desk.send("withdraw", "contrato", await desk.contract(), "none", dry_run=True)
    assert fates(report) == (1, 0, 1)
    assert (await desk.debt()).status == "open"
    assert not await desk.all(Load)


async def test_a_file_that_was_cut_off_goes_on_behind_its_last_chunk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(changing, "CHUNK_ROWS", 2)
    contracts = [await desk.contract(n) for n in range(3)]
    lines = [f"{contracts[0]};1,00;{TODAY}", "none;1,00;" + TODAY, f"{contracts[1]};x;{TODAY}"]
    lines += [f"{contracts[1]};2,00;{TODAY}", f"{contracts[2]};3,00;{TODAY}", f"{contracts[0]};1,00;{TODAY}"]
    path = tmp_path / "payments.csv"
    path.write_text("contrato;valor pago;data\n" + "\n".join(lines) + "\n")
    order = Order("payments", path, "loja", rejects=tmp_path / "rejects.csv")
    advance, calls = changing.loads.advance, 0

    async def cut(*arguments: Any, **values: Any) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return await advance(*arguments, **values)

    monkeypatch.setattr(changing.loads, "advance", cut)
    with pytest.raises(KeyboardInterrupt):
        await changing.change_file(desk.op, order)
    assert len(await desk.all(Payment)) == 1
    report = await changing.change_file(desk.op, order)
    assert fates(report) == (3, 0, 3)
    assert len(await desk.all(Payment)) == 3
    with order.rejects.open(encoding="utf-8-sig") as file:  # type: ignore[union-attr]
        assert [int(row["line"]) for row in csv.DictReader(file)] == [3, 4, 7], (
            "all of them, as if it had run through"
        )
    (load,) = await desk.all(Load)
    assert (load.status, load.rows_done, load.counts["changed"]) == ("done", 6, 3)


async def test_orders_that_cannot_be_followed_say_what_to_do(desk: Desk) -> None:
    path = desk.folder / "x.csv"
    path.write_text("contrato\n1\n")
    with pytest.raises(NotFound, match="no creditor"):
        await changing.change_file(desk.op, Order("withdraw", path, "nobody"))
    for kind, heading, words in (
        ("payments", "contrato;quanto", "amount"),
        ("payments", "contrato;valor pago", "paid_on"),
        ("withdraw", "motivo", "contract"),
    ):
        with pytest.raises(BadInput, match=words):
            await desk.send(kind, heading, "x;1")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="no field"):
        await desk.send("withdraw", "contrato", "1", mapping={"amount": "contrato"})


async def test_records_of_the_api_do_the_same_at_once(desk: Desk) -> None:
    contract = await desk.contract()
    records = [{"contract": contract, "amount": "123.45", "paid_on": "2026-03-01", "reference": "api-1"}]
    order = Order("payments", Path(), "loja")
    report = await changing.change_records(desk.op, order, records, actor="api:erp")
    assert fates(report) == (1, 0, 0)
    assert (await desk.debt()).status == "paid"
    assert fates(await changing.change_records(desk.op, order, records, actor="api:erp")) == (0, 1, 0)
    (line,) = [one for one in await desk.all(Interaction) if one.kind == "payment_received"]
    assert line.actor == "api:erp"
    assert {one.name for one in await desk.all(Creditor)} == {"Loja"}
