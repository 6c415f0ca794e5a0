"""People who call or text one of the account's numbers, and what the number says is to be done."""

from __future__ import annotations

import httpx
import pytest
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberInstance

from local_carrier.config import DEFAULT_ACCOUNT
from local_carrier.inbound import NotInService
from tests.local_carrier.world import CUSTOMER, FROM, ROOT, World, gather, say

THEY, OURS = "+12025550111", FROM
MENU = "If this is you, press 1."
LOCAL = "http://carrier.example/local"


async def our_number(world: World, **more: str) -> dict[str, object]:
    hooks = {"VoiceUrl": f"{CUSTOMER}/voice", "SmsUrl": f"{CUSTOMER}/sms", "StatusCallback": f"{CUSTOMER}/status"}
    return await world.post("/IncomingPhoneNumbers.json", {"PhoneNumber": OURS, **hooks, **more})


async def test_a_number_is_given_read_by_the_sdk_changed_and_given_back(world: World) -> None:
    made = await our_number(world, FriendlyName="Front desk")
    read = IncomingPhoneNumberInstance(None, made, DEFAULT_ACCOUNT)  # type: ignore[arg-type]
    assert {n.strip("_") for n in vars(read)} - {"version", "solution", "context"} <= set(made)
    assert (read.phone_number, read.voice_url, read.friendly_name) == (OURS, f"{CUSTOMER}/voice", "Front desk")
    path = f"/IncomingPhoneNumbers/{made['sid']}.json"
    changed = await world.post(path, {"VoiceUrl": f"{CUSTOMER}/other", "VoiceMethod": "GET"}, status=200)
    assert (changed["voice_url"], changed["voice_method"]) == (f"{CUSTOMER}/other", "GET")
    assert changed["sms_url"] == f"{CUSTOMER}/sms"  # what was not sent stays
    listed = await world.get("/IncomingPhoneNumbers.json", PhoneNumber=OURS)
    assert listed["incoming_phone_numbers"] == [changed]
    assert (await world.rest.delete(ROOT + path)).status_code == 204
    assert not (await world.get("/IncomingPhoneNumbers.json"))["incoming_phone_numbers"]
    refused = await world.rest.post(ROOT + "/IncomingPhoneNumbers.json", data={"PhoneNumber": OURS, "VoiceUrl": "x"})
    assert (refused.status_code, refused.json()["code"]) == (400, 21502)


async def test_a_person_calls_hears_and_presses(world: World) -> None:
    number = await our_number(world)
    world.person(THEY, "promiser")
    world.customer.pages |= {"/voice": gather(MENU), "/keys": say("Thank you")}
    answer = await world.rest.post(f"{LOCAL}/inbound-calls", data={"From": THEY, "To": OURS})
    assert answer.status_code == 201
    assert (answer.json()["direction"], answer.json()["phone_number_sid"]) == ("inbound", number["sid"])
    await world.run()
    first = world.customer.params("/voice")[0]
    assert (first["Direction"], first["CallStatus"], first["From"], first["To"]) == ("inbound", "ringing", THEY, OURS)
    assert (first["Caller"], first["Called"], first["AccountSid"]) == (THEY, OURS, DEFAULT_ACCOUNT)
    assert world.customer.params("/keys")[0]["CallStatus"] == "in-progress"
    (leg,) = world.exchange.ledger
    assert (leg.words("heard"), leg.keys) == ([MENU, "Thank you"], "1")
    (news,) = world.customer.params("/status")
    assert (news["CallStatus"], news["CallSid"]) == ("completed", leg.sid)
    await world.pass_time(60)
    assert (await world.get(f"/Calls/{leg.sid}.json"))["price"] == "-0.00850"


async def test_a_withheld_number_is_not_shown(world: World) -> None:
    await our_number(world)
    world.customer.pages["/voice"] = say("Hello")
    await world.rest.post(f"{LOCAL}/inbound-calls", json={"From": THEY, "To": OURS, "Withheld": True})
    await world.run()
    first = world.customer.params("/voice")[0]
    assert (first["From"], first["Caller"]) == ("anonymous", "anonymous")
    assert THEY not in str(world.customer.requests)


async def test_the_caller_can_be_described_with_the_call(world: World) -> None:
    await our_number(world)
    world.customer.pages |= {"/voice": gather("To stop all calls, press 9."), "/keys": say("Done")}
    person = {"Persona": "opts_out", "Knows": {"birth_year": "1980"}}
    await world.rest.post(f"{LOCAL}/inbound-calls", json={"From": THEY, "To": OURS, **person})
    await world.run()
    assert world.exchange.ledger[0].keys == "9"
    unknown = await world.rest.post(f"{LOCAL}/inbound-calls", json={"From": THEY, "To": OURS, "Persona": "elf"})
    assert unknown.status_code == 400


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
async def test_a_rejected_call_is_never_answered_nor_charged(world: World, reason: str, status: str) -> None:
    await our_number(world)
    world.customer.pages["/voice"] = f'<Response><Reject reason="{reason}"/></Response>'
    call = world.exchange.inbound.call(from_=THEY, to=OURS)
    await world.run()
    assert (call.status, call.answered_at, call.leg.words("heard")) == (status, None, [])


