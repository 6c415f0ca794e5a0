"""What people want us to heed, on the wire: a time named by keypad, a list of numbers loaded while calls ring."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dialer.heeding import listing
from dialer.heeding.listing import Order
from dialer.heeding.numbers_file import Line
from dialer.store.models import Contact, Designation, Interaction, Number
from tests.journeys.test_stopping import SLOW, until
from tests.journeys.town import town

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


async def test_who_wants_no_calls_in_the_morning_gets_none(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person(
            "callback_at_hour", overrides={"wants": ["absent", "never_at", "mornings"], "repeats": 1}
        )
        await place.start()
        await place.finish_calls()

        (attempt,) = await place.attempts()
        (named,) = await place.rows(Designation, person)
        assert (named.from_minute, named.to_minute, named.origin, named.attempt_id) == (
            None,
            720,
            "keypad",
            attempt.id,
        )
        assert "não vamos ligar de manhã" in place.heard_by(attempt.to_number)[-1]
        assert "designated" in [row.kind for row in await place.rows(Interaction, person)]

        here = place.clock.now().astimezone(SAO_PAULO)
        morning = (here + timedelta(days=1)).replace(hour=9, minute=30)
        place.clock.jump((morning - here).total_seconds())
        await place.run_for(60)
        (contact,) = await place.rows(Contact, person)
        assert (contact.blocked_rule, f"{contact.due_at.astimezone(SAO_PAULO):%H:%M}") == ("INCONVENIENT", "12:00")
        assert len(await place.attempts()) == 1

        place.clock.jump(2.5 * 3600 + 60)
        await place.finish_calls(calls=2)
        assert len(await place.attempts()) == 2, "and after noon we may"
        assert len(await place.rows(Designation, person)) == 1, "what was said twice is kept once"


async def test_a_list_that_is_loaded_while_calls_ring_is_obeyed_at_once(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path) as place:
        people = [await place.add_person("promiser", overrides=SLOW) for _ in range(2)]
        await place.start()
        await until(place, "ringing")
        numbers = [one.e164 for one in await place.all(Number)]
        order = Order([Line(n, one) for n, one in enumerate(numbers)], name="register")
        loaded = place.clock.now()
        told = await listing.take_over(place.op, order)
        assert told.added == 2
        await place.finish_calls(calls=told.calls_stopped)
        for attempt in await place.attempts():
            assert (attempt.disposition, place.heard_by(attempt.to_number)) == ("canceled", [])
            assert attempt.ended_at is not None
            assert attempt.ended_at - loaded <= timedelta(seconds=1)
        called = len(await place.attempts())
        place.clock.jump(5 * 3600)
        await place.run_for(30)
        assert len(await place.attempts()) == called
        blocked = [one for person in people for one in await place.rows(Contact, person)]
        assert {one.blocked_rule for one in blocked} == {"DO_NOT_CALL"}
