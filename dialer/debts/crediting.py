"""Payments: money that the creditor received is taken off debts, once, and settles promises and holds.

A payment goes to what is owed longest among the debts that its record means; `rules.settlement` says how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts.change import Applied, Scope, notes, record
from dialer.debts.settling import Touched, follow, hold_people
from dialer.lists.cells import Fault
from dialer.lists.changes import Paid
from dialer.rules.follow_up import paid_in_time_until
from dialer.rules.settlement import SETTLED, Balance, Credit, allocate
from dialer.store import debts, payments, promises
from dialer.store.debts import Standing
from dialer.store.models import Promise
from dialer.store.places import place_of

FIXED_AMOUNT = ("pix", "boleto")  # such a code asks for the whole sum; after a part of it, it is given to nobody
CLOCKS_APART = timedelta(hours=12)  # a promise made in the evening in America is dated the next day in UTC


async def credit(session: AsyncSession, scope: Scope, rows: Sequence[Paid]) -> Applied:
    """Put these payments on record, each once (by its reference), and take them off what is owed."""
    found = await debts.find(session, scope.search, [row.whose for row in rows])
    return await enter(session, scope, rows, found)


async def enter(
    session: AsyncSession, scope: Scope, rows: Sequence[Paid], found: Sequence[tuple[Standing, ...] | Fault]
) -> Applied:
    """The same for payments whose debts have been found (or why not), one entry a record."""
    meant = {debt.id: debt for one in found if not isinstance(one, Fault) for debt in one}
    if scope.writes:
        await hold_people(session, {debt.person_id for debt in meant.values()})
    book = await _open_book(session, scope, rows, found)
    applied = Applied()
    for row, mine in zip(rows, found, strict=True):
        fault = mine.reason if isinstance(mine, Fault) else book.fault(scope, row, mine)
        if isinstance(mine, Fault) or fault:
            applied.reject(row.line, row.whose, fault or "")
            continue
        applied.count(row.line, [debt.id for debt in mine], changed=book.enter(row, mine))
    changed = frozenset(one.debt for _, one in book.credits)
    people = tuple(sorted({book.standing[debt].person_id for debt in changed}))
    applied.debts, applied.over_minor = len(changed), sum(one.over_minor for _, one in book.credits)
    applied.settled = frozenset(debt for debt in changed if book.balances[debt].status in SETTLED)
    applied.touched = Touched(scope.tenant_id, people, changed)
    if scope.writes and changed:
        await _write(session, scope, book)
        await _tell_promises(session, scope, people, book)
        await follow(session, applied.touched, at=scope.now, actor=scope.actor)
    return applied


@dataclass(slots=True)
class _Book:
    """The debts of one chunk and the payments on record, moving on with every record that is entered."""

    standing: dict[int, Standing]
    balances: dict[int, Balance]
    known: dict[str, list[tuple[int, int]]]
    credits: list[tuple[Paid, Credit]] = field(default_factory=list)

    def fault(self, scope: Scope, row: Paid, meant: Sequence[Standing]) -> str | None:
        """Why this record cannot be entered."""
        if row.made_up:
            if row.reference in scope.file_so_far:
                return "the very same record stands in the file before: if these are two payments, add a reference"
            scope.file_so_far.add(row.reference)
        if any(one.currency != row.currency for one in meant):
            return f"the debt is in {meant[0].currency}, the payment in {row.currency}: name the currency in a column"
        before = self._entered(row, meant)
        if before and before != row.minor:
            return "its reference is on record with another amount: a correction needs a reference of its own"
        return None

    def enter(self, row: Paid, meant: Sequence[Standing]) -> bool:
        """Take a payment off the debts that it is for; whether it is new."""
        if self._entered(row, meant):
            return False
        parts = self.known.setdefault(row.reference, [])
        for one in allocate([self.balances[debt.id] for debt in meant], row.minor):
            self.credits.append((row, one))
            parts.append((one.debt, one.minor))
            before = self.balances[one.debt]
            self.balances[one.debt] = Balance(
                debt=one.debt,
                status=one.status,
                amount_minor=one.amount_minor,
                paid_minor=one.paid_minor,
                confirmed_minor=before.confirmed_minor + one.minor,
                due_on=before.due_on,
            )
        return True

    def _entered(self, row: Paid, meant: Sequence[Standing]) -> int:
        """What is on record under this reference for these debts, in minor units."""
        ids = {debt.id for debt in meant}
        return sum(minor for debt, minor in self.known.get(row.reference, ()) if debt in ids)


async def _open_book(
    session: AsyncSession, scope: Scope, rows: Sequence[Paid], found: Sequence[tuple[Standing, ...] | Fault]
) -> _Book:
    pairs = [(row, one) for row, one in zip(rows, found, strict=True) if not isinstance(one, Fault)]
    references = {row.reference for row, _ in pairs}
    references |= {payments.part_of(row.reference, debt.id) for row, one in pairs for debt in one}
    known = await payments.known(session, scope.search.creditor.id, references)
    standing = await debts.reread(session, {debt.id for _, one in pairs for debt in one})
    proved = await payments.confirmed(session, standing)
    balances = {
        debt.id: Balance(
            debt=debt.id,
            status=debt.status,
            amount_minor=debt.amount_minor,
            paid_minor=debt.paid_minor,
            confirmed_minor=proved.get(debt.id, 0),
            due_on=debt.due_on,
        )
        for debt in standing.values()
    }
    return _Book(standing, balances, known)


async def _write(session: AsyncSession, scope: Scope, book: _Book) -> None:
    await payments.add(session, _payment_rows(scope, book))
    ids = {one.debt for _, one in book.credits}
    await debts.change_each(session, [_debt_values(scope, book, debt) for debt in sorted(ids)])
    details: dict[int, dict[str, Any]] = {}
    for row, one in book.credits:
        seen = details.setdefault(one.debt, {"minor": 0, "over_minor": 0, "currency": row.currency})
        seen["minor"] += one.minor
        seen["over_minor"] += one.over_minor
    await record(session, scope, notes(book.standing, details))


def _payment_rows(scope: Scope, book: _Book) -> list[dict[str, Any]]:
    """The first debt of a payment is kept under its reference, further ones under a part of it."""
    rows = []
    for row, one in book.credits:
        first = book.known[row.reference][0][0] == one.debt
        rows.append(
            {
                "tenant_id": scope.tenant_id,
                "creditor_id": scope.search.creditor.id,
                "debt_id": one.debt,
                "reference": row.reference if first else payments.part_of(row.reference, one.debt),
                "amount_minor": one.minor,
                "currency": row.currency,
                "paid_on": row.paid_on,
                "method": row.method,
                "created_at": scope.now,
            }
        )
    return rows


def _debt_values(scope: Scope, book: _Book, debt: int) -> dict[str, Any]:
    """The columns of a debt after its payments. What it was made of adds up no more, and codes ask for too much."""
    before, after = book.standing[debt], book.balances[debt]
    part = after.amount_minor and after.amount_minor != before.amount_minor
    ways = [way for way in before.ways_to_pay if not part or way["kind"] not in FIXED_AMOUNT]
    newly_paid = after.status == "paid" and before.status != "paid"
    return {
        "id": debt,
        "amount_minor": after.amount_minor,
        "paid_minor": after.paid_minor,
        "status": after.status,
        "items": [] if part else before.items,
        "ways_to_pay": ways,
        "held_for": None if newly_paid else before.held_for,
        "closed_at": scope.now if newly_paid else before.closed_at,
    }


async def _tell_promises(session: AsyncSession, scope: Scope, people: Sequence[int], book: _Book) -> None:
    """Count the money for the promises that it keeps: what was paid since, and for a broken one in time."""
    found = await promises.open_of(session, people)
    last_days = await _last_days(session, [one.id for one in found if one.status == "broken"])
    for promise in found:
        pledge, last_day = promises.pledge_of(promise), last_days.get(promise.id)
        mine = [(row, one.minor) for row, one in book.credits if one.debt in pledge.debts]
        arrived = sum(minor for row, minor in mine if _counts(promise, row, last_day))
        if arrived:
            await session.execute(
                update(Promise).where(Promise.id == promise.id).values(paid_minor=Promise.paid_minor + arrived)
            )
        if arrived and promise.status == "broken" and pledge.paid_minor + arrived >= pledge.amount_minor:
            await promises.swap(
                session, promise.id, "kept", at=promise.settled_at or promise.created_at, was="broken"
            )


async def _last_days(session: AsyncSession, broken: Sequence[int]) -> dict[int, date]:
    """Until when the money of promises that count as broken was in time."""
    given = await promises.given(session, broken) if broken else []
    return {one.id: paid_in_time_until(one.due_on, place_of(one.country, one.region, one.number)) for one in given}


def _counts(promise: Promise, row: Paid, last_day: date | None) -> bool:
    made_on = (promise.created_at - CLOCKS_APART).date()
    return made_on <= row.paid_on and (last_day is None or row.paid_on <= last_day)
