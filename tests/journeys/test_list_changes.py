"""The creditor's news while people are called: nobody hears of what is settled, and what is open again is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialer.debts import changing, holding
from dialer.debts.changing import Order, Report
from dialer.lists.changes import Kind
from dialer.rules.follow_up import Place, remind_at
from dialer.store.models import Attempt, Contact, Debt, Message, Person, Promise, Task
from tests.journeys.cast import gives_away
from tests.journeys.town import Town, town

NOTHING_LEFT = "não há mais nada a resolver"


async def send(place: Town, kind: Kind, folder: Path, *people: Person, amount: str = "234,50") -> Report:
    """The creditor's file about what these people owe."""
    owed = {debt.person_id: debt.contract for debt in await place.all(Debt)}
    day = f"{place.clock.now():%d/%m/%Y}"
    lines = [f"{owed[person.id]};{amount};{day}" for person in people]
    path = folder / f"{kind}.csv"
    path.write_text("contrato;valor pago;data\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return await changing.change_file(place.op, Order(kind, path, "loja"))


async def calls_of(place: Town, person: Person) -> list[Attempt]:
    return [one for one in await place.attempts() if one.person_id == person.id]


async def reminders(place: Town) -> list[Message]:
    return [one for one in await place.all(Message) if one.template == "promise_reminder"]


async def contact_of(place: Town, person: Person) -> Contact:
    return next(one for one in await place.all(Contact) if one.person_id == person.id)


@pytest.mark.parametrize(
    ("kind", "database_url"), [("payments", "postgresql"), ("withdraw", "sqlite")], indirect=["database_url"]
)
async def test_news_reaches_who_waits_who_rings_and_who_talks(kind: Any, database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        waits = await place.add_person("busy")
        rings = await place.add_person("silent", overrides={"answers_after": 110.0})
        talks = await place.add_person("silent", overrides={"answers_after": 2.0})
        other = await place.add_person("busy")
        await place.start(ring_seconds=120)

        async def all_there() -> bool:
            status = {one.person_id: one.status for one in await place.attempts()}
            busy = (await contact_of(place, waits)).outcome == "busy"
            return busy and (status.get(rings.id), status.get(talks.id)) == ("ringing", "live")

        await place.run_until(all_there, every=1)
        report = await send(place, kind, tmp_path, waits, rings, talks)
        assert (report.changed, report.calls_stopped) == (3, 2)

        async def calm() -> bool:
            return all(one.status == "ended" for one in await place.attempts())

        await place.run_until(calm)
        (ringing,), (talking,) = await calls_of(place, rings), await calls_of(place, talks)
        assert (ringing.disposition, place.heard_by(ringing.to_number)) == ("canceled", [])
        heard = place.heard_by(talking.to_number)
        assert NOTHING_LEFT in heard[-1]
        assert not [words for words in heard if gives_away(words)]
        before = len(await place.attempts())
        place.clock.jump(24 * 3600)
        await place.run_for(20)
        later = (await place.attempts())[before:]
        assert {one.person_id for one in later} == {other.id}, "nobody is called about what is settled"
        for person in (waits, rings, talks):
            contact = await contact_of(place, person)
            assert (contact.status, contact.outcome) == ("done", "nothing_due")


async def test_a_broken_promise_is_remembered_before_and_called_about_after(
    postgres_url: str, tmp_path: Path
) -> None:
    async with town(postgres_url, tmp_path) as place:
        person, _ = await place.add_person("promiser"), await place.add_person("busy")
        await place.start()

        async def promised() -> bool:
            return (await contact_of(place, person)).outcome == "promised"

        await place.run_until(promised)
        (promise,) = await place.all(Promise)
        (debt,) = [one for one in await place.all(Debt) if one.person_id == person.id]
        assert (promise.debts, debt.status) == ([debt.id], "promised")
        await send(place, "payments", tmp_path, person, amount="100,00")
        at = remind_at(promise.due_on, promise.created_at.date(), Place("America/Sao_Paulo", "BR"))
        assert at is not None
        place.clock.jump((at - place.clock.now()).total_seconds() - 90)
        await place.run_for(20)
        assert not await reminders(place), "not before its time"
        place.clock.jump(120)

        async def texted() -> bool:
            return any(one.status in ("sent", "delivered") for one in await reminders(place))

        await place.run_until(texted)
        place.clock.jump(6 * 24 * 3600)

        async def called_again() -> bool:
            return len(await calls_of(place, person)) == 2

        await place.run_until(called_again, hours=72)
        (promise, *_), (debt,) = (
            await place.all(Promise),
            [one for one in await place.all(Debt) if one.person_id == person.id],
        )
        (text,) = await reminders(place)
        words = place.op.database.keyring.unseal(text.body)
        assert f"{promise.due_on:%d/%m/%Y}" in words
        assert gives_away(words) is None
        assert (promise.status, promise.paid_minor) == ("broken", 10000)
        assert debt.amount_minor == 13450


async def test_a_dispute_rests_until_people_have_answered_it(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person, _ = await place.add_person("disputer"), await place.add_person("busy")
        await place.start()

        async def disputed() -> bool:
            return (await contact_of(place, person)).outcome == "disputed"

        await place.run_until(disputed)
        (task,) = await place.all(Task)
        (listed,) = await holding.listed(place.op)
        assert (listed.kind, listed.debts[0].status, listed.overdue) == ("answer_dispute", "held", False)
        place.clock.jump(24 * 3600)
        await place.run_for(10)
        assert len(await calls_of(place, person)) == 1
        answered = await holding.answer(place.op, task.id, "rejected")
        assert (answered.status, answered.debts[0].status) == ("done", "open")

        async def called_again() -> bool:
            return len(await calls_of(place, person)) == 2

        await place.run_until(called_again, hours=72)
