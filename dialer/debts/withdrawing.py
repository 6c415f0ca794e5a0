"""Withdrawals (baixa): debts leave collection, because the creditor says so. Nobody is called about them any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts.change import Applied, Scope, notes, record
from dialer.debts.settling import Touched, follow, hold_people
from dialer.lists.cells import Fault
from dialer.lists.changes import Withdrawn
from dialer.rules.settlement import SETTLED, DebtStatus
from dialer.store import debts


async def withdraw(session: AsyncSession, scope: Scope, rows: Sequence[Withdrawn]) -> Applied:
    """Take the debts of these records out of collection; those that are settled already stay as they are.

    A record whose reason is payment settles its debts as paid. Without an instalment all of the contract is meant,
    without a contract all that the person owes this creditor.
    """
    found = await debts.find(session, scope.search, [row.whose for row in rows])
    applied = Applied()
    people = {debt.person_id for meant in found if not isinstance(meant, Fault) for debt in meant}
    if scope.writes:
        await hold_people(session, people)
    now_standing = await debts.reread(session, {d.id for m in found if not isinstance(m, Fault) for d in m})
    closed: dict[int, tuple[DebtStatus, str]] = {}
    for row, meant in zip(rows, found, strict=True):
        if isinstance(meant, Fault):
            applied.reject(row.line, row.whose, meant.reason)
            continue
        news = [one.id for one in meant if one.id not in closed and now_standing[one.id].status not in SETTLED]
        word: DebtStatus = "paid" if row.reason == "paid" else "withdrawn"
        closed |= dict.fromkeys(news, (word, row.reason))
        applied.count(row.line, news, changed=bool(news))
    applied.debts, applied.settled = len(closed), frozenset(closed)
    applied.touched = Touched(scope.tenant_id, _holders(now_standing, closed), frozenset(closed))
    if scope.writes and closed:
        for status in SETTLED:
            ids = [debt for debt, (word, _) in closed.items() if word == status]
            await debts.settle(session, ids, status, at=scope.now)
        await record(session, scope, notes(now_standing, {d: {"reason": why} for d, (_, why) in closed.items()}))
        await follow(session, applied.touched, at=scope.now, actor=scope.actor)
    return applied


def _holders(standing: dict[int, debts.Standing], ids: dict[int, tuple[DebtStatus, str]]) -> tuple[int, ...]:
    return tuple(sorted({standing[debt].person_id for debt in ids}))
