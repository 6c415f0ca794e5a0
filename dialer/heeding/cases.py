"""Bars on a person that come from outside a call: a lawyer's letter, an insolvency, a refusal in writing, a death.

On record first; then what rings is cancelled and what talks ends politely. What calls bring goes through suppressing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.errors import BadInput, Refused
from dialer.heeding.reasons import must_name_nobody
from dialer.operation import Operation
from dialer.rules.facts import SuppressionKind
from dialer.store import called_now, campaigns, contacts, interactions, people, suppressions
from dialer.store.models import Attempt, Person, Suppression
from dialer.store.suppressions import Bar

# What can be said of a person from outside, in the order in which it is offered.
KINDS: tuple[SuppressionKind, ...] = (
    "lawyer", "deceased", "insolvency", "cease", "dispute", "withdrawn", "do_not_call", "opt_out",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One bar: its kind, the creditor whose debts it is about (a key; None: all), its end (None: for good).

    `actor` is who says so, `because` why, for the record: it names nobody.
    """

    kind: str
    creditor: str | None = None
    until: datetime | None = None
    because: str = ""
    actor: str = "operator"


@dataclass(frozen=True, slots=True)
class Barred:
    """What came of it: whether it is new, and how many calls under way were stopped."""

    kind: str
    new: bool
    calls_stopped: int


async def bar(op: Operation, key: str, order: Order) -> Barred:
    """Put a bar on a person; twice is once. Raises NotFound (person, creditor) and BadInput (kind, end)."""
    _must_make_sense(op, order)

    async def commit(session: AsyncSession) -> tuple[bool, list[int]]:
        person = await _person(session, key)
        return await _bar(session, op, person, order)

    new, called = await op.database.committed(commit)
    stopped = sum([await suppressing.stop_calls(op, one, "opted_out") for one in called])
    return Barred(order.kind, new, stopped)


async def unbar(op: Operation, key: str, order: Order) -> int:
    """End the bars of that kind on a person; how many. Those for all creditors too, unless one is named.

    Whom nothing else holds back is looked at again at once. Raises Refused when there is none to end.
    """
    _must_make_sense(op, order)

    async def commit(session: AsyncSession) -> int:
        person = await _person(session, key)
        which = [Suppression.person_id == person.id, Suppression.kind == order.kind]
        if order.creditor is not None:
            creditor = await campaigns.known_creditor(session, person.tenant_id, order.creditor)
            which.append(Suppression.creditor_id == creditor.id)
        ended = await suppressions.end(session, person.tenant_id, *which, at=op.clock.now())
        if not ended:
            raise Refused(f'No bar "{order.kind}" stands on "{key}": nothing was changed. See: toque person bars KEY')
        await people.bump(session, person.id)
        await contacts.look_again(session, person.id, at=op.clock.now(), outcomes=("denied", order.kind))
        await _note(session, op, person, order, f"ended_{order.kind}")
        return ended

    return await op.database.committed(commit)


async def _bar(session: AsyncSession, op: Operation, person: Person, order: Order) -> tuple[bool, list[int]]:
    """Whether it is new, and the people (this one, or nobody) whose calls are to be stopped."""
    assert order.kind in KINDS, "looked at before"
    creditor_id = None
    if order.creditor is not None:
        creditor_id = (await campaigns.known_creditor(session, person.tenant_id, order.creditor)).id
    put = Bar(_kind(order.kind), until=order.until, creditor_id=creditor_id)
    now = op.clock.now()
    to_cancel = partial(
        called_now.ask_to_cancel, session, person.tenant_id, Attempt.person_id == person.id, creditor_id=creditor_id
    )
    await to_cancel()
    new = await suppressions.add_once(session, person.tenant_id, person.id, put, since=now, source=order.actor)
    await people.bump(session, person.id)
    called = await to_cancel()
    if new:
        await _note(session, op, person, order, f"suppressed_{order.kind}")
    if order.kind == "deceased" and order.until is None:
        await contacts.end_for_person(session, person.id, "deceased")
    return new, called


def _kind(text: str) -> SuppressionKind:
    return next(kind for kind in KINDS if kind == text)


def _must_make_sense(op: Operation, order: Order) -> None:
    must_name_nobody(order.because)
    if order.kind not in KINDS:
        raise BadInput(f'"{order.kind}" is no bar on a person: use one of {", ".join(KINDS)}')
    if order.until is not None and order.until <= op.clock.now():
        raise BadInput("--until lies in the past: a bar ends later, or has no end")


async def _person(session: AsyncSession, key: str) -> Person:
    return await people.by_key(session, (await campaigns.tenant(session)).id, key)


async def _note(session: AsyncSession, op: Operation, person: Person, order: Order, kind: str) -> None:
    detail = {"creditor": order.creditor, "until": order.until.isoformat() if order.until else None}
    await interactions.add(
        session, tenant_id=person.tenant_id, person_id=person.id, at=op.clock.now(), kind=kind, actor=order.actor,
        detail={"because": order.because, **{name: one for name, one in detail.items() if one}},
    )  # fmt: skip
