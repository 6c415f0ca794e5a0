"""Bad weather on the wire: the same record as in fair weather, one call for each attempt, every line released."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.store.models import Agent, Attempt, Contact, Message, Promise
from dialer.store.models import Suppression as Bar
from tests.journeys.town import Town, town

CAST = ("promiser", "busy", "machine_with_beep", "opts_out", "agent_seeker", "no_answer")
FAIR = {
    "promiser": ("promised", "completed", "human", "checked", "done"),
    "busy": ("busy", "busy", None, "none", "waiting"),
    "machine_with_beep": ("voicemail_left", "completed", "machine", "none", "waiting"),
    "opts_out": ("opted_out", "completed", "human", "none", "done"),
    "agent_seeker": ("transferred", "completed", "human", "none", "done"),
    "no_answer": ("no_answer", "no-answer", None, "none", "waiting"),
}


@dataclass(frozen=True)
class Weather:
    """One kind of bad weather."""

    name: str
    faults: tuple[dict[str, object], ...]
    rare: bool = False  # no more than a mixture of others: for long runs


WEATHERS = [
    Weather("status lost", ({"effect": "lost", "kinds": ["status"]},)),
    Weather("status now and then lost", ({"effect": "lost", "kinds": ["status"], "probability": 0.5},), rare=True),
    Weather("news doubled", ({"effect": "duplicated", "kinds": ["status", "amd", "conference", "message"]},)),
    Weather("status late", ({"effect": "delayed", "kinds": ["status"], "seconds": 45},)),
    Weather("status overtaken", ({"effect": "reordered", "kinds": ["status"], "seconds": 20, "probability": 0.5},)),
    Weather("turns doubled", ({"effect": "duplicated", "kinds": ["voice"]},)),
    Weather("429", ({"effect": "rate_limited", "seconds": 0, "limit": 2},)),
    Weather("503 after the creation", ({"effect": "error_after", "limit": 6},)),
    Weather("broken off after the creation", ({"effect": "dropped_after", "limit": 6},)),
    Weather(
        "everything at once",
        (
            {"effect": "duplicated", "probability": 0.3},
            {"effect": "delayed", "kinds": ["status", "amd"], "seconds": 5, "probability": 0.4},
            {"effect": "reordered", "kinds": ["status"], "seconds": 5, "probability": 0.4},
            {"effect": "lost", "kinds": ["status"], "probability": 0.2},
            {"effect": "error_after", "probability": 0.4, "limit": 4},
        ),
    ),
]


async def calls_in(place: Town, weather: Weather) -> dict[str, Attempt]:
    """One call to everybody, in this weather; the attempts by persona."""
    people = {persona: await place.add_person(persona) for persona in CAST}
    await place.add_agent()
    await place.agents_ready()
    place.weather(*weather.faults, seed=7)
    await place.start(detect="beep", ratio=20)
    await place.finish_calls(calls=len(CAST))
    await place.run_for(50)  # late news, wrap-up, messages
    return {persona: await place.attempt_of(person) for persona, person in people.items()}


async def check(place: Town, made: dict[str, Attempt]) -> None:
    contacts = {contact.id: contact for contact in await place.all(Contact)}
    records = {
        persona: (
            one.disposition,
            one.carrier_status,
            "human" if one.key_pressed else one.answered_by,
            one.level,
            contacts[one.contact_id].status,
        )
        for persona, one in made.items()
    }
    assert records == FAIR
    await check_one_call_each(place)
    assert [one.status for one in await place.promises()] == ["open"]
    bars = Counter(one.kind for one in await place.all(Bar))
    assert bars == {"promise": 1, "opt_out": 2}, "nine spares the person and the telephone"
    assert [one.template for one in await place.all(Message)] == ["promise_confirmation"]
    assert len(await place.all(Promise)) == 1
    assert [agent.status for agent in await place.all(Agent)] == ["ready"]


async def check_one_call_each(place: Town) -> None:
    """The carrier made one call for each attempt, and both say the same of it; nothing is held any more."""
    attempts = await place.attempts()
    assert all(one.status == "ended" and one.closed_at for one in attempts)
    calls = {leg.sid: leg for leg in place.exchange.ledger if leg.to.startswith("+55")}
    assert {one.sid for one in attempts if one.sid} == set(calls)
    assert len(calls) == sum(one.sid is not None for one in attempts)
    assert all(calls[one.sid].status == one.carrier_status for one in attempts if one.sid)


@pytest.mark.parametrize(
    "weather",
    [pytest.param(one, id=one.name, marks=[pytest.mark.soak] if one.rare else []) for one in WEATHERS],
)
async def test_the_record_is_that_of_fair_weather(weather: Weather, sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, beat=10.0) as place:
        await check(place, await calls_in(place, weather))


@pytest.mark.parametrize("weather", [WEATHERS[0], WEATHERS[-1]], ids=lambda one: one.name)
async def test_the_same_on_postgresql_and_redis(
    weather: Weather, postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with town(postgres_url, tmp_path, redis_url=redis_url, beat=10.0) as place:
        await check(place, await calls_in(place, weather))


async def test_a_create_that_never_arrived_counts_as_a_call_and_is_retried_later(
    database_url: str, tmp_path: Path
) -> None:
    async with town(database_url, tmp_path) as place:
        person = await place.add_person("promiser")
        place.weather({"effect": "dropped_before", "limit": 1})
        await place.start()
        await place.finish_calls()
        attempt, contact = await place.attempt_of(person), await place.contact_of(person)
        assert (attempt.disposition, attempt.sid, place.exchange.ledger) == ("lost", None, [])
        assert (contact.status, contact.tries) == ("waiting", 1)
        place.clock.jump(3.995 * 3600)
        await place.finish_calls(calls=2)
        again = (await place.attempts())[-1]
        assert again.disposition == "promised"
        assert (again.intent_at - attempt.intent_at).total_seconds() >= 4 * 3600, "an ordinary retry, no sooner"
        await check_one_call_each(place)


async def test_an_account_that_stays_over_its_limit_places_nothing_and_loses_nobody(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with town(sqlite_url, tmp_path, beat=5.0) as place:
        person = await place.add_person("promiser")
        place.weather({"effect": "rate_limited", "seconds": 0, "limit": 3})
        await place.start()
        await place.finish_calls(calls=2)
        first, second = await place.attempts()
        assert (first.carrier_status, first.sid) == ("refused", None)
        assert second.disposition == "promised"
        contact = await place.contact_of(person)
        assert (contact.status, contact.tries) == ("done", 1), "a refusal by the carrier is no try"


async def test_a_key_outranks_the_machine_verdict_that_comes_after_it(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path, beat=5.0) as place:
        long_hello = {"greeting_seconds": 9.0, "interrupts": True}  # so long a hello sounds like a machine
        person = await place.add_person("promiser", overrides=long_hello)
        place.weather({"effect": "delayed", "kinds": ["amd"], "seconds": 40})
        await place.start(detect="quick")
        await place.finish_calls()
        attempt = await place.attempt_of(person)
        assert place.leg_of(attempt).answered_by == "machine_start"
        assert (attempt.answered_by, attempt.key_pressed, attempt.disposition) == ("machine", True, "promised")
