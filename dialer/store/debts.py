"""Debts: found by what a creditor's record says of them, changed many at a time, asked how they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.lists.cells import Fault
from dialer.lists.changes import Whose, same_instalment
from dialer.rules.settlement import DebtStatus
from dialer.store.models import Attempt, Creditor, Debt, Person, PersonKey
from dialer.store.sealing import Keyring

COLLECTABLE = ("open", "promised")
UNSETTLED = ("open", "promised", "held")


@dataclass(frozen=True, slots=True)
class Standing:
    """One debt as it stood when it was read in this transaction."""

    id: int
    person_id: int
    contract: str
    instalment: str
    status: DebtStatus
    amount_minor: int
    paid_minor: int
    original_minor: int | None
    currency: str
    due_on: date
    notice_on: date | None
    items: list[dict[str, Any]]
    ways_to_pay: list[dict[str, Any]]
    held_for: str | None
    closed_at: datetime | None


_COLUMNS = tuple(getattr(Debt, name) for name in Standing.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: one creditor's debts. `country` says how documents are indexed."""

    creditor: Creditor
    keyring: Keyring
    country: str

    def index(self, document: str) -> str:
        """The blind index under which a list of this country keeps the document."""
        text = document if self.country == "BR" else f"{self.country}:{document}"
        return self.keyring.index("document", text)

    def key(self, key: str) -> str:
        """A person's key as it is kept."""
        return f"{self.creditor.key}:{key}"


async def find(session: AsyncSession, search: Search, wanted: Sequence[Whose]) -> list[tuple[Standing, ...] | Fault]:
    """For each record the debts that it means, oldest first, or why it means none. Four statements, however many."""
    people = await _people(session, search, wanted)
    mine = select(*_COLUMNS).where(Debt.creditor_id == search.creditor.id).order_by(Debt.due_on, Debt.id)
    contracts = {one.contract for one in wanted if one.contract}
    by_contract = _grouped(await _read(session, mine.where(Debt.contract.in_(contracts))), "contract")
    alone = {person for one in wanted if not one.contract for person in people.of(search, one)}
    by_person = _grouped(await _read(session, mine.where(Debt.person_id.in_(alone))), "person_id")
    return [_meant(one, people.of(search, one), by_contract, by_person) for one in wanted]


async def meant_in_call(session: AsyncSession, attempt: Attempt, named: Collection[str]) -> tuple[int, ...]:
    """The debts that a word in a call is about, oldest first: those named, else all that the call is about.

    Only what is still collected counts: news of the creditor may have come in while the person spoke.
    """
    wanted = select(Debt.id).where(Debt.person_id == attempt.person_id, Debt.status.in_(COLLECTABLE))
    if about := [int(debt) for debt in (named or attempt.debts)]:
        wanted = wanted.where(Debt.id.in_(about))
    return tuple(await session.scalars(wanted.order_by(Debt.due_on, Debt.id)))


async def charged_for(
    session: AsyncSession, person_id: int, named: Collection[int], currency: str
) -> tuple[int, tuple[int, ...]] | None:
    """The creditor and the debts that a charge in a call was for; settled ones count, if there are no others.

    Of several creditors it was for the one of the oldest debt, as calls add up what is owed.
    """
    wanted = select(Debt.id, Debt.creditor_id, Debt.status).where(
        Debt.person_id == person_id, Debt.currency == currency
    )
    if named:
        wanted = wanted.where(Debt.id.in_(named))
    rows = (await session.execute(wanted.order_by(Debt.due_on, Debt.id))).all()
    owed = [row for row in rows if row.status in UNSETTLED] or rows
    if not owed:
        return None
    creditor = owed[0].creditor_id
    return creditor, tuple(row.id for row in owed if row.creditor_id == creditor)


async def reread(session: AsyncSession, ids: Collection[int]) -> dict[int, Standing]:
    """These debts as they stand now; once their people are locked nobody else changes them."""
    rows = await _read(session, select(*_COLUMNS).where(Debt.id.in_(ids)))
    return {row.id: row for row in rows}


async def statuses(session: AsyncSession, ids: Collection[int]) -> dict[int, DebtStatus]:
    """The status of each of these debts."""
    rows = await session.execute(select(Debt.id, Debt.status).where(Debt.id.in_(ids)))
    return {row.id: cast(DebtStatus, row.status) for row in rows}


async def lock_people(session: AsyncSession, person_ids: Collection[int]) -> None:
    """Hold these people until the transaction ends and move their versions: no intent decided before commits (I3).

    Always in the order of their ids, so that two who want the same people queue and do not deadlock.
    """
    await session.execute(
        select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id).with_for_update(key_share=True)
    )
    await session.execute(
        update(Person)
        .where(Person.id.in_(person_ids))
        .values(version=Person.version + 1)
        .execution_options(synchronize_session=False)
    )


