"""Acts of an agent who comes to an agreement: a promise, or a plan of dated instalments, within the house's limits.

A plan is one promise that moves on: the present instalment with its day, and behind it what must have come by when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.attending.talk import Talk, write_down
from dialer.debts import promising
from dialer.errors import BadInput
from dialer.operation import Operation
from dialer.rules import offers
from dialer.rules.follow_up import task_due_at
from dialer.rules.offers import Instalment, Limits, Past, Wish
from dialer.store import debts, tasks
from dialer.store.models import Debt, Promise
from ivr_flows.turn import Money, Promised

WORDS = {
    "instalments": "At most {most} instalments may be agreed for this debt. Offer fewer, or keep it as a proposal",
    "discount": "At most {most} % discount may be given for this debt. Offer less, or keep it as a proposal",
    "first_on": "The first payment must be made by {most}, and not in the past. Agree an earlier day",
    "smallest": "No instalment may be under {most} (minor units). Agree fewer instalments",
    "down": "The down payment lies between {most} (minor units) and what is owed, and instalments follow it",
}


async def promise(session: AsyncSession, op: Operation, talk: Talk, amount_minor: int, on: date) -> None:
    """Keep a promise of this amount by this day; the last word of a call stands. BadInput past the limits."""
    about = await collectable(session, talk)
    total, currency = _sum(about)
    if not 0 < amount_minor <= total:
        raise BadInput("The amount must be more than nothing and not above what is owed. Look at the debts again")
    _must_lie_within(talk, op, on, offers.offers().promise.latest_days)
    named = tuple(str(one.id) for one in about)
    await promising.keep(session, op, talk.attempt, talk.person, Promised(Money(amount_minor, currency), on, named))


async def agree_plan(session: AsyncSession, op: Operation, talk: Talk, wish: Wish) -> tuple[Instalment, ...]:
    """Keep a plan as the promise of its first instalment, with the others behind it. BadInput past the limits."""
    about = await collectable(session, talk)
    made = offers.plan(wish, limits_of(op, talk, about))
    if isinstance(made, Past):
        raise BadInput(WORDS[made.limit].format(most=made.most))
    total, currency = _sum(about)
    named = tuple(str(one.id) for one in about)
    first = Promised(Money(made[0].minor, currency), made[0].on, named)
    await promising.keep(session, op, talk.attempt, talk.person, first)
    kept = await session.scalar(
        select(Promise).where(Promise.attempt_id == talk.attempt.id).execution_options(populate_existing=True)
    )
    assert kept is not None, "it was kept just now"
    reached = offers.sums(made)
    kept.schedule = [
        {"due_on": one.on.isoformat(), "minor": sum_} for one, sum_ in zip(made[1:], reached[1:], strict=True)
    ]
    off = total - reached[-1]
    await write_down(session, op, talk, "plan_agreed", _told(kept, made, off))
    if off:
        await _tell_of_discount(session, op, talk, [one.id for one in about], off)
    return made


async def collectable(session: AsyncSession, talk: Talk) -> Sequence[Debt]:
    """The debts that an agreement is about, oldest first: those of the call, of one creditor and in one currency."""
    ids = await debts.meant_in_call(session, talk.attempt, ())
    found = await session.scalars(
        select(Debt).where(Debt.id.in_(ids)).order_by(Debt.due_on, Debt.id).execution_options(populate_existing=True)
    )
    owed = found.all()
    if not owed:
        raise BadInput("Nothing is left to agree about: no debt of this call is open. Look at the debts again")
    first = owed[0]
    return [one for one in owed if (one.creditor_id, one.currency) == (first.creditor_id, first.currency)]


def limits_of(op: Operation, talk: Talk, about: Sequence[Debt]) -> Limits:
    """What may be offered for these debts now."""
    today = talk.place.today(op.clock.now())
    total, currency = _sum(about)
    return offers.limits(total, currency, (today - about[0].due_on).days, today)


def _sum(about: Sequence[Debt]) -> tuple[int, str]:
    return sum(one.amount_minor for one in about), about[0].currency


def _must_lie_within(talk: Talk, op: Operation, on: date, days: int) -> None:
    today = talk.place.today(op.clock.now())
    if not today <= on <= today + timedelta(days=days):
        raise BadInput(f"The day must lie between today and {days} days from now. Agree another day")


def _told(kept: Promise, made: tuple[Instalment, ...], off: int) -> dict[str, object]:
    parts = [{"on": one.on.isoformat(), "minor": one.minor} for one in made]
    return {"promise": kept.id, "instalments": parts, "currency": kept.currency, "discount_minor": off}


async def _tell_of_discount(session: AsyncSession, op: Operation, talk: Talk, about: list[int], off: int) -> None:
    """The creditor's books do not know of the discount: somebody sees to it."""
    now = op.clock.now()
    await tasks.add(
        session, tenant_id=talk.attempt.tenant_id, person_id=talk.person.id, kind="book_discount",
        due_at=task_due_at("book_discount", now, talk.place), now=now, debts=about, attempt_id=talk.attempt.id,
        detail={"discount_minor": off},
    )  # fmt: skip
