"""What a campaign does with a person over days: the next number, one message on a machine, the asked time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from dialer.rules.phone_numbers import PhoneNumber, read
from dialer.store.models import Attempt, Number, Person
from local_carrier.lines.people import read_person
from tests.journeys.town import Town, town

SECOND = "+5511999995999"


async def test_nobody_at_the_first_number_is_a_promise_at_the_second(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("no_answer")
        await _second_number(place, person, "promiser")
        await place.start(retry="intensive")
        await place.finish_calls()
        await _until_due(place, person)
        await place.finish_calls(calls=2)
        first, second = await place.attempts()
        assert (first.disposition, second.disposition) == ("no_answer", "promised")
        assert second.to_number == SECOND
        assert second.from_number == first.from_number, "people see the number that they know"
        waited = second.intent_at - first.intent_at
        assert timedelta(minutes=150) <= waited < timedelta(minutes=155), "as the policy says"


async def test_a_machine_gets_one_message_a_person_and_then_only_silence(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("machine_with_beep")
        await place.start(detect="beep", retry="intensive")
        await place.finish_calls()
        await _until_due(place, person)
        await place.finish_calls(calls=2)
        first, second = await place.attempts()
        assert (first.disposition, second.disposition) == ("voicemail_left", "machine")
        assert "Ana Lima" in " ".join(place.leg_of(first).words("heard"))
        assert "Ana Lima" not in " ".join(place.leg_of(second).words("heard"))
        assert (await place.contact_of(person)).status == "waiting", "it is tried again, for a person"


async def test_whoever_asks_to_be_called_in_an_hour_is_called_in_an_hour(sqlite_url: str, tmp_path: Path) -> None:
    async with town(sqlite_url, tmp_path) as place:
        person = await place.add_person("absent")
        await place.start(retry="once")
        await place.finish_calls(calls=1)
        (first,) = await place.attempts()
        assert first.callback_at is not None
        assert (await place.contact_of(person)).wished_at == first.callback_at
        await _until_due(place, person)
        await place.finish_calls(calls=2)
        second: Attempt = (await place.attempts())[1]
        assert timedelta(0) <= second.intent_at - first.callback_at < timedelta(minutes=1)


async def _until_due(place: Town, person: Person) -> None:
    """Nothing happens before the contact's next try: let that time pass at a stroke."""
    due = (await place.contact_of(person)).due_at
    place.clock.jump((due - place.clock.now()).total_seconds() - 4)


async def _second_number(place: Town, person: Person, persona: str) -> None:
    parsed = read(SECOND, "BR")
    assert isinstance(parsed, PhoneNumber)
    async with place.op.database.write() as session:
        session.add(
            Number(
                tenant_id=person.tenant_id, person_id=person.id, e164=SECOND, country="BR", rank=1,
                line_type=parsed.line_type, status="usable",
            )
        )  # fmt: skip
    knows = {"document_last3": "725", "birth_year": "1980"}
    place.people.add(read_person({"address": SECOND, "persona": persona, "language": "pt-BR", "knows": knows}))