async def test_a_call_that_we_do_not_know_how_to_answer_hears_an_apology(world: World) -> None:
    await our_number(world)
    world.customer.pages["/voice"] = httpx.Response(500)
    call = world.exchange.inbound.call(from_=THEY, to=OURS)
    await world.run()
    assert "application error" in call.leg.words("heard")[0]
    assert call.status == "completed"


async def test_a_number_without_an_address_is_not_in_service(world: World) -> None:
    with pytest.raises(NotInService, match="has no VoiceUrl"):
        world.exchange.inbound.call(from_=THEY, to=OURS)
    answer = await world.rest.post(f"{LOCAL}/inbound-calls", data={"From": THEY, "To": OURS})
    assert answer.status_code == 400


async def test_a_live_inbound_call_can_be_redirected_and_ended(world: World) -> None:
    await our_number(world)
    world.person(THEY, "silent")
    world.customer.pages |= {"/voice": "<Response><Pause length='60'/></Response>", "/new": say("New words")}
    call = world.exchange.inbound.call(from_=THEY, to=OURS)
    await world.pass_time(5)
    assert call.status == "in-progress"
    await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/new"}, status=200)
    await world.run()
    assert call.leg.words("heard") == ["New words"]


async def test_who_missed_our_call_calls_back_once(world: World) -> None:
    await our_number(world)
    world.person(THEY, "calls_back")
    world.customer.pages |= {"/voice": gather(MENU), "/keys": say("Thank you")}
    for _ in range(2):
        await world.call(THEY)
        await world.run()
    await world.pass_time(600)
    inbound = [leg for leg in world.exchange.ledger if leg.direction == "inbound"]
    assert [(leg.from_, leg.to, leg.keys) for leg in inbound] == [(THEY, OURS, "1")]


async def test_who_missed_our_call_texts_stop_and_gets_no_more_texts(world: World) -> None:
    await our_number(world)
    world.person(THEY, "texts_stop")
    await world.call(THEY)
    await world.run()
    await world.pass_time(60)
    (told,) = world.customer.params("/sms")
    assert (told["Body"], told["From"], told["To"], told["NumSegments"]) == ("STOP", THEY, OURS, "1")
    refused = await world.rest.post(ROOT + "/Messages.json", data={"From": OURS, "To": THEY, "Body": "Hello"})
    assert refused.json()["code"] == 21610
    answers = [m.order.body for m in world.exchange.messages.messages.values() if m.direction == "outbound-reply"]
    assert len(answers) == 1
    assert "unsubscribed" in answers[0]


async def test_what_the_address_answers_to_a_text_is_delivered(world: World) -> None:
    await our_number(world)
    world.customer.pages["/sms"] = (
        "<Response><Message statusCallback='/news'>We will call you.</Message><Message><Body>Bye</Body></Message>"
        "<Pause/></Response>"
    )
    answer = await world.rest.post(f"{LOCAL}/inbound-messages", data={"From": THEY, "To": OURS, "Body": "call me"})
    assert (answer.status_code, answer.json()["direction"]) == (201, "inbound")
    await world.pass_time(10)
    replies = [m for m in world.exchange.messages.messages.values() if m.direction == "outbound-reply"]
    assert [(m.order.to, m.order.from_, m.order.body, m.status) for m in replies] == [
        (THEY, OURS, "We will call you.", "delivered"),
        (THEY, OURS, "Bye", "delivered"),
    ]
    assert [n["MessageStatus"] for n in world.customer.params("/news")] == ["sending", "sent", "delivered"]
    assert [notice.code for notice in world.exchange.log] == [12200]


@pytest.mark.parametrize("answer", [httpx.Response(204), "<Response/>"])
async def test_an_empty_answer_sends_nothing(world: World, answer: httpx.Response | str) -> None:
    await our_number(world)
    world.customer.pages["/sms"] = answer
    world.exchange.inbound.text(from_=THEY, to=OURS, body="Hello")
    await world.pass_time(10)
    assert len(world.exchange.messages.messages) == 1
    assert not world.exchange.log


async def test_the_carriers_own_stop_can_be_switched_off() -> None:
    world = World(opt_out_words=False, inbound_message_url=f"{CUSTOMER}/sms")
    try:
        world.exchange.inbound.text(from_=THEY, to=OURS, body="STOP")
        await world.pass_time(10)
        assert len(world.exchange.messages.messages) == 1
        assert world.customer.params("/sms")[0]["Body"] == "STOP"
        await world.post("/Messages.json", {"From": OURS, "To": THEY, "Body": "Hello"})
    finally:
        await world.close()
