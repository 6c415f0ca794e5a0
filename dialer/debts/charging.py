"""Cards that the carrier charged in a call: the money is put on record once, whoever tells of it, however often.

Nothing of the card is known here but that it was charged, and the processor's confirmation.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts import crediting
from dialer.debts.change import Scope
from dialer.lists.changes import Paid, Whose
from dialer.operation import Operation
from dialer.rules.follow_up import Place, task_due_at
from dialer.store import debts, payments, tasks
from dialer.store.models import Attempt, Creditor, Number, Person
from dialer.store.places import place_of
from ivr_flows.running.outcomes import OUTCOMES, stronger
from ivr_flows.turn import PaidByCard

METHOD = "card"
log = structlog.get_logger("toque.charging")


async def keep(session: AsyncSession, op: Operation, attempt: Attempt, paid: PaidByCard) -> bool:
    """Take a charge off what the call is about; False when it is on record already.

    A debt that was settled meanwhile is credited all the same: the surplus is for people to look into.
    """
    reference = f"{METHOD}:{paid.confirmation}"
    if await payments.is_known(session, attempt.tenant_id, reference):
        return False  # before anything is read of the debts: it has settled some, and is not for those that are left
    named = [int(one) for one in paid.debts or attempt.debts]
    about = await debts.charged_for(session, attempt.person_id, named, paid.amount.currency)
    if about is None:
        log.error("charge_without_debt", attempt=attempt.id, todo="look the confirmation up at the processor")
        return False
    standing = await debts.reread(session, about[1])
    row = Paid(
        line=0,
        whose=Whose(),
        minor=paid.amount.minor,
        currency=paid.amount.currency,
        paid_on=(await _place(session, attempt)).today(op.clock.now()),
        reference=reference,
        method=METHOD,
    )
    asked = attempt.cancel_asked
    scope = await _scope(session, op, attempt, about[0])
    applied = await crediting.enter(session, scope, [row], [tuple(standing.values())])
    if not applied.changed:
        return False
    known = attempt.flow_disposition if attempt.flow_disposition in OUTCOMES else None  # a call that failed inside
    # The news that nothing is due is for other calls; in this one the person has just heard of it.
    await session.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(cancel_asked=asked, flow_disposition=stronger(known, "paid_by_card"))
        .execution_options(synchronize_session=False)
    )
    await session.refresh(attempt)
    if applied.over_minor:
        await _ask_people(session, op, attempt, about[1], over=applied.over_minor)
    return True


async def _scope(session: AsyncSession, op: Operation, attempt: Attempt, creditor_id: int) -> Scope:
    person = await session.get_one(Person, attempt.person_id)
    creditor = await session.get_one(Creditor, creditor_id)
    search = debts.Search(creditor, op.database.keyring, person.country)
    return Scope("payments", search, op.clock.now(), actor="debtor")


async def _place(session: AsyncSession, attempt: Attempt) -> Place:
    person = await session.get_one(Person, attempt.person_id)
    number = await session.get_one(Number, attempt.number_id)
    return place_of(number.country, person.region, number.e164)


async def _ask_people(
    session: AsyncSession, op: Operation, attempt: Attempt, about: Sequence[int], *, over: int
) -> None:
    """More was charged than was owed by then: somebody has to give it back, or keep it for what comes."""
    now = op.clock.now()
    await tasks.add(
        session,
        tenant_id=attempt.tenant_id,
        person_id=attempt.person_id,
        kind="check_card",
        due_at=task_due_at("check_card", now, await _place(session, attempt)),
        now=now,
        debts=about,
        attempt_id=attempt.id,
        detail={"over_minor": over},
    )
