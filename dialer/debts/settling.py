"""What follows when debts are paid, withdrawn or open again: promises, bars, tasks, the queue and the calls.

`hold_people` comes first in the transaction, `follow` last, both for many people at once; `halt` after the commit.
All of it looks at what is on record now, so that doing it twice changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts import instalments
from dialer.operation import Operation
from dialer.rules.disposition import FINAL_FOR_CONTACT, Disposition
from dialer.rules.facts import SuppressionKind
from dialer.rules.follow_up import rules
from dialer.rules.settlement import SETTLED, DebtStatus, verdict
from dialer.store import attempts, contacts, debts, interactions, promises, suppressions, tasks
from dialer.store.attempts import UnderWay
from dialer.store.models import Attempt, Debt, Promise, Suppression, Task

HALTS_AT_ONCE = 8  # requests to the carrier under way
HOLDS: tuple[SuppressionKind, ...] = ("already_paid", "dispute")


@dataclass(frozen=True, slots=True)
class Touched:
    """Whose debts, and which of them, one transaction is about; all of one tenant."""

    tenant_id: int
    people: tuple[int, ...]
    debts: frozenset[int]


async def hold_people(session: AsyncSession, person_ids: Collection[int]) -> None:
    """Lock what a change of debts decides about: calls under way first, then the people (the order of every turn).

    After this no intent that was decided on the old facts commits (I3).
    """
    await attempts.under_way(session, person_ids, hold=True)
    await debts.lock_people(session, person_ids)


async def follow(session: AsyncSession, touched: Touched, *, at: datetime, actor: str) -> None:
    """Everything that follows from how the debts of these people stand now."""
    await judge_promises(session, touched, at=at, actor=actor)
    await lift_bars(session, touched, at=at)
    await _close_tasks(session, touched, at=at, actor=actor)
    await contacts.end_where_nothing_due(session, touched.people)
    await _ask_to_cancel(session, touched)


async def halt(op: Operation, touched: Touched) -> int:
    """After the commit: calls about what is settled. How many were cancelled or sent to their end.

    Nothing left of all that a call is about: what rings is cancelled, what talks hears that nothing is due. Part of
    it settled: what rings goes on (its words are put together when it is answered); what talks has begun with
    amounts that are not right any more, and ends politely; who waits for an agent goes on waiting.
    """
    async with op.database.read() as session:
        found = await attempts.under_way(session, touched.people)
        standing = await debts.statuses(session, {debt for one in found for debt in one.debts})
    slots = asyncio.Semaphore(HALTS_AT_ONCE)

    async def stop(call: UnderWay) -> bool:
        async with slots:
            return await _stop(op, call, _what_to_say(call, standing, touched))

    return sum(await asyncio.gather(*map(stop, found)))


async def lift_bars(session: AsyncSession, touched: Touched, *, at: datetime) -> None:
    """End the bars whose reason is gone: no promise is open any more, nothing is held any more."""
    person = Suppression.person_id
    promised = exists().where(Promise.person_id == person, Promise.status == "open")
    for kind in HOLDS:
        held = exists().where(
            Debt.person_id == person, Debt.status == "held", or_(Debt.held_for == kind, Debt.held_for.is_(None))
        )
        await _end_bars(session, touched, Suppression.kind == kind, ~held, at=at)
    await _end_bars(session, touched, Suppression.kind == "promise", ~promised, at=at)


async def _end_bars(session: AsyncSession, touched: Touched, *which: object, at: datetime) -> None:
    mine = (Suppression.person_id.in_(touched.people), Suppression.attempt_id.is_not(None))
    await suppressions.end(session, touched.tenant_id, *mine, *which, at=at)  # type: ignore[arg-type]


async def judge_promises(session: AsyncSession, touched: Touched, *, at: datetime, actor: str) -> None:
    """Promises that the money, or the withdrawal, has settled. What they kept back of other debts is open again."""
    found = [one for one in await promises.open_of(session, touched.people) if one.status == "open"]
    about = {debt for promise in found for debt in promises.pledge_of(promise).debts}
    standing = await debts.statuses(session, about)
    for promise in found:
        pledge = promises.pledge_of(promise)
        word = verdict(pledge, standing)
        mine = {debt: standing[debt] for debt in pledge.debts if debt in standing}
        if word == "kept" and await instalments.moved_on(session, promise, mine, at=at, actor=actor):
            continue
        if word == "open" or not await promises.swap(session, promise.id, word, at=at):
            continue
        await debts.release(session, pledge.debts, was=("promised",))
        await interactions.add(
            session,
            tenant_id=touched.tenant_id,
            person_id=promise.person_id,
            attempt_id=promise.attempt_id,
            at=at,
            kind=f"promise_{word}",
            actor=actor,
            detail={"promise": promise.id, "paid_minor": promise.paid_minor, "due_on": promise.due_on.isoformat()},
        )


async def _close_tasks(session: AsyncSession, touched: Touched, *, at: datetime, actor: str) -> None:
    """Tasks about holds that the creditor's news has answered: nobody needs to look any more."""
    found = await tasks.about_holds(session, touched.people)
    standing = await debts.statuses(session, {debt for task in found for debt in tasks.debts_of(task)})
    for task in found:
        outcome = _answered(task, standing)
        if outcome is not None and await tasks.close(session, task.id, outcome, at=at):
            await interactions.add(
                session,
                tenant_id=touched.tenant_id,
                person_id=task.person_id,
                at=at,
                kind="task_done",
                actor=actor,
                detail={"task": task.id, "kind": task.kind, "outcome": outcome},
            )


