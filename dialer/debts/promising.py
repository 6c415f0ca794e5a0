"""Promises to pay: kept on record in the call, remembered on the eve, broken when the day and its grace have passed.

The errand (`follow_up`) may run at any time and twice at once: every step is a swap on the promise's own status.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from dialer import suppressing
from dialer.debts import settling
from dialer.debts.settling import Touched
from dialer.operation import Operation
from dialer.rules.follow_up import Place, promise_lapses_at, remind_at, rules
from dialer.rules.settlement import is_broken, missing
from dialer.store import contacts, debts, interactions, promises, suppressions
from dialer.store.models import Attempt, Number, Person, Promise, Suppression, Tenant
from dialer.store.places import place_of
from dialer.store.promises import REMINDER, Given
from dialer.texts import messaging
from ivr_flows.lexicon import LEXICONS
from ivr_flows.turn import MessageAsked, Promised

ZONES_APART = timedelta(hours=14)  # between UTC and the place where it is latest, or earliest
KNOWN = ("checked", "confirmed")


async def keep(session: AsyncSession, op: Operation, attempt: Attempt, person: Person, made: Promised) -> None:
    """Put a promise on record (the last one said in a call stands) and let the calls rest until it is due."""
    now = op.clock.now()
    about = await debts.meant_in_call(session, attempt, made.debts)
    await _replace(session, attempt, about, now)
    values = {"amount_minor": made.amount.minor, "currency": made.amount.currency, "debts": list(about)}
    promise_id = await promises.put(session, attempt, now=now, due_on=made.on, **values)
    await debts.change_all(session, about, status="promised")
    number = await session.get_one(Number, attempt.number_id)
    lapses_at = promise_lapses_at(made.on, place_of(number.country, person.region, number.e164))
    await suppressing.suppress(session, person, "promise", at=now, until=lapses_at, attempt_id=attempt.id)
    await interactions.add(
        session,
        tenant_id=person.tenant_id,
        person_id=person.id,
        attempt_id=attempt.id,
        at=now,
        kind="promised",
        actor="debtor",
        detail={"promise": promise_id, "due_on": made.on.isoformat(), **values},
    )


async def _replace(session: AsyncSession, attempt: Attempt, about: Sequence[int], now: datetime) -> None:
    """What was promised before about the same debts is over: the newest word stands. Other debts are open again."""
    for promise in await promises.open_of(session, [attempt.person_id]):
        mine = promise.attempt_id == attempt.id
        if not mine and (promise.status != "open" or not set(about).intersection(map(int, promise.debts))):
            continue
        await debts.release(session, [int(debt) for debt in promise.debts], was=("promised",))
        await suppressions.end(
            session,
            attempt.tenant_id,
            Suppression.person_id == attempt.person_id,
            Suppression.kind == "promise",
            Suppression.attempt_id == promise.attempt_id,
            at=now,
        )
        if not mine:
            await promises.swap(session, promise.id, "ended", at=now)


async def follow_up(op: Operation) -> None:
    """The errand: break what has lapsed, remind of what is near."""
    await break_due(op)
    await remind_due(op)


async def break_due(op: Operation) -> int:
    """Promises whose day and grace have passed without the money: their debts are collected again. How many."""
    now, broken, last = op.clock.now(), 0, 0
    while True:
        async with op.database.read() as session:
            found = await promises.due(session, until=(now + ZONES_APART).date() - timedelta(days=1), after=last)
        if not found:
            return broken
        last = found[-1].id
        lapsed = [one for one in found if is_broken(one.pledge, lapses_at=_lapses_at(one), now=now)]
        if lapsed:
            broken += await _break(op, lapsed, now)


async def _break(op: Operation, lapsed: Sequence[Given], now: datetime) -> int:
    touched = Touched(
        lapsed[0].tenant_id,
        tuple(sorted({one.person_id for one in lapsed})),
        frozenset(debt for one in lapsed for debt in one.pledge.debts),
    )
    async with op.database.write() as session:
        await settling.hold_people(session, touched.people)
        standing = {one.id: one for one in await promises.open_of(session, touched.people)}
        broken = [one for one in lapsed if await _break_one(session, one, standing.get(one.id), now)]
        await settling.lift_bars(session, touched, at=now)
        people = [one.person_id for one in broken]
        await contacts.wake(session, people, outcomes=("promised",), because="broken_promise", at=now)
    return len(broken)


async def _break_one(session: AsyncSession, given: Given, promise: Promise | None, now: datetime) -> bool:
    """Break one promise, unless it was kept or ended since it was read."""
    if promise is None or not is_broken(promises.pledge_of(promise), lapses_at=now, now=now):
        return False
    if not await promises.swap(session, given.id, "broken", at=now):
        return False
    await debts.release(session, given.pledge.debts, was=("promised",))
    await interactions.add(
        session,
        tenant_id=given.tenant_id,
        person_id=given.person_id,
        attempt_id=given.attempt_id,
        at=now,
        kind="promise_broken",
        detail={
            "promise": given.id,
            "due_on": given.due_on.isoformat(),
            "missing_minor": missing(promises.pledge_of(promise)),
            "currency": given.currency,
        },
    )
    return True


async def remind_due(op: Operation) -> int:
    """One text before the day, to a known mobile, of promises of people whose identity was checked. How many."""
    now, planned, last = op.clock.now(), 0, 0
    latest = (now + ZONES_APART).date() + timedelta(days=rules().promise.reminder.days_before)
    while True:
        async with op.database.read() as session:
            found = await promises.due(
                session, since=(now - ZONES_APART).date(), until=latest, unreminded=True, after=last
            )
        if not found:
            return planned
        last = found[-1].id
        for given in found:
            if given.level in KNOWN and _is_time_to_remind(given, now):
                planned += await _remind(op, given, now)


def _is_time_to_remind(given: Given, now: datetime) -> bool:
    place = _place(given)
    at = remind_at(given.due_on, place.today(given.created_at), place)
    return at is not None and at <= now and place.today(now) <= given.due_on


async def _remind(op: Operation, given: Given, now: datetime) -> bool:
    async with op.database.write() as session:
        if not await promises.reminded(session, given.id, at=now):
            return False  # another worker has, or the promise is settled
        attempt = await session.get_one(Attempt, given.attempt_id)
        tenant = await session.get_one(Tenant, given.tenant_id)
        number = op.settings.official_number or attempt.from_number or ""
        words = reminder(given.language, op.settings.caller_name or tenant.name, given.due_on, number)
        planned = await messaging.plan(session, op, attempt, MessageAsked(REMINDER, words), at=now)
        await interactions.add(
            session,
            tenant_id=given.tenant_id,
            person_id=given.person_id,
            attempt_id=given.attempt_id,
            at=now,
            kind="promise_reminder",
            detail={"promise": given.id, "planned": planned, "why": "" if planned else "no known mobile"},
        )
    return planned


def reminder(language: str, caller_name: str, due_on: date, number: str) -> str:
    """The words of a reminder: who, for when, whom to call. Nothing of a debt, for others may read it."""
    lexicon = LEXICONS[language]
    day = format_date(due_on, lexicon.date_format, locale=lexicon.locale)
    return _words()[language].format(caller_name=caller_name, date=day, number=number)


@cache
def _words() -> dict[str, str]:
    words: dict[str, str] = yaml.safe_load((files("dialer.debts") / "reminders.yaml").read_text("utf-8"))
    return words


def _place(given: Given) -> Place:
    return place_of(given.country, given.region, given.number)


def _lapses_at(given: Given) -> datetime:
    return promise_lapses_at(given.due_on, _place(given))
