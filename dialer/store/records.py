"""Everything that decides about a contact, read for many people at once. Reads only; nothing here decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.rules.facts import Facts
from dialer.store import people
from dialer.store.gate_facts import facts_of
from dialer.store.models import Debt, Number, Person
from dialer.store.people import OPEN_DEBT

T = TypeVar("T", Number, Debt)


@dataclass(frozen=True, slots=True)
class Record:
    """One person as placing and planning see them: usable numbers by rank, open debts oldest first, the facts."""

    person: Person
    numbers: tuple[Number, ...]
    debts: tuple[Debt, ...]
    facts: Facts
    calls: tuple[Row[Any], ...]
    texts: int = 0

    @property
    def state(self) -> tuple[int, ...]:
        """What a second look compares: it differs when anything that the facts are made of was written since."""
        return (
            self.person.version,
            sum(row.version + 1 for row in self.calls),
            self.texts,
            sum(debt.step + 1 for debt in self.debts),
            len(self.numbers),
        )

    @property
    def shown_before(self) -> str | None:
        """Our number that the person's phone showed last."""
        return next((row.from_number for row in reversed(self.calls) if row.direction == "out"), None)


async def read(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, Record]:
    """The records of these people (all of one tenant), as committed now."""
    known = await session.scalars(
        select(Person).where(Person.id.in_(person_ids)).execution_options(populate_existing=True)
    )
    found = {person.id: person for person in known}
    if not found:
        return {}
    numbers = await numbers_of(session, person_ids)
    debts = await debts_of(session, person_ids)
    tenant_id = next(iter(found.values())).tenant_id
    known_of = await people.known_of(session, tenant_id, {one: numbers.get(one, ()) for one in found}, debts)
    return {
        one: Record(
            person=person,
            numbers=numbers.get(one, ()),
            debts=debts.get(one, ()),
            calls=tuple(known_of[one].calls),
            facts=facts_of(person, known_of[one]),
            texts=len(known_of[one].texts),
        )
        for one, person in found.items()
    }


_NUMBERS = (
    select(Number)
    .where(Number.person_id.in_(bindparam("people", expanding=True)), Number.status == "usable")
    .order_by(Number.rank, Number.id)
    .execution_options(populate_existing=True)
)
_DEBTS = (
    select(Debt)
    .where(Debt.person_id.in_(bindparam("people", expanding=True)), Debt.status.in_(OPEN_DEBT))
    .order_by(Debt.due_on, Debt.id)
    .execution_options(populate_existing=True)
)


async def numbers_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, tuple[Number, ...]]:
    """The usable numbers of these people, best rank first, by person; nobody without any."""
    return _by_person(await session.scalars(_NUMBERS, {"people": list(person_ids)}))


async def debts_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, tuple[Debt, ...]]:
    """The debts of these people that are still to be collected, oldest first, by person; nobody without any."""
    return _by_person(await session.scalars(_DEBTS, {"people": list(person_ids)}))


def _by_person(rows: Iterable[T]) -> dict[int, tuple[T, ...]]:
    found: dict[int, list[T]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return {person_id: tuple(mine) for person_id, mine in found.items()}
