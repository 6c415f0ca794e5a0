"""What came of a call that nobody lived through: the rows that each outcome leaves, and what changes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialer.operation import Operation
from dialer.store.models import (
    Attempt,
    Contact,
    Debt,
    Message,
    Model,
    Number,
    Promise,
    Reservation,
    Suppression,
    Task,
)


@dataclass(slots=True)
class Case:
    """A contact with what calls to it are about. `elusive`: never reached, and not tried since yesterday."""

    contact: Contact
    number: Number
    debt: Debt
    elusive: bool
    tries: list[datetime] = field(default_factory=list)


def left_by(op: Operation, call: Attempt, case: Case, agent: int) -> list[Model]:
    """The rows that an outcome leaves; debts and numbers change with it."""
    match call.disposition:
        case "promised":
            return [_promise(call, case)]
        case "payment_code_sent":
            return [_code(op, call)]
        case "transferred":  # every other talk ends with a promise
            return [_talk(call, agent), *([_promise(call, case)] if call.id % 2 else [])]
        case "opted_out":
            return [
                Suppression(
                    tenant_id=call.tenant_id, person_id=call.person_id, kind="opt_out", since=over_at(call),
                    source="keypad", attempt_id=call.id,
                )
            ]  # fmt: skip
        case "already_paid" | "disputed" as said:
            return [_task(call, case, said)]
        case "wrong_number":
            case.number.status = "wrong_person"
    return []


def over_at(call: Attempt) -> datetime:
    """When the call was over; only those that are have rows here."""
    assert call.closed_at is not None
    return call.closed_at


def _talk(call: Attempt, agent: int) -> Reservation:
    asked = call.intent_at + timedelta(seconds=52)
    return Reservation(
        tenant_id=call.tenant_id, campaign_id=call.campaign_id, attempt_id=call.id, agent_id=agent,
        language="pt-BR", status="ended", asked_at=asked, reserved_at=asked,
        connected_at=asked + timedelta(seconds=1), ended_at=over_at(call), turn=3, max_wait_seconds=60,
    )  # fmt: skip


def _task(call: Attempt, case: Case, said: str) -> Task:
    kind, held_for = {"already_paid": ("check_payment", "already_paid"), "disputed": ("answer_dispute", "dispute")}[
        said
    ]
    case.debt.status, case.debt.held_for = "held", held_for
    return Task(
        tenant_id=call.tenant_id, person_id=call.person_id, attempt_id=call.id, debt_id=case.debt.id, kind=kind,
        detail={"debts": [case.debt.id]}, due_at=over_at(call) + timedelta(days=9), created_at=over_at(call),
    )  # fmt: skip


def _promise(call: Attempt, case: Case) -> Promise:
    """All that is owed, in three days; the debt is then a promised one."""
    case.debt.status = "promised"
    return Promise(
        tenant_id=call.tenant_id, person_id=call.person_id, attempt_id=call.id, amount_minor=case.debt.amount_minor,
        currency=case.debt.currency, due_on=(over_at(call) + timedelta(days=3)).date(), debts=[case.debt.id],
        created_at=over_at(call),
    )  # fmt: skip


def _code(op: Operation, call: Attempt) -> Message:
    at = over_at(call)
    return Message(
        token=f"code-{call.id}", tenant_id=call.tenant_id, person_id=call.person_id, campaign_id=call.campaign_id,
        attempt_id=call.id, number_id=call.number_id, template="payment_code", purpose="payment_code",
        to_number=call.to_number, from_number=call.from_number, status="delivered", sid=f"SM{call.id:032x}",
        body=op.database.keyring.seal("Central Horizonte: o link de pagamento que você pediu segue aqui."),
        segments=1, price_micros=7_900, price_currency="USD", created_at=at, due_at=at, finished_at=at, tries=1,
    )  # fmt: skip
