"""Opt-outs and pauses while calls are under way: what rings is taken back, what talks ends well, nothing follows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dialer import suppressing
from dialer.campaigns import campaigning
from dialer.store.models import Attempt, Contact, Person
from tests.journeys.test_harms_of_other_dialers import ShutWindow
from tests.journeys.town import REAL_LIMIT, Town, town

SLOW = {"answers_after": 20.0}
LISTED, GRANTED = 6, 3  # the others wait for their turn in the second


async def opt_out(place: Town, person: Person) -> None:
    """The person opts out by another way than this call, as the API does it."""
    async with place.op.database.write() as session:
        known = await session.get_one(Person, person.id)
        await suppressing.opt_out(session, known, at=place.clock.now(), scope="all", attempt_id=None, source="api")
    await suppressing.stop_calls(place.op, person.id, "opted_out")


async def until(place: Town, status: str) -> None:
    async def there() -> bool:
        return any(one.status == status for one in await place.attempts())

    await place.run_until(there)


@pytest.mark.parametrize("moment", ["ringing", "live", "unknown"])
async def test_after_an_opt_out_nobody_is_called(moment: str, database_url: str, tmp_path: Path) -> None:
    grace = {"unknown_grace": 3600.0} if moment == "unknown" else {}
    async with town(database_url, tmp_path, **grace) as place:
        person = await place.add_person("promiser", overrides=SLOW)
        if moment == "unknown":  # the call rings, and of its creation nobody has told us yet
            place.weather({"effect": "error_after"}, {"effect": "delayed", "kinds": ["status"], "seconds": 15})
        await place.start(name="one")
        await place.start(name="two")
        await until(place, moment)
        if moment == "live":
            await place.run_for(5)
        await opt_out(place, person)
        await place.finish_calls()
        (attempt,) = await place.attempts()
        heard = place.heard_by(attempt.to_number)
        match moment:
            case "live":
                assert attempt.disposition == "recalled"
                assert "não vai mais ligar" in heard[-1]
            case _:  # the first that is heard of a call which was not known yet takes it back
                assert (attempt.disposition, heard) == ("canceled", [])
        place.clock.jump(24 * 3600)
        await place.run_for(20)
        assert len(await place.attempts()) == 1, "no intent commits after an opt-out"
        assert {contact.status for contact in await place.all(Contact)} == {"done"}


class Slow:
    """Creates that take their time at the carrier, in real seconds."""

    def __init__(self, place: Town, seconds: float) -> None:
        inner = place.op.carrier.create_call

        async def create_call(request: object) -> object:
            await asyncio.sleep(seconds)
            return await inner(request)  # type: ignore[arg-type]

        self.create_call = create_call


@pytest.mark.parametrize("command", ["pause", "stop"])
async def test_when_a_halt_has_returned_no_call_starts(
    command: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(database_url, tmp_path) as place:
        place.worker.op = replace(place.worker.op, window=(window := ShutWindow(GRANTED)))
        for _ in range(LISTED):
            await place.add_person("no_answer")
        monkeypatch.setattr(place.op.carrier, "create_call", Slow(place, 0.15).create_call)
        await place.start()
        async with asyncio.timeout(REAL_LIMIT):
            while not place.exchange.ledger:
                place.clock.step()
                await asyncio.sleep(0.01)
        assert place.worker.busy, "calls are on their way to the carrier"
        await getattr(campaigning, command)(place.op, "campaign")
        created = len(place.exchange.ledger)
        assert not any(one.status == "placing" for one in await place.attempts())
        assert 0 < created <= GRANTED
        window.grants = 1000  # whoever waited has their turn now, and finds that it is over
        await place.run_for(20)
        assert len(place.exchange.ledger) == created
        await place.finish_calls(calls=created)
        assert len(await place.attempts()) == created
        if command == "pause":
            await campaigning.resume(place.op, "campaign")
            await place.finish_calls(calls=LISTED)
            assert len({attempt.person_id for attempt in await place.all(Attempt)}) == LISTED