async def change_all(session: AsyncSession, ids: Collection[int], **values: Any) -> None:
    """Set the same columns of many debts."""
    if ids:
        await session.execute(
            update(Debt).where(Debt.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
        )


async def change_each(session: AsyncSession, changes: Sequence[Mapping[str, Any]]) -> None:
    """Set columns of many debts, each its own values by `id`; all name the same columns."""
    if changes:
        names = [name for name in changes[0] if name != "id"]
        statement = update(Debt.__table__).where(Debt.__table__.c.id == bindparam("of_id"))  # type: ignore[arg-type]
        values = {name: bindparam(f"new_{name}", type_=Debt.__table__.c[name].type) for name in names}
        rows = [{"of_id": one["id"], **{f"new_{name}": one[name] for name in names}} for one in changes]
        await (await session.connection()).execute(statement.values(**values), rows)


async def settle(session: AsyncSession, ids: Collection[int], status: DebtStatus, *, at: datetime) -> None:
    """Close debts: nothing of them is collected any more. On somebody's word that they are paid, all is credited."""
    values: dict[str, Any] = {"status": status, "held_for": None, "closed_at": at}
    if status == "paid":
        values |= {"paid_minor": Debt.paid_minor + Debt.amount_minor, "amount_minor": 0}
    await change_all(session, ids, **values)


async def release(session: AsyncSession, ids: Collection[int], *, was: Collection[str]) -> None:
    """Debts that were promised or held are open again; those that have moved on stay."""
    if ids:
        await session.execute(
            update(Debt)
            .where(Debt.id.in_(ids), Debt.status.in_(was))
            .values(status="open", held_for=None)
            .execution_options(synchronize_session=False)
        )


def of_person(person_id: ColumnElement[int] | Any, standing: Collection[str] = UNSETTLED) -> ColumnElement[bool]:
    """A condition: the person owes something that stands so (the default: anything not settled)."""
    return exists().where(Debt.person_id == person_id, Debt.status.in_(standing))


@dataclass(frozen=True, slots=True)
class _People:
    by_key: dict[str, int]
    by_index: dict[str, int]

    def of(self, search: Search, whose: Whose) -> tuple[int, ...]:
        """Everybody whom key and document lead to: nobody, one, or two who contradict each other."""
        found = (
            self.by_key.get(search.key(whose.key)) if whose.key else None,
            self.by_index.get(search.index(whose.document)) if whose.document else None,
        )
        return tuple(dict.fromkeys(person for person in found if person is not None))


async def _people(session: AsyncSession, search: Search, wanted: Sequence[Whose]) -> _People:
    keys = {search.key(one.key) for one in wanted if one.key}
    indexes = {search.index(one.document) for one in wanted if one.document}
    if not keys and not indexes:
        return _People({}, {})
    tenant = search.creditor.tenant_id
    rows = (
        await session.execute(
            select(Person.id, Person.key, Person.document_index).where(
                Person.tenant_id == tenant, or_(Person.key.in_(keys), Person.document_index.in_(indexes))
            )
        )
    ).all()
    more = await session.execute(
        select(PersonKey.key, PersonKey.person_id).where(PersonKey.tenant_id == tenant, PersonKey.key.in_(keys))
    )
    by_key = {key: person_id for key, person_id in more.all()} | {row.key: row.id for row in rows}
    return _People(by_key, {row.document_index: row.id for row in rows if row.document_index})


async def _read(session: AsyncSession, statement: Select[Any]) -> list[Standing]:
    return [Standing(*row) for row in (await session.execute(statement)).all()]


def _grouped(rows: Sequence[Standing], name: str) -> dict[Any, list[Standing]]:
    found: dict[Any, list[Standing]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def _meant(
    whose: Whose,
    people: tuple[int, ...],
    by_contract: Mapping[str, list[Standing]],
    by_person: Mapping[int, list[Standing]],
) -> tuple[Standing, ...] | Fault:
    if len(people) > 1:
        return Fault("its key and its document lead to two different people: ask the creditor whose it is")
    if not whose.contract:
        found = by_person.get(people[0], []) if people else []
        return tuple(found) or Fault("nobody of this creditor is on record under it")
    found = by_contract.get(whose.contract, [])
    if not found:
        return Fault("this creditor has no such contract on record")
    if people and not (found := [one for one in found if one.person_id in people]):
        return Fault("the contract is on record of somebody else than key or document say")
    holders = {one.person_id for one in found}
    if len(holders) > 1:
        return Fault(f"the contract is on record of {len(holders)} people: add a column with key or document")
    if whose.instalment and not (
        found := [one for one in found if same_instalment(whose.instalment, one.instalment)]
    ):
        return Fault("the contract has no such instalment on record")
    return tuple(found)
