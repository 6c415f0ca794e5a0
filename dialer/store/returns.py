"""What goes back to a creditor about the people of a list: their debts and what came of the calls. Queries only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.store.models import Attempt, ContactList, Debt, ListMember, Number, Person, Promise, Suppression

SLICE = 500


@dataclass(slots=True)
class Case:
    """One debt of the list, and what is on record of it and its person."""

    debt: Debt
    key: str
    country: str
    calls: list[Call] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    wrong_numbers: list[str] = field(default_factory=list)
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the person. `debts` are those that it was about (none: all of them)."""

    person_id: int
    disposition: str
    at: datetime
    number: str
    country: str
    debts: tuple[int, ...]


async def cases(session: AsyncSession, source: ContactList, *, after: int, now: datetime) -> tuple[list[Case], int]:
    """The debts of the next people of a list, and where to go on; nothing at its end."""
    members = (
        await session.execute(
            select(ListMember.id, Person.id, Person.key, Person.country)
            .join(Person, Person.id == ListMember.person_id)
            .where(ListMember.list_id == source.id, ListMember.id > after)
            .order_by(ListMember.id)
            .limit(SLICE)
        )
    ).all()
    if not members:
        return [], after
    people = {person: (key, country) for _, person, key, country in members}
    owed = await session.scalars(
        select(Debt)
        .where(Debt.creditor_id == source.creditor_id, Debt.person_id.in_(people))
        .order_by(Debt.due_on, Debt.id)
    )
    by_person: dict[int, list[Case]] = {person: [] for person in people}
    for debt in owed:
        by_person[debt.person_id].append(Case(debt, *people[debt.person_id]))
    await _calls(session, by_person)
    await _promises(session, by_person)
    await _barred(session, by_person, now)
    return [case for person in people for case in by_person[person]], members[-1][0]


async def usual_language(session: AsyncSession, list_id: int) -> str:
    """The language of most people of a list."""
    found = await session.scalar(
        select(Person.language)
        .join(ListMember, ListMember.person_id == Person.id)
        .where(ListMember.list_id == list_id)
        .group_by(Person.language)
        .order_by(func.count().desc(), Person.language)
        .limit(1)
    )
    return found or "en-US"


async def _calls(session: AsyncSession, by_person: dict[int, list[Case]]) -> None:
    rows = await session.execute(
        select(
            Attempt.person_id, Attempt.disposition, func.coalesce(Attempt.answered_at, Attempt.intent_at),
            Attempt.to_number, Number.country, Attempt.debts,
        )
        .join(Number, Number.id == Attempt.number_id)
        .where(Attempt.person_id.in_(by_person), Attempt.disposition.is_not(None))
        .order_by(Attempt.id)
    )  # fmt: skip
    for person, disposition, at, number, country, about in rows.all():
        call = Call(person, disposition, at, number, country, tuple(int(one) for one in about))
        for case in by_person[person]:
            if not call.debts or case.debt.id in call.debts:
                case.calls.append(call)


async def _promises(session: AsyncSession, by_person: dict[int, list[Case]]) -> None:
    made = await session.scalars(select(Promise).where(Promise.person_id.in_(by_person)).order_by(Promise.id))
    for promise in made:
        about = {int(debt) for debt in promise.debts}
        for case in by_person[promise.person_id]:
            if not about or case.debt.id in about:
                case.promises.append(promise)


async def _barred(session: AsyncSession, by_person: dict[int, list[Case]], now: datetime) -> None:
    wrong = await session.execute(
        select(Number.person_id, Number.e164)
        .where(Number.person_id.in_(by_person), Number.status != "usable")
        .order_by(Number.id)
    )
    for person, e164 in wrong.all():
        for case in by_person[person]:
            case.wrong_numbers.append(e164)
    out = await session.scalars(
        select(Suppression.person_id).where(
            Suppression.person_id.in_(by_person),
            Suppression.kind.in_(("opt_out", "cease")),
            or_(Suppression.until.is_(None), Suppression.until > now),
        )
    )
    for person_id in set(out):
        for case in by_person[person_id or 0]:
            case.opted_out = True