def _answered(task: Task, standing: Mapping[int, DebtStatus]) -> Literal["paid", "withdrawn"] | None:
    about = [standing[debt] for debt in tasks.debts_of(task) if debt in standing]
    if not about or any(status not in SETTLED for status in about):
        return None
    return "paid" if "paid" in about else "withdrawn"


async def _ask_to_cancel(session: AsyncSession, touched: Touched) -> None:
    """Note it on the calls themselves: of some nobody knows yet whether they exist, and a request may be lost."""
    found = await attempts.under_way(session, touched.people, hold=True)
    standing = await debts.statuses(session, {debt for one in found for debt in one.debts})
    for words, why in (("nothing_due", "nothing_due"), ("stopped", "changed")):
        over = [one.id for one in found if _what_to_say(one, standing, touched) == words and not _with_people(one)]
        await attempts.ask_to_cancel(session, over, why)


def _with_people(call: UnderWay) -> bool:
    return call.status == "live" and call.waits == "transfer"


def _what_to_say(
    call: UnderWay, standing: Mapping[int, DebtStatus], touched: Touched
) -> Literal["nothing_due", "stopped"] | None:
    about = [standing[debt] for debt in call.debts if debt in standing]
    if not about:
        return None
    if all(status in SETTLED for status in about):
        return "nothing_due"
    begun = call.status == "live" and call.turn >= 0 and not _with_people(call)
    return "stopped" if begun and touched.debts.intersection(call.debts) else None


async def _stop(op: Operation, call: UnderWay, words: Literal["nothing_due", "stopped"] | None) -> bool:
    if words is None or call.sid is None:
        return False  # its placer sees the wish to cancel as soon as the carrier has answered
    if call.status == "live" or call.direction == "in":
        return await op.carrier.redirect(call.sid, op.addresses.recall(call.token, words))
    return await op.carrier.cancel(call.sid)


_OWES = select(debts.of_person(bindparam("person")))
_HAS_SETTLED = select(debts.of_person(bindparam("person"), SETTLED))


async def place_in_queue(
    session: AsyncSession, attempt: Attempt, disposition: Disposition, *, at: datetime
) -> dict[str, object] | None:
    """Where the creditor's news leaves the contact of a call that ended; None: where disposition and policy say."""
    if disposition in FINAL_FOR_CONTACT and disposition is not Disposition.RECALLED:
        return None
    theirs = {"person": attempt.person_id}
    if not await session.scalar(_OWES, theirs) and await session.scalar(_HAS_SETTLED, theirs):
        return {"status": "done", "outcome": "nothing_due"}
    if disposition is Disposition.RECALLED and attempt.cancel_asked == "changed":
        again = at + timedelta(minutes=rules().call_again_minutes)
        return {"status": "waiting", "outcome": disposition.value, "due_at": again}
    return None
