"""Updates: what the creditor says anew of debts on record - amount, days, codes - and of how people are reached.

Nobody and nothing is added but numbers; a settled debt comes back only where the order says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts.change import Applied, Scope, notes, record
from dialer.debts.settling import Touched, follow, hold_people
from dialer.lists.cells import Fault
from dialer.lists.changes import Restated
from dialer.lists.payments import ReadCode, read_code
from dialer.lists.row import WayToPay
from dialer.rules.settlement import SETTLED
from dialer.store import contacts, debts, numbers
from dialer.store.debts import Standing
from dialer.store.models import Person

COLUMNS = (  # of a debt
    "status", "amount_minor", "original_minor", "due_on", "notice_on", "ways_to_pay", "items", "held_for",
    "closed_at",
)  # fmt: skip


async def restate(session: AsyncSession, scope: Scope, rows: Sequence[Restated]) -> Applied:
    """Change what is on record to what these records say; empty cells change nothing."""
    found = await debts.find(session, scope.search, [row.whose for row in rows])
    meant = {debt.id: debt for one in found if not isinstance(one, Fault) for debt in one}
    if scope.writes:
        await hold_people(session, {debt.person_id for debt in meant.values()})
    before = await debts.reread(session, meant)
    after, people = dict(before), _Reached(await numbers.of_people(session, {d.person_id for d in meant.values()}))
    applied = Applied()
    for row, mine in zip(rows, found, strict=True):
        fault = mine.reason if isinstance(mine, Fault) else _fault(scope, row, [after[debt.id] for debt in mine])
        if isinstance(mine, Fault) or fault:
            applied.reject(row.line, row.whose, fault or "")
            continue
        changed = [one for debt in mine if (one := _restated(after[debt.id], row)) != after[debt.id]]
        after |= {one.id: one for one in changed}
        heard = people.hear(row, mine[0].person_id)
        applied.count(row.line, [debt.id for debt in mine], changed=heard or bool(changed))
    news = {debt: one for debt, one in after.items() if one != before[debt]}
    applied.debts = len(news)
    holders = tuple(sorted({one.person_id for one in news.values()} | people.changed))
    applied.touched = Touched(scope.tenant_id, holders, frozenset())  # a talk goes on with what it began with
    if scope.writes and holders:
        await _write(session, scope, before, news)
        await _write_people(session, scope, people)
        await follow(session, applied.touched, at=scope.now, actor=scope.actor)
    return applied


def _fault(scope: Scope, row: Restated, meant: Sequence[Standing]) -> str | None:
    money = row.amount_minor is not None or row.due_on is not None or row.ways_to_pay
    if money and len(meant) > 1:
        return f"it means {len(meant)} debts: name contract and instalment, for the values of one"
    if row.amount_minor is not None and meant[0].currency != row.currency:
        return f"the debt is in {meant[0].currency}, the amount in {row.currency}: name the currency in a column"
    if row.ways_to_pay and (why := _contradiction(_restated(meant[0], row))):
        return why
    settled = [one for one in meant if one.status in SETTLED]
    if not settled or not money:
        return None
    if not scope.reopens:
        return f"the debt is {settled[0].status}: it comes back only with --reopen"
    if row.amount_minor is None:
        return "to come back into collection it needs the amount that is owed"
    return None


def _restated(debt: Standing, row: Restated) -> Standing:
    """The debt as the record says. A new amount makes the old account of what it consists of untrue."""
    new = replace(
        debt,
        amount_minor=debt.amount_minor if row.amount_minor is None else row.amount_minor,
        original_minor=debt.original_minor if row.original_minor is None else row.original_minor,
        due_on=row.due_on or debt.due_on,
        notice_on=row.notice_on or debt.notice_on,
        ways_to_pay=[_as_kept(way) for way in row.ways_to_pay] or debt.ways_to_pay,
    )
    if new.amount_minor != debt.amount_minor:
        new = replace(new, items=[])
    if new != debt and not row.ways_to_pay:  # a code that asks for another amount is given to nobody
        new = replace(new, ways_to_pay=[way for way in new.ways_to_pay if not _asks_otherwise(way, new)])
    if debt.status in SETTLED and row.amount_minor is not None:
        new = replace(new, status="open", held_for=None, closed_at=None)
    return new


def _contradiction(debt: Standing) -> str:
    """Why one of its codes cannot be for this debt; "" when all can."""
    return next((why for way in debt.ways_to_pay if (why := _asks_otherwise(way, debt))), "")


def _asks_otherwise(way: dict[str, Any], debt: Standing) -> str:
    """Why a code is for another amount or day than the debt's, as lists are read; "" when it is not."""
    code = read_code(str(way["kind"]), str(way["code"]))
    amounts = tuple(one for one in (debt.amount_minor, debt.original_minor) if one is not None)
    return code.contradicts(amounts, debt.due_on) if isinstance(code, ReadCode) else ""


def _as_kept(way: WayToPay) -> dict[str, Any]:
    expires_on = way.expires_on.isoformat() if way.expires_on else None
    return {"kind": way.kind, "code": way.code, "expires_on": expires_on}


class _Reached:
    """New numbers and e-mail addresses, gathered."""

    def __init__(self, on_record: dict[int, set[str]]) -> None:
        self._on_record = on_record
        self.emails: dict[int, str] = {}
        self.numbers: list[numbers.New] = []

    @property
    def changed(self) -> set[int]:
        """Whose record changes."""
        return {*self.emails, *(one.person_id for one in self.numbers)}

    def hear(self, row: Restated, person_id: int) -> bool:
        """Gather what is new in a record; whether anything may be."""
        known = self._on_record.setdefault(person_id, set())
        fresh = [number for number in row.numbers if number.e164 not in known]
        for number in fresh:
            known.add(number.e164)
            self.numbers.append(numbers.New(person_id, number.e164, number.country, number.line_type))
        new_email = row.email is not None and f"mailto:{row.email}" not in known
        if new_email and row.email:
            known.add(f"mailto:{row.email}")
            self.emails[person_id] = row.email
        return bool(fresh) or new_email


async def _write(session: AsyncSession, scope: Scope, before: dict[int, Standing], news: dict[int, Standing]) -> None:
    changes = [{"id": debt, **{name: getattr(one, name) for name in COLUMNS}} for debt, one in sorted(news.items())]
    await debts.change_each(session, changes)
    await record(session, scope, notes(news, {debt: _what(before[debt], one) for debt, one in news.items()}))
    back = {one.person_id for debt, one in news.items() if before[debt].status in SETTLED and one.status == "open"}
    if back:
        await contacts.wake(
            session, back, outcomes=("nothing_due", "recalled", "denied"), because="reopened", at=scope.now
        )


def _what(before: Standing, after: Standing) -> dict[str, Any]:
    """Which columns changed, for the record: amounts and days as values, codes only by name."""
    changed = {name for name in COLUMNS if getattr(before, name) != getattr(after, name)}
    shown = {name: getattr(after, name) for name in changed & {"status", "amount_minor"}}
    return {"changed": sorted(changed - {"closed_at", "held_for"}), **shown}


async def _write_people(session: AsyncSession, scope: Scope, people: _Reached) -> None:
    keyring = session.info["keyring"]
    for person_id, email in people.emails.items():
        await session.execute(update(Person).where(Person.id == person_id).values(email=keyring.seal(email)))
    await numbers.add(session, scope.tenant_id, people.numbers)
