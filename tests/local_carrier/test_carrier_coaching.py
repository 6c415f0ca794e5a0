"""Supervisors in conferences: who hears whom while they listen, whisper or speak to all, and who can be coached.

https://www.twilio.com/docs/voice/api/conference-participant-resource
"""

from __future__ import annotations

import pytest

from local_carrier.calls import Call
from tests.local_carrier.world import CUSTOMER, World, say

AGENT, CALLER, BOSS = "+12025550122", "+12025550111", "+12025550133"
ROOM = "<Response><Dial><Conference {}>desk</Conference></Dial><Say>out again</Say></Response>"


def heard(world: World, *calls: Call) -> list[set[str]]:
    """By whom each of the calls is heard, by address."""
    rooms = world.exchange.conferences
    room = rooms.open("desk")
    hears = {seat.call.leg.to: [one.call for one in rooms.heard_by(room, seat)] for seat in room.seats.values()}
    return [{ear for ear, voices in hears.items() if call in voices} for call in calls]


async def talk(world: World, attributes: str = "") -> tuple[Call, Call, Call]:
    """Agent and caller in a conference, and somebody who has come in with these attributes ({agent}: her call)."""
    for address in (AGENT, CALLER, BOSS):
        world.person(address, "agent")
    world.customer.pages["/voice"] = ROOM.format("")
    agent, caller = await world.call(AGENT), await world.call(CALLER)
    await world.pass_time(10)
    world.customer.pages["/boss"] = ROOM.format(attributes.format(agent=agent.sid))
    boss = await world.call(BOSS, Url=f"{CUSTOMER}/boss")
    await world.pass_time(10)
    return agent, caller, boss


@pytest.mark.parametrize(
    ("attributes", "hear_the_boss"),
    [('muted="true"', set()), ('coach="{agent}"', {AGENT}), ("", {AGENT, CALLER})],
    ids=["listens", "whispers", "barges in"],
)
async def test_who_hears_a_supervisor(world: World, attributes: str, hear_the_boss: set[str]) -> None:
    agent, caller, boss = await talk(world, attributes)
    assert heard(world, agent, caller, boss) == [{CALLER, BOSS}, {AGENT, BOSS}, hear_the_boss]


async def test_a_participant_is_changed_by_rest_and_says_how_they_sit(world: World) -> None:
    agent, caller, boss = await talk(world, 'muted="true" startConferenceOnEnter="false"')
    room = world.exchange.conferences.open("desk")
    seat = f"/Conferences/{room.sid}/Participants/{boss.sid}.json"
    whisper = {"Muted": "false", "Coaching": "true", "CallSidToCoach": agent.sid}
    told = await world.post(seat, whisper, status=200)
    assert (told["muted"], told["coaching"], told["call_sid_to_coach"]) == (False, True, agent.sid)
    assert heard(world, boss) == [{AGENT}]
    await world.post(seat, {"Coaching": "true"}, status=200)
    assert heard(world, boss) == [{AGENT}], "who is coached stays the same when nobody else is named"
    await world.post(seat, {"Coaching": "false"}, status=200)
    assert heard(world, boss) == [{AGENT, CALLER}]
    await world.post(seat, {"Muted": "true"}, status=200)
    assert heard(world, boss, caller) == [set(), {AGENT, BOSS}]


async def test_only_who_is_in_the_conference_and_not_on_hold_can_be_coached(world: World) -> None:
    agent, _, boss = await talk(world, 'muted="true"')
    room = world.exchange.conferences.open("desk")
    seats = f"/Conferences/{room.sid}/Participants"
    nobody = "CA" + "0" * 32
    refused = await world.post(f"{seats}/{boss.sid}.json", {"Coaching": "true", "CallSidToCoach": nobody}, status=400)
    assert nobody in str(refused["message"])
    await world.post(f"{seats}/{agent.sid}.json", {"Hold": "true"}, status=200)
    await world.post(f"{seats}/{boss.sid}.json", {"CallSidToCoach": agent.sid}, status=400)
    assert (room.seats[boss.sid].coach, heard(world, boss)) == ("", [set()])


async def test_a_document_that_coaches_nobody_does_not_enter(world: World) -> None:
    _, _, boss = await talk(world, 'coach="CA00000000000000000000000000000000"')
    assert boss.sid not in world.exchange.conferences.open("desk").seats
    assert boss.leg.words("heard") == ["out again"]
    assert [one.code for one in world.exchange.log] == [16028]


async def test_who_neither_starts_nor_ends_a_conference_leaves_the_others_together(world: World) -> None:
    world.customer.pages["/dialed"] = say("never")
    agent, caller, boss = await talk(world, 'startConferenceOnEnter="false" endConferenceOnExit="false"')
    await world.post(f"/Calls/{boss.sid}.json", {"Status": "completed"}, status=200)
    await world.pass_time(1)
    assert heard(world, agent, caller) == [{CALLER}, {AGENT}]
