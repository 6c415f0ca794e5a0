"""Holds: a debtor says that it is paid, or disagrees. Collection rests, people look, and their answer settles it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.debts import settling
from dialer.debts.settling import Touched
from dialer.errors import BadInput, NotFound, Refused
from dialer.operation import Operation
from dialer.rules.answers import answers
from dialer.rules.follow_up import TASK_OF, is_escalated, task_due_at
from dialer.store import campaigns, contacts, debts, interactions, tasks
from dialer.store.models import Attempt, Creditor, Debt, Number, Person, Task
from dialer.store.places import place_of
from ivr_flows.turn import HoldAsked

# What the call that led to the task was coded.
WOKEN = {"check_payment": "already_paid", "answer_dispute": "disputed", "call_back": "callback_asked"}


@dataclass(frozen=True, slots=True)
class AboutDebt:
    """A debt of a task, as those who look into it need it."""

    creditor: str
    contract: str
    instalment: str
    amount_minor: int
    currency: str
    due_on: date
    status: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A task of the work list. `person` is the creditor's key; `escalated`: it has stood longer than it may."""

    id: int
    kind: str
    person: str
    status: str
    due_at: datetime
    overdue: bool
    escalated: bool
    created_at: datetime
    owner: str | None
    outcome: str | None
    answers: tuple[str, ...]
    detail: dict[str, object]
    debts: list[AboutDebt] = field(default_factory=list)


async def hold(session: AsyncSession, op: Operation, attempt: Attempt, person: Person, asked: HoldAsked) -> None:
    """Let collection of the debts rest and ask people to look, within the days that they have."""
    now = op.clock.now()
    about = await debts.meant_in_call(session, attempt, asked.debts)
    await debts.change_all(session, about, status="held", held_for=asked.kind)
    await suppressing.suppress(session, person, asked.kind, at=now, attempt_id=attempt.id)
    number = await session.get_one(Number, attempt.number_id)
    on = asked.on.isoformat() if asked.on else None
    kind = TASK_OF[asked.kind]
    await tasks.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        kind=kind,
        due_at=task_due_at(kind, now, place_of(number.country, person.region, number.e164)),
        now=now,
        debts=about,
        attempt_id=attempt.id,
        detail={"reason": asked.reason, "on": on},
    )
    await interactions.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        attempt_id=attempt.id,
        at=now,
        kind=asked.kind,
        actor="debtor",
        detail={"reason": asked.reason, "on": on, "debts": list(about)},
    )
    touched = Touched(person.tenant_id, (person.id,), frozenset())
    await settling.judge_promises(session, touched, at=now, actor="debtor")


async def answer(op: Operation, task_id: int, outcome: str, *, actor: str = "manager") -> Listed:
    """Close a task with what people found; the hold that waited for it ends. NotFound, BadInput, Refused."""
    now = op.clock.now()
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        task = await session.scalar(select(Task).where(Task.id == task_id, Task.tenant_id == tenant.id))
        if task is None:
            raise NotFound(f"There is no task {task_id}. See the list: toque task list")
        effect = answers(task.kind).get(outcome)
        if effect is None:
            known = ", ".join(answers(task.kind))
            raise BadInput(f'"{outcome}" is no answer to task {task_id} ({task.kind}): say one of {known}')
        await settling.hold_people(session, [task.person_id])
        if not await tasks.close(session, task_id, outcome, at=now):
            raise Refused(f"Task {task_id} is done already ({task.outcome}): nothing was changed")
        touched = await _settle(session, task, effect, at=now)
        await interactions.add(
            session, tenant_id=tenant.id, person_id=task.person_id, attempt_id=task.attempt_id, at=now,
            kind="task_done", actor=actor, detail={"task": task.id, "kind": task.kind, "outcome": outcome},
        )  # fmt: skip
        await settling.follow(session, touched, at=now, actor=actor)
        if effect == "open":
            people = [task.person_id]
            await contacts.wake(session, people, outcomes=(WOKEN[task.kind],), because=outcome, at=now)
    await settling.halt(op, touched)
    async with op.database.read() as session:
        return (await _listed(session, [await session.get_one(Task, task_id)], now))[0]


async def _settle(session: AsyncSession, task: Task, effect: str, *, at: datetime) -> Touched:
    standing = await debts.statuses(session, tasks.debts_of(task))
    held = [debt for debt, status in standing.items() if status == "held"]
    match effect:
        case "paid" | "withdrawn":
            await debts.settle(session, held, effect, at=at)
        case "open":
            await debts.release(session, held, was=("held",))
        case _:
            held = []
    return Touched(task.tenant_id, (task.person_id,), frozenset(held))


async def listed(op: Operation, *, status: str = "open", kind: str | None = None) -> list[Listed]:
    """The work list, what is due first first."""
    async with op.database.write() as session:
        tenant = await campaigns.tenant(session)
        found = await tasks.listed(session, tenant.id, status=status, kind=kind)
        return await _listed(session, found, op.clock.now())


async def _listed(session: AsyncSession, found: Sequence[Task], now: datetime) -> list[Listed]:
    ids = {debt for task in found for debt in tasks.debts_of(task)}
    rows = await session.execute(
        select(Debt, Creditor.key).join(Creditor, Creditor.id == Debt.creditor_id).where(Debt.id.in_(ids))
    )
    about = {debt.id: _about(debt, creditor) for debt, creditor in rows.all()}
    people = await session.execute(
        select(Person.id, Person.key).where(Person.id.in_({task.person_id for task in found}))
    )
    keys = {person_id: key for person_id, key in people.all()}
    return [
        Listed(
            id=task.id,
            kind=task.kind,
            person=keys[task.person_id],
            status=task.status,
            due_at=task.due_at,
            overdue=task.status == "open" and task.due_at < now,
            escalated=task.status == "open" and is_escalated(task.kind, task.created_at, now),
            created_at=task.created_at,
            owner=task.owner,
            outcome=task.outcome,
            answers=tuple(answers(task.kind)),
            detail={name: value for name, value in task.detail.items() if name != "debts" and value},
            debts=[about[debt] for debt in tasks.debts_of(task) if debt in about],
        )
        for task in found
    ]


def _about(debt: Debt, creditor: str) -> AboutDebt:
    return AboutDebt(
        creditor=creditor,
        contract=debt.contract,
        instalment=debt.instalment,
        amount_minor=debt.amount_minor,
        currency=debt.currency,
        due_on=debt.due_on,
        status=debt.status,
    )
