"""A card that was charged is money on record once, however often the carrier tells of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from dialer.debts import charging
from dialer.store import campaigns
from dialer.store.database import Database
from dialer.store.models import Attempt, Debt, Payment
from ivr_flows.turn import Money, PaidByCard
from tests.dialer.records import accepts, add, attempt_of, campaign_of, operation_on

PAID = PaidByCard(Money(12345, "BRL"), "CONFIRMED-1", ())


async def told(database: Database, attempt_id: int, paid: PaidByCard = PAID) -> bool:
    async with database.write() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        return await charging.keep(session, operation_on(database, accepts), attempt, paid)


async def test_a_charge_told_again_is_not_taken_off_what_another_creditor_is_owed(database: Database) -> None:
    rows = await campaign_of(database, 1)
    async with database.write() as session:
        other = await campaigns.creditor(session, rows.tenant, "academia")
    theirs = Debt(
        tenant_id=rows.tenant, person_id=rows.people[0], creditor_id=other.id, contract="A-1", amount_minor=20000,
        currency="BRL", due_on=date(2026, 2, 12), status="open",
    )  # fmt: skip
    (debt,) = await add(database, theirs)
    (attempt,) = await add(database, attempt_of(rows, status="live", debts=["1", str(debt)]))
    assert [await told(database, attempt) for _ in range(3)] == [True, False, False]
    async with database.read() as session:
        mine, untouched = await session.scalars(select(Debt).order_by(Debt.id))
        assert (mine.status, mine.paid_minor) == ("paid", 12345)
        assert (untouched.status, untouched.amount_minor, untouched.paid_minor) == ("open", 20000, 0)
        assert len(list(await session.scalars(select(Payment)))) == 1


async def test_two_charges_of_one_call_are_two(database: Database) -> None:
    rows = await campaign_of(database, 1)
    (attempt,) = await add(database, attempt_of(rows, status="live", debts=["1"]))
    part = Money(1000, "BRL")
    assert await told(database, attempt, PaidByCard(part, "CONFIRMED-1", ("1",)))
    assert await told(database, attempt, PaidByCard(part, "CONFIRMED-2", ("1",)))
    assert not await told(database, attempt, PaidByCard(part, "CONFIRMED-1", ("1",)))
    async with database.read() as session:
        (debt,) = await session.scalars(select(Debt))
    assert (debt.paid_minor, debt.amount_minor) == (2000, 10345)
