"""What people choose in a call: one of several debts, the hour of the next; and a message that asks nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.store.models import Debt, Person
from tests.journeys.town import Town, town


async def owes_another(place: Town, person: Person) -> None:
    """A second debt, younger than the one that everybody on the list has."""
    async with place.op.database.write() as session:
        first = next(one for one in await place.all(Debt) if one.person_id == person.id)
        session.add(
            Debt(
                tenant_id=first.tenant_id, person_id=person.id, creditor_id=first.creditor_id, contract="second",
                amount_minor=9900, currency=first.currency, due_on=date(2026, 2, 12), status="open",
            )
        )  # fmt: skip


async def test_a_debt_is_chosen_an_hour_agreed_and_a_torpedo_asks_nothing(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        debtor = await place.add_person("several_debts")
        relative = await place.add_person("callback_at_hour")
        await owes_another(place, debtor)
        await place.add_agent()
        await place.start(ratio=20)
        await place.finish_calls(calls=2)

        (promise,) = await place.promises()
        older, younger = [one for one in await place.all(Debt) if one.person_id == debtor.id]
        assert (promise.amount_minor, promise.debts) == (older.amount_minor, [older.id])
        assert (older.status, younger.status) == ("promised", "open")

        asked = await place.attempt_of(relative)
        assert asked.disposition == "absent"
        assert asked.callback_at is not None
        there = asked.callback_at.astimezone(ZoneInfo("America/Sao_Paulo"))
        assert f"{there:%H:%M:%S}" == "15:00:00"


async def test_a_campaign_that_only_leaves_its_message_asks_nobody_anything(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        people = {who: await place.add_person(who) for who in ("promiser", "opts_out")}
        await place.add_agent()
        await place.start(ratio=20, message_only=True)
        await place.finish_calls(calls=2)
        reached = {who: await place.attempt_of(person) for who, person in people.items()}
        assert {who: call.disposition for who, call in reached.items()} == {
            "promiser": "completed",
            "opts_out": "opted_out",
        }
        assert {call.level for call in reached.values()} == {"none"}
        assert await place.promises() == []
