"""What the local carrier's REST answers are made of: names and types as Twilio's OpenAPI description publishes them.

https://github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.local_carrier.world import CUSTOMER, FROM, World

TEXTS = {
    "call": "sid date_created date_updated parent_call_sid account_sid to to_formatted from from_formatted "
    "phone_number_sid status start_time end_time duration price price_unit direction answered_by api_version "
    "forwarded_from group_sid caller_name queue_time trunk_sid uri",
    "message": "body num_segments direction from to date_updated price error_message uri account_sid num_media "
    "status messaging_service_sid sid date_sent date_created price_unit api_version",
    "conference": "account_sid date_created date_updated api_version friendly_name region sid status uri "
    "reason_conference_ended call_sid_ending_conference",
    "participant": "account_sid call_sid label call_sid_to_coach conference_sid date_created date_updated status "
    "queue_time uri",
    "page": "first_page_uri next_page_uri previous_page_uri uri",
}
NUMBERS = {"message": "error_code", "page": "page page_size start end"}
FLAGS = {"participant": "coaching end_conference_on_exit muted hold start_conference_on_enter"}
OBJECTS = {"call": "subresource_uris", "message": "subresource_uris", "conference": "subresource_uris"}
NEVER_EMPTY = {
    "call": "sid account_sid to from status direction api_version uri date_created queue_time",
    "message": "sid account_sid to from status direction body num_segments num_media uri",
    "conference": "sid account_sid friendly_name status uri region",
    "participant": "account_sid call_sid conference_sid status uri coaching hold muted",
    "page": "first_page_uri uri page page_size start end",
}


def check(kind: str, body: object) -> None:
    assert isinstance(body, dict)
    for names, sort in ((TEXTS, str), (NUMBERS, int), (FLAGS, bool), (OBJECTS, dict)):
        for name in names.get(kind, "").split():
            assert name in body, f"{kind} lacks {name}"
            value = body[name]
            assert value is None or type(value) is sort, f"{kind}.{name} is {value!r}, published as {sort.__name__}"
    empty = [name for name in NEVER_EMPTY[kind].split() if body[name] is None]
    assert not empty, f"{kind}: {empty} must have values"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


async def test_calls_at_every_stage(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='5'/></Response>"
    order: dict[str, object] = {"To": "+12025550111", "From": FROM, "Url": f"{CUSTOMER}/voice"}
    created = await world.post("/Calls.json", order)
    check("call", created)
    await world.run()
    check("call", await world.get(f"/Calls/{created['sid']}.json"))
    listed = await world.get("/Calls.json")
    check("page", listed)
    check("call", listed["calls"][0])  # type: ignore[index]


async def test_messages(world: World) -> None:
    created = await world.post("/Messages.json", {"To": "+12025550111", "From": FROM, "Body": "Olá"})
    check("message", created)
    await world.run()
    check("message", await world.get(f"/Messages/{created['sid']}.json"))
    check("page", await world.get("/Messages.json"))


async def test_conferences_and_who_sits_there(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Dial><Conference>desk</Conference></Dial></Response>"
    world.person("+12025550112", "agent")
    await world.call("+12025550112")
    await world.pass_time(5)
    listed = await world.get("/Conferences.json")
    check("page", listed)
    (room,) = listed["conferences"]  # type: ignore[misc]
    check("conference", room)
    seats = await world.get(f"/Conferences/{room['sid']}/Participants.json")
    check("page", seats)
    check("participant", seats["participants"][0])  # type: ignore[index]
