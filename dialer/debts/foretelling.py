"""What a file would do to the people who wait and to the calls under way, row by row: the answer of a dry run.

Looks only. It says of calls what `settling` would decide now; until the file is applied others may begin and end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialer.debts.change import Applied
from dialer.store import attempts
from dialer.store.attempts import UnderWay
from dialer.store.bulk import among
from dialer.store.debts import UNSETTLED
from dialer.store.models import Contact, Debt

ROWS_SHOWN = 200
QUEUED = ("waiting", "claimed")


@dataclass(frozen=True, slots=True)
class Effect:
    """What one row would do: `debts` it changes; `waiting` places in queues and `calls` under way of their people.

    `nothing_due`: nobody of them owes anything any more, so that they leave the queues and their calls end.
    """

    line: int
    debts: int
    waiting: int
    calls: int
    nothing_due: bool


@dataclass(frozen=True, slots=True)
class Foretold:
    """The first rows, and in all: people who leave the queues or stay there, calls that end or go on."""

    rows: tuple[Effect, ...]
    leaving: int
    staying: int
    ending: int
    going_on: int


@dataclass(frozen=True, slots=True)
class _Now:
    """How things stand for the people that some rows are about: places in queues, calls, debts still owed."""

    person_of: dict[int, int]
    waiting: Counter[int]
    calls: dict[int, list[UnderWay]]
    owed: dict[int, set[int]]


class Foretelling:
    """A dry run on its way: what the rows so far would do. Rows before count as done."""

    def __init__(self) -> None:
        self._rows: list[Effect] = []
        self._settled: set[int] = set()
        self._free: set[int] = set()
        self._queued: set[int] = set()
        self._calls: set[int] = set()
        self._ending: set[int] = set()

    async def add(self, session: AsyncSession, applied: Applied) -> Foretold:
        """What would become of everybody with these records too."""
        self._settled |= applied.settled
        now = await _look(session, {debt for _, meant in applied.rows for debt in meant})
        for line, meant in applied.rows:
            people = {now.person_of[debt] for debt in meant if debt in now.person_of}
            calls = [call for one in people for call in now.calls.get(one, ())]
            free = {one for one in people if applied.settled and not now.owed.get(one, set()) - self._settled}
            waiting = sum(now.waiting[one] for one in people)
            if len(self._rows) < ROWS_SHOWN:
                nothing_due = bool(people) and people == free
                self._rows.append(Effect(line, len(meant), waiting, len(calls), nothing_due))
            self._free |= free
            self._queued |= {one for one in people if now.waiting[one]}
            self._calls |= {call.id for call in calls}
            self._ending |= {call.id for call in calls if self._ends(call, applied.touched.debts)}
        leaving = len(self._queued & self._free)
        ending = len(self._ending)
        return Foretold(tuple(self._rows), leaving, len(self._queued) - leaving, ending, len(self._calls) - ending)

    def _ends(self, call: UnderWay, changed: Collection[int]) -> bool:
        """All that it is about is over; or it talks already, about amounts that are not right any more."""
        if all(debt in self._settled for debt in call.debts):
            return bool(call.debts)
        begun = call.status == "live" and call.turn >= 0 and call.waits != "transfer"
        return begun and bool(set(changed).intersection(call.debts))


async def _look(session: AsyncSession, debts: Collection[int]) -> _Now:
    rows = await session.execute(select(Debt.id, Debt.person_id).where(among(session, Debt.id, debts)))
    person_of = {debt: person for debt, person in rows.all()}
    people = set(person_of.values())
    queued = select(Contact.person_id).where(among(session, Contact.person_id, people), Contact.status.in_(QUEUED))
    waiting = Counter((await session.scalars(queued)).all())
    owing = select(Debt.person_id, Debt.id).where(among(session, Debt.person_id, people), Debt.status.in_(UNSETTLED))
    owed: dict[int, set[int]] = {}
    for person, debt in (await session.execute(owing)).all():
        owed.setdefault(person, set()).add(debt)
    about = {debt: person for person, mine in owed.items() for debt in mine} | person_of
    calls: dict[int, list[UnderWay]] = {}
    for call in await attempts.under_way(session, people):
        for person in {about[debt] for debt in call.debts if debt in about}:
            calls.setdefault(person, []).append(call)
    return _Now(person_of, waiting, calls, owed)
