"""A creditor's system over REST: what it says of debts takes effect at once, row by row accounted for."""

from __future__ import annotations

from sqlalchemy import select

from dialer.store.models import Creditor, Debt, Interaction
from tests.console.office import Office


async def first_debt(desk: Office) -> tuple[str, Debt]:
    async with desk.op.database.read() as session:
        row = (await session.execute(select(Creditor.key, Debt).join(Debt).order_by(Debt.id).limit(1))).one()
        return row[0], row[1]


async def test_a_payment_is_entered_once_and_bad_rows_are_named(desk: Office) -> None:
    client = await desk.client("manager")
    key, debt = await first_debt(desk)
    amount = f"{debt.amount_minor / 100:.2f}"
    rows = [
        {"contract": debt.contract, "amount": amount, "paid_on": "2026-01-05", "reference": "P-1"},
        {"contract": "none", "amount": "1.00", "reference": "P-2"},
    ]
    said = (await client.post(f"/api/v1/lists/{key}/payments", json={"rows": rows})).json()
    assert (said["rows"], said["changed"], said["same"], said["rejected"]) == (2, 1, 0, 1)
    assert (said["rejects"][0]["line"], said["rejects"][0]["column"]) == (2, "contract")
    assert (await first_debt(desk))[1].status == "paid"
    again = (await client.post(f"/api/v1/lists/{key}/payments", json={"rows": rows})).json()
    assert (again["changed"], again["same"]) == (0, 1)
    async with desk.op.database.read() as session:
        actors = set(await session.scalars(select(Interaction.actor).where(Interaction.kind == "payment_received")))
    assert len(actors) == 1
    assert actors.pop().startswith("api:")


async def test_what_was_withdrawn_comes_back_only_on_request(desk: Office) -> None:
    client = await desk.client("manager")
    key, debt = await first_debt(desk)
    whose = {"contract": debt.contract}
    assert (await client.post(f"/api/v1/lists/{key}/withdrawals", json={"rows": [whose]})).json()["debts"] == 1
    news = {"rows": [whose | {"amount": "10.00"}]}
    refused = (await client.post(f"/api/v1/lists/{key}/updates", json=news)).json()
    assert (refused["rejected"], "withdrawn" in refused["rejects"][0]["reason"]) == (1, True)
    back = (await client.post(f"/api/v1/lists/{key}/updates", json=news | {"reopen": True})).json()
    assert back["changed"] == 1
    assert (await first_debt(desk))[1].amount_minor == 1000


async def test_only_managers_and_only_what_can_be_read(desk: Office) -> None:
    key, _ = await first_debt(desk)
    path, order = f"/api/v1/lists/{key}/withdrawals", {"rows": [{"contract": "x"}]}
    assert (await (await desk.client("auditor")).post(path, json=order)).status_code == 403
    client = await desk.client("manager")
    assert (await client.post(path, json={"rows": [{"contract": "x", "name": "y"}]})).status_code == 400
    assert (await client.post(path, json={"rows": []})).status_code == 400
    assert (await client.post("/api/v1/lists/nobody/withdrawals", json=order)).status_code == 404


async def test_the_work_list_is_read_and_answered(desk: Office) -> None:
    client = await desk.client("manager")
    assert (await client.get("/api/v1/tasks")).json() == []
    assert (await client.post("/api/v1/tasks/1/done", json={"outcome": "paid"})).status_code == 404
