"""What a desk shows of a person beside the packet: notes, history, how soon the card was there. Reads; keeps nothing.

Whoever looks sees nothing of creditors outside their scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deskwork.gathering import Call, about, limits_of
from dialer import previewing
from dialer.attending import drafting
from dialer.attending.drafting import Unsent
from dialer.attending.talk import SHIFT
from dialer.callers import check
from dialer.operation import Operation
from dialer.rules.offers import Limits
from dialer.rules.showing import today_at
from dialer.store import sight
from dialer.store.debts import UNSETTLED
from dialer.store.models import (
    Agent,
    Attempt,
    Creditor,
    Debt,
    Person,
    Promise,
    Reservation,
    Task,
)

SHOWN_CALLS, SHOWN_TASKS, SHOWN_NOTES = 5, 12, 5


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier call: when, what came of it, and the agent who talked (empty: nobody did)."""

    at: datetime
    outcome: str
    direction: str
    agent: str


@dataclass(frozen=True, slots=True)
class Written:
    """A note."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Owed:
    """A debt as it stands now. Money in minor units."""

    creditor: str
    contract: str
    amount_minor: int
    currency: str
    due_on: str
    status: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise as it stands now; `more`: instalments that follow it."""

    amount_minor: int
    currency: str
    due_on: str
    status: str
    more: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What an agent compares an answer with: the kind that scripts ask for, "address", or "nothing"; what it is."""

    kind: str
    value: str


NO_PROOF, NOTHING_TO_COMPARE = Proof("", ""), Proof("nothing", "")


@dataclass(frozen=True, slots=True)
class Matter:
    """What stands between us and the person now, and the history, newest first.

    `limits`: what may be offered, of money in `currency`; None when nothing is open, or is of another's creditors.
    """

    contact_name: str
    debts: tuple[Owed, ...]
    promises: tuple[Promised, ...]
    calls: tuple[Past, ...]
    notes: tuple[Written, ...]
    drafts: tuple[str, ...]
    proof: Proof
    limits: Limits | None
    currency: str


@dataclass(frozen=True, slots=True)
class Due:
    """An own task: its number, whose (a person's number and name), what, until when."""

    id: int
    person: int
    name: str
    kind: str
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class Day:
    """An agent between calls: own tasks (call backs that are due first), and today's promises, given and kept.

    `previews`: the campaigns in preview that offer cases to this agent, id and name. `unsent`: forms of earlier calls
    that were begun and not sent.
    """

    tasks: tuple[Due, ...]
    promised: int
    kept: int
    previews: tuple[tuple[int, str], ...] = ()
    unsent: tuple[Unsent, ...] = ()


DURING_THE_CALL = ("card",)  # what is typed there is worth nothing afterwards
NO_DAY = Day((), 0, 0)  # not looked at: somebody is on the line


async def read(session: AsyncSession, op: Operation, agent: Agent, call: Call, *, drafts: bool) -> Matter:
    """Debts of the scope, promises, history, notes and, if any were begun, unsent drafts about this call's person."""
    begun = await drafting.kept(session, op, agent, call.heard.attempt.id) if drafts else {}
    notes = await drafting.notes_of(session, op, call.person.id, SHOWN_NOTES)
    seen = {debt.id for debt, to in call.debts if _is_shown(debt, to, call.heard.scope)}
    shown = [one for one in about(call) if one.id in seen]
    return Matter(
        contact_name=call.person.contact_name or "",
        debts=tuple(_owed(debt, to) for debt, to in call.debts if _is_shown(debt, to, call.heard.scope)),
        promises=tuple(_promised(one) for one in call.promises[:SHOWN_CALLS]),
        calls=await _calls(session, call.heard.attempt),
        notes=tuple(Written(row.created_at, row.author, text) for row, text in notes),
        drafts=tuple(sorted(begun)),
        proof=_proof(op, call.person),
        limits=limits_of(op, call) if shown else None,
        currency=shown[0].currency if shown else "",
    )


async def day(session: AsyncSession, op: Operation, agent: Agent, scope: tuple[str, ...] | None) -> Day:
    """What waits for an agent, and what came of the day so far (at our own place)."""
    now = op.clock.now()
    rows = await session.execute(
        select(Task, Person.name)
        .join(Person, Person.id == Task.person_id)
        .where(Task.tenant_id == agent.tenant_id, Task.owner == agent.name, Task.status == "open")
        .order_by(~((Task.kind == "call_back") & (Task.due_at <= now)), Task.due_at, Task.id)
        .limit(SHOWN_TASKS)
    )
    found = [
        Due(task.id, task.person_id, name, task.kind, task.due_at, task.due_at < now)
        for task, name in rows.all()
        if await sight.sees_person(session, task.person_id, scope)
    ]
    begins = datetime.combine(today_at(op.settings.time_zone, now), time(0), ZoneInfo(op.settings.time_zone))
    return Day(
        tuple(found),
        promised=await _promises(session, agent, Promise.created_at >= begins),
        kept=await _promises(session, agent, (Promise.status == "kept") & (Promise.settled_at >= begins)),
        previews=tuple((one.id, one.name) for one in await previewing.offered_to(session, agent, scope)),
        unsent=await _unsent(session, agent, now, scope),
    )


async def _unsent(
    session: AsyncSession, agent: Agent, now: datetime, scope: tuple[str, ...] | None
) -> tuple[Unsent, ...]:
    begun = await drafting.unsent(session, agent, since=now - SHIFT)
    later = [one for one in begun if one.form not in DURING_THE_CALL]
    return tuple([one for one in later if await sight.sees_person(session, one.person, scope)])


def _proof(op: Operation, person: Person) -> Proof:
    """The same that scripts ask for (`ivr_flows/library/scripts/fragments/opening.yaml`)."""
    if person.kind != "person":
        return NO_PROOF  # its script asks for the number that stands with the debt
    asked = check(op, person)
    if asked["check_kind"]:
        return Proof(str(asked["check_kind"]), str(asked["check_value"]))
    written = op.database.keyring.unseal(person.address) if person.address else ""
    return Proof("address", written) if written else NOTHING_TO_COMPARE


def _is_shown(debt: Debt, to: Creditor, scope: tuple[str, ...] | None) -> bool:
    return debt.status in UNSETTLED and (scope is None or to.key in scope)


def _owed(debt: Debt, to: Creditor) -> Owed:
    due_on, kind = debt.due_on.isoformat(), debt.kind or ""
    return Owed(to.name, debt.contract, debt.amount_minor, debt.currency, due_on, debt.status, kind)


def _promised(one: Promise) -> Promised:
    return Promised(one.amount_minor, one.currency, one.due_on.isoformat(), one.status, len(one.schedule))


async def _calls(session: AsyncSession, attempt: Attempt) -> tuple[Past, ...]:
    rows = await session.execute(
        select(Attempt.intent_at, Attempt.disposition, Attempt.direction, func.max(Agent.name).label("agent"))
        .outerjoin(Reservation, (Reservation.attempt_id == Attempt.id) & Reservation.connected_at.is_not(None))
        .outerjoin(Agent, Agent.id == Reservation.agent_id)
        .where(Attempt.person_id == attempt.person_id, Attempt.id != attempt.id, Attempt.disposition.is_not(None))
        .group_by(Attempt.id, Attempt.intent_at, Attempt.disposition, Attempt.direction)
        .order_by(Attempt.id.desc())
        .limit(SHOWN_CALLS)
    )
    return tuple(Past(row.intent_at, row.disposition, row.direction, row.agent or "") for row in rows)


async def _promises(session: AsyncSession, agent: Agent, which: object) -> int:
    met = select(Reservation.attempt_id).where(
        Reservation.agent_id == agent.id, Reservation.connected_at.is_not(None)
    )
    counted = select(func.count()).select_from(Promise).where(Promise.attempt_id.in_(met), which)  # type: ignore[arg-type]
    return await session.scalar(counted) or 0
