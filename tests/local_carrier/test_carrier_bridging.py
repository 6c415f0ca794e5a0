"""Dial, conferences and queues: who hears whom, what is told, what follows."""

from __future__ import annotations

import pytest
from twilio.rest.api.v2010.account.conference import ConferenceInstance
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance

from local_carrier.calls import Call
from local_carrier.config import DEFAULT_ACCOUNT
from tests.local_carrier.world import CUSTOMER, FROM, ROOT, World, say

TO, AGENT = "+12025550111", "+12025550122"


def dial(noun: str, attributes: str = "") -> str:
    return f'<Response><Dial action="/dialed" {attributes}>{noun}</Dial><Say>unreachable</Say></Response>'


async def test_dial_bridges_and_reports_sid_and_seconds(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.person(AGENT, "agent")
    number = f'<Number statusCallback="/leg" statusCallbackEvent="initiated answered completed">{AGENT}</Number>'
    world.customer.pages["/voice"] = dial(number)
    world.customer.pages["/dialed"] = "<Response/>"
    call = await world.call(TO)
    await world.run()
    child = world.exchange.ledger[1]
    assert (child.parent, child.direction, child.to) == (call.sid, "outbound-dial", AGENT)
    params = world.customer.params("/dialed")[0]
    assert params["DialCallStatus"] == "completed"
    assert params["DialCallSid"] == child.sid
    assert params["DialCallDuration"] == "60"
    assert params["CallStatus"] == "completed"  # the caller hung up mid-Dial; the action is asked all the same
    news = world.customer.params("/leg")
    assert [n["CallStatus"] for n in news] == ["initiated", "in-progress", "completed"]
    assert {n["ParentCallSid"] for n in news} == {call.sid}


@pytest.mark.parametrize(
    ("persona", "status"), [("busy", "busy"), ("agent_absent", "no-answer"), ("invalid", "failed")]
)
async def test_dial_that_reaches_nobody_says_why(world: World, persona: str, status: str) -> None:
    world.person(AGENT, persona)
    world.customer.pages["/voice"] = dial(AGENT, 'timeout="15"')
    world.customer.pages["/dialed"] = say("Sorry")
    call = await world.call(TO)
    await world.run()
    assert world.customer.params("/dialed")[0]["DialCallStatus"] == status
    assert call.leg.words("heard") == ["Sorry"]


async def test_the_first_of_several_to_answer_wins_and_the_others_are_canceled(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.person(AGENT, "agent")
    world.person("sip:slow@pbx.example", "agent_absent")
    world.customer.pages["/voice"] = dial(f"<Sip>sip:slow@pbx.example</Sip><Number>{AGENT}</Number>")
    world.customer.pages["/dialed"] = "<Response/>"
    await world.call(TO)
    await world.run()
    statuses = {leg.to: leg.status for leg in world.exchange.ledger}
    assert statuses == {TO: "completed", AGENT: "completed", "sip:slow@pbx.example": "canceled"}


async def test_a_whisper_is_heard_by_the_called_leg_only_and_can_decline(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.person("client:ana", "agent")
    world.customer.pages["/voice"] = dial('<Client url="/whisper">ana</Client>')
    world.customer.pages["/whisper"] = say("A caller for you")
    world.customer.pages["/dialed"] = "<Response/>"
    call = await world.call(TO)
    await world.run()
    assert world.exchange.ledger[1].words("heard") == ["A caller for you"]
    assert not call.leg.words("heard")
    world.customer.pages["/whisper"] = "<Response><Hangup/></Response>"
    await world.call(TO)
    await world.run()
    assert world.customer.params("/dialed")[-1]["DialCallStatus"] == "no-answer"


ROOM = (
    '<Conference statusCallback="/room" statusCallbackEvent="start end join leave mute hold" {more}>desk</Conference>'
)


async def test_a_nailed_up_agent_and_a_debtor_talk_in_a_conference(world: World) -> None:
    world.person(AGENT, "agent")
    world.person(TO, "agent_seeker")
    world.customer.pages["/agent"] = dial(ROOM.format(more=""))
    world.customer.pages["/voice"] = dial(ROOM.format(more='participantLabel="debtor"'))
    world.customer.pages["/dialed"] = "<Response/>"
    agent = await world.call(AGENT, Url=f"{CUSTOMER}/agent")
    await world.pass_time(30)
    debtor = await world.call(TO)
    await world.pass_time(30)
    room = (await world.get("/Conferences.json", FriendlyName="desk", Status="in-progress"))["conferences"][0]  # type: ignore[index]
    instance = ConferenceInstance(None, room, DEFAULT_ACCOUNT)  # type: ignore[arg-type]
    assert {n for n in vars(instance) if not n.startswith("_")} <= set(room)
    listed = (await world.get(f"/Conferences/{room['sid']}/Participants.json"))["participants"]
    assert [p["call_sid"] for p in listed] == [agent.sid, debtor.sid]  # type: ignore[index, attr-defined]
    one = ParticipantInstance(None, listed[1], DEFAULT_ACCOUNT, str(room["sid"]))  # type: ignore[arg-type, index]
    assert (one.label, one.muted, one.coaching, one.status) == ("debtor", False, False, "connected")
    await world.pass_time(60)
    assert debtor.status == "completed"
    assert agent.status == "in-progress"
    action = world.customer.params("/dialed")[0]
    assert action["DialCallStatus"] == "completed"
    assert "DialCallSid" not in action
    assert "DialCallDuration" not in action
    events = [n["StatusCallbackEvent"] for n in world.customer.params("/room")]
    assert events == ["participant-join", "participant-join", "conference-start", "participant-leave"]
    assert [n["SequenceNumber"] for n in world.customer.params("/room")] == ["1", "2", "3", "4"]


async def test_end_conference_on_exit_frees_the_others(world: World) -> None:
    world.person(AGENT, "agent")
    world.person(TO, "agent_seeker")
    world.customer.pages["/agent"] = dial(ROOM.format(more=""))
    world.customer.pages["/voice"] = dial(ROOM.format(more='endConferenceOnExit="true"'))
    world.customer.pages["/dialed"] = say("The room is empty")
    agent = await world.call(AGENT, Url=f"{CUSTOMER}/agent")
    await world.pass_time(10)
    await world.call(TO)
    await world.run()
    assert agent.leg.words("heard") == ["The room is empty"]
    end = [n for n in world.customer.params("/room") if n["StatusCallbackEvent"] == "conference-end"]
    assert [n["ReasonConferenceEnded"] for n in end] == ["participant-with-end-conference-on-exit-left"]


async def test_participants_are_added_changed_and_removed_by_rest(world: World) -> None:
    world.person(AGENT, "agent")
    world.person(TO, "agent")
    added = await world.post("/Conferences/desk/Participants.json", {"To": AGENT, "From": FROM, "Label": "ana"})
    hook = {"ConferenceStatusCallback": f"{CUSTOMER}/room", "ConferenceStatusCallbackEvent": "mute hold modify"}
    other = await world.post("/Conferences/desk/Participants.json", {"To": TO, "From": FROM, **hook})
    assert (added["status"], added["label"]) == ("queued", "ana")
    await world.pass_time(10)
    room = f"/Conferences/{added['conference_sid']}/Participants"
    changed = await world.post(f"{room}/ana.json", {"Muted": "true", "Hold": "true"}, status=200)
    assert (changed["muted"], changed["hold"]) == (True, True)
    coach = {"Coaching": "true", "CallSidToCoach": str(other["call_sid"])}
    coached = await world.post(f"{room}/{added['call_sid']}.json", coach, status=200)
    assert (coached["coaching"], coached["call_sid_to_coach"]) == (True, other["call_sid"])
    answer = await world.rest.delete(ROOT + f"{room}/ana.json")
    assert answer.status_code == 204
    await world.settle()
    assert world.exchange.calls[str(added["call_sid"])].status == "completed"
    events = [n["StatusCallbackEvent"] for n in world.customer.params("/room")]
    assert events == ["participant-mute", "participant-hold", "participant-modify"]
    gone = await world.rest.get(ROOT + f"{room}/ana.json")
    assert gone.json()["code"] == 20404


async def test_leaving_a_conference_by_rest_continues_with_the_new_document(world: World) -> None:
    world.person(AGENT, "agent")
    world.customer.pages["/voice"] = dial(ROOM.format(more=""))
    world.customer.pages["/out"] = say("You are out")
    call = await world.call(AGENT)
    await world.pass_time(20)
    await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/out"}, status=200)
    await world.run()
    assert call.leg.words("heard") == ["You are out"]
    left = [n for n in world.customer.params("/room") if n["StatusCallbackEvent"] == "participant-leave"]
    assert [n["ReasonParticipantLeft"] for n in left] == ["participant_updated_via_api"]


ENQUEUE = '<Response><Enqueue waitUrl="/wait" action="/left">sales</Enqueue></Response>'


async def test_waiting_calls_hear_their_place_again_and_again_and_give_up(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.customer.pages["/voice"] = (
        "<Response><Gather action='/queue' numDigits='1'><Say>For an agent press 0.</Say></Gather></Response>"
    )
    world.customer.pages["/queue"] = ENQUEUE
    text = "<Response><Say>You are number {}</Say><Pause length='20'/></Response>"
    world.customer.pages["/wait"] = lambda params: text.format(params["QueuePosition"])
    world.customer.pages["/left"] = "<Response/>"
    call = await world.call(TO)
    await world.run()
    waits = world.customer.params("/wait")
    assert len(waits) >= 5
    assert waits[0]["QueueTime"] == "0"
    assert int(waits[2]["QueueTime"]) >= 40
    left = world.customer.params("/left")[0]
    assert left["QueueResult"] == "hangup"
    assert 110 <= int(left["QueueTime"]) <= 125
    assert call.status == "completed"


async def test_a_queued_call_is_taken_out_by_rest_or_by_leave(world: World) -> None:
    world.customer.pages["/voice"] = ENQUEUE
    world.customer.pages["/wait"] = "<Response><Pause length='30'/></Response>"
    world.customer.pages["/agent"] = say("Here is an agent")
    call = await world.call(TO)
    await world.pass_time(20)
    await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/agent"}, status=200)
    await world.run()
    assert call.leg.words("heard") == ["Here is an agent"]
    assert world.customer.params("/left")[0]["QueueResult"] == "redirected"
    world.customer.pages["/wait"] = "<Response><Pause length='3'/><Leave/></Response>"
    world.customer.pages["/left"] = say("You left")
    call = await world.call(TO)
    await world.run()
    assert world.customer.params("/left")[1]["QueueResult"] == "leave"
    assert call.leg.words("heard") == ["You left"]


async def test_a_full_queue_is_told_at_once(world: World) -> None:
    world.customer.pages["/voice"] = ENQUEUE.replace("<Enqueue", '<Enqueue maxQueueSize="0"')
    world.customer.pages["/left"] = say("Full")
    await world.call(TO)
    await world.run()
    assert world.customer.params("/left")[0]["QueueResult"] == "queue-full"


async def test_a_caller_who_leaves_at_once_cancels_the_called_leg(world: World) -> None:
    world.person(TO, "hangs_up_at_once")
    world.person(AGENT, "agent")
    world.customer.pages["/voice"] = f"<Response><Pause length='1'/><Dial>{AGENT}</Dial></Response>"
    await world.call(TO)
    await world.run()
    assert [leg.status for leg in world.exchange.ledger] == ["completed", "canceled"]


async def test_nobody_is_added_to_a_conference_that_does_not_exist(world: World) -> None:
    path = f"/Conferences/CF{'0' * 32}/Participants.json"
    body = await world.post(path, {"To": AGENT, "From": FROM}, status=404)
    assert body["code"] == 20404


async def test_a_kicked_moderator_ends_the_conference(world: World) -> None:
    world.person(AGENT, "agent")
    world.person(TO, "agent")
    added = await world.post(
        "/Conferences/desk/Participants.json", {"To": AGENT, "From": FROM, "EndConferenceOnExit": "true"}
    )
    other = await world.post("/Conferences/desk/Participants.json", {"To": TO, "From": FROM})
    await world.pass_time(10)
    await world.rest.delete(f"{ROOT}/Conferences/desk/Participants/{added['call_sid']}.json")
    await world.run()
    room = await world.get(f"/Conferences/{added['conference_sid']}.json")
    assert room["reason_conference_ended"] == "participant-with-end-conference-on-exit-kicked"
    assert room["call_sid_ending_conference"] == added["call_sid"]
    assert world.exchange.calls[str(other["call_sid"])].status == "completed"


async def enqueued(world: World, caller: str) -> Call:
    world.person(TO, caller)
    world.customer.pages |= {
        "/voice": '<Response><Enqueue action="/left" waitUrl="/wait">desk</Enqueue></Response>',
        "/wait": "<Response><Say>Please wait</Say><Pause length='5'/></Response>",
        "/left": "<Response><Hangup/></Response>",
    }
    call = await world.call(TO)
    await world.pass_time(15)
    return call


async def taken_by(world: World, noun: str, attributes: str = "") -> Call:
    world.person(AGENT, "agent_seeker")  # talks for a minute, then hangs up
    world.customer.pages["/agent"] = f'<Response><Dial action="/dialed" {attributes}>{noun}</Dial></Response>'
    world.customer.pages["/dialed"] = say("Well done")
    return await world.call(AGENT, Url=f"{CUSTOMER}/agent")


async def test_the_first_in_the_queue_is_taken_out_and_both_are_told(world: World) -> None:
    waiting = await enqueued(world, "agent_seeker")
    world.customer.pages["/whisper"] = say("Connecting you now")
    agent = await taken_by(world, '<Queue url="/whisper">desk</Queue>')
    await world.run()
    assert "Connecting you now" in waiting.leg.words("heard")
    (whisper,) = world.customer.params("/whisper")
    assert (whisper["CallSid"], whisper["DequeingCallSid"]) == (waiting.sid, agent.sid)
    left = world.customer.params("/left")[0]
    assert left["QueueResult"] == "bridged"
    dialed = world.customer.params("/dialed")[0]
    assert (dialed["DialCallStatus"], dialed["DialCallSid"]) == ("completed", waiting.sid)
    assert int(dialed["DialCallDuration"]) == 60


async def test_an_empty_queue_is_waited_for_and_given_up(world: World) -> None:
    agent = await taken_by(world, "<Queue>desk</Queue>", 'timeout="12"')
    await world.run()
    assert world.customer.params("/dialed")[0]["DialCallStatus"] == "no-answer"
    assert agent.leg.words("heard") == ["Well done"]


async def test_who_joins_an_empty_queue_finds_somebody_waiting_to_take_them(world: World) -> None:
    await taken_by(world, "<Queue>desk</Queue>", 'timeout="60"')
    await world.pass_time(10)
    await enqueued(world, "agent_seeker")
    await world.run()
    assert world.customer.params("/dialed")[0]["DialCallStatus"] == "completed"
    assert world.customer.params("/left")[0]["QueueResult"] == "bridged"
