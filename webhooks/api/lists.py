"""What a creditor's system says of its debts: updates, withdrawals, payments. Each request acts at once and whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from dialer.debts import changing
from dialer.debts.changing import Order
from dialer.lists.changes import Kind
from dialer.operation import Operation
from webhooks.api.access import Access, Gatekeeper, must_manage
from webhooks.api.bodies import Body
from webhooks.api.problems import ProblemRoute

ROWS = 1000  # in one request, which is one transaction; more is a file
Text = Field(None, max_length=1100)


class Record(BaseModel):
    """Whose debt: at least one of contract, key and document. Without an instalment all of the contract is meant."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    contract: str | None = Text
    instalment: str | None = Text
    key: str | None = Field(None, max_length=1100, description="the creditor's key of the person")
    document: str | None = Field(None, max_length=1100, description="CPF, CNPJ or what the list brought")

    def as_text(self) -> dict[str, str]:
        """Field -> text, as a file would bring it."""
        return {name: str(value) for name, value in self.model_dump().items() if value is not None}


class WithdrawalRecord(Record):
    """A debt that leaves collection."""

    reason: str | None = Field(None, max_length=1100, description="paid, recalled, cancelled, renegotiated")


class PaymentRecord(Record):
    """Money received; with a reference (of the creditor's) it is entered once, however often it is sent."""

    amount: Decimal = Field(gt=0, decimal_places=2, max_digits=12)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    paid_on: date | None = None
    reference: str | None = Text
    method: str | None = Text


class UpdateRecord(Record):
    """What is new of a debt; what is left out stays as it is."""

    amount: Decimal | None = Field(None, gt=0, decimal_places=2, max_digits=12, description="what is owed now")
    original_amount: Decimal | None = Field(None, gt=0, decimal_places=2, max_digits=12)
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    due_date: date | None = None
    payment_kind: str | None = Text
    payment_code: str | None = Text
    payment_expires: date | None = None
    notice_date: date | None = None
    email: str | None = Text
    phone: str | None = Text


class Withdrawals(BaseModel):
    """Debts that leave collection."""

    rows: list[WithdrawalRecord] = Field(min_length=1, max_length=ROWS)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="of the documents; default: as most debtors")


class Payments(BaseModel):
    """Payments that were received."""

    rows: list[PaymentRecord] = Field(min_length=1, max_length=ROWS)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="of the documents; default: as most debtors")


class Updates(BaseModel):
    """What is new of debts on record."""

    rows: list[UpdateRecord] = Field(min_length=1, max_length=ROWS)
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="of the documents; default: as most debtors")
    reopen: bool = Field(False, description="settled debts come back into collection")


class RowRejected(Body):
    """A row that was not applied: its place in the request (from 1), the field, and why."""

    line: int
    column: str
    reason: str


class ChangeBody(Body):
    """What came of the request: changed + same + rejected = rows. Rejected rows changed nothing."""

    rows: int
    changed: int
    same: int
    rejected: int
    debts: int = Field(description="how many debts were changed")
    over_minor: int = Field(description="what payments exceed all that was owed by, in minor units")
    calls_stopped: int = Field(description="calls under way that were cancelled or ended politely")
    rejects: list[RowRejected] = Field(description="the first twenty")


def list_routes(op: Operation, gatekeeper: Gatekeeper) -> APIRouter:
    """Everything under /lists."""
    router = APIRouter(prefix="/lists", tags=["lists"], route_class=ProblemRoute)
    known = Depends(gatekeeper.known)

    @router.post("/{creditor}/withdrawals", response_model=ChangeBody)
    async def withdrawals(creditor: str, order: Withdrawals, access: Access = known) -> Any:
        """Debts leave collection. When this has answered, no call about them starts any more."""
        return await _change(op, access, _order("withdraw", creditor, order.country), order.rows)

    @router.post("/{creditor}/payments", response_model=ChangeBody)
    async def payments(creditor: str, order: Payments, access: Access = known) -> Any:
        """Payments received: debts are settled, promises kept, holds answered, calls ended, at once."""
        return await _change(op, access, _order("payments", creditor, order.country), order.rows)

    @router.post("/{creditor}/updates", response_model=ChangeBody)
    async def updates(creditor: str, order: Updates, access: Access = known) -> Any:
        """New amounts, days, codes, numbers of debts on record."""
        wanted = _order("update", creditor, order.country, reopens=order.reopen)
        return await _change(op, access, wanted, order.rows)

    return router


def _order(kind: Kind, creditor: str, country: str | None, *, reopens: bool = False) -> Order:
    return Order(kind, Path(), creditor, country=country, reopens=reopens)


async def _change(
    op: Operation,
    access: Access,
    order: Order,
    rows: list[WithdrawalRecord] | list[PaymentRecord] | list[UpdateRecord],
) -> changing.Report:
    must_manage(access)
    records = [row.as_text() for row in rows]
    return await changing.change_records(op, order, records, actor=f"api:{access.name}")
