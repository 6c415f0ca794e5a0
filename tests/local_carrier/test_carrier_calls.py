"""Twilio's call resource page, row by row: life, news and numbers of a call."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest.api.v2010.account.call import CallInstance

from local_carrier.calls import rfc2822
from local_carrier.config import DEFAULT_ACCOUNT, DEFAULT_TOKEN
from tests.local_carrier.world import CUSTOMER, FROM, ROOT, World, say

EVENTS = ["initiated", "ringing", "answered", "completed"]
NEWS = {"StatusCallback": f"{CUSTOMER}/status", "StatusCallbackEvent": EVENTS}


async def test_an_answered_call_goes_through_every_status_in_order(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello and goodbye")
    call = await world.call("+12025550111", **NEWS)
    assert call.status == "queued"
    await world.run()
    news = world.customer.params("/status")
    assert [n["CallStatus"] for n in news] == ["initiated", "ringing", "in-progress", "completed"]
    assert [n["SequenceNumber"] for n in news] == ["0", "1", "2", "3"]
    last = news[-1]
    assert last["CallSid"] == call.sid
    assert last["AccountSid"] == DEFAULT_ACCOUNT
    assert last["CallbackSource"] == "call-progress-events"
    assert last["Direction"] == "outbound-api"
    assert last["SipResponseCode"] == "200"
    assert (last["Duration"], last["CallDuration"]) == ("1", str(call.duration))
    assert last["Timestamp"] == rfc2822(call.ended_at)


async def test_without_events_only_completed_is_told_and_numbered_from_zero(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    await world.call("+12025550111", StatusCallback=f"{CUSTOMER}/status")
    await world.run()
    assert [(n["CallStatus"], n["SequenceNumber"]) for n in world.customer.params("/status")] == [("completed", "0")]


@pytest.mark.parametrize(
    ("persona", "status", "sip"),
    [("busy", "busy", "486"), ("no_answer", "no-answer", "487"), ("invalid", "failed", "404")],
)
async def test_a_call_that_is_not_answered_says_why(world: World, persona: str, status: str, sip: str) -> None:
    world.person("+12025550112", persona)
    call = await world.call("+12025550112", Timeout="25", **NEWS)
    await world.run()
    last = world.customer.params("/status")[-1]
    assert (last["CallStatus"], last["SipResponseCode"], last["CallDuration"]) == (status, sip, "0")
    assert call.answered_at is None
    assert not world.customer.params("/voice")


async def test_ringing_lasts_as_long_as_timeout_says(world: World) -> None:
    world.person("+12025550112", "no_answer")
    call = await world.call("+12025550112", Timeout="25")
    await world.run()
    assert call.started_at is not None
    assert call.ended_at is not None
    assert 25 <= (call.ended_at - call.started_at).total_seconds() <= 30


async def test_a_call_reads_as_the_sdk_expects_it(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    call = await world.call("+12025550111")
    await world.run()
    body = await world.get(f"/Calls/{call.sid}.json")
    instance = CallInstance(None, body, DEFAULT_ACCOUNT)  # type: ignore[arg-type]
    published = {name.strip("_") for name in vars(instance)} - {"version", "solution", "context"}
    assert published <= set(body)
    assert re.fullmatch(r"CA[0-9a-f]{32}", str(body["sid"]))
    assert instance.start_time == parsedate_to_datetime(rfc2822(call.started_at) or "")
    assert body["duration"] == str(call.duration)
    assert isinstance(body["queue_time"], str)
    assert body["from_formatted"] == "(202) 555-0100"
    assert str(body["subresource_uris"]["recordings"]).endswith(f"/Calls/{call.sid}/Recordings.json")  # type: ignore[index]


async def test_lists_filter_by_parties_status_and_start_time_and_page(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    for number in ("+12025550111", "+12025550111", "+12025550113"):
        await world.call(number)
    await world.run()
    day = world.clock.now().date().isoformat()
    listed = await world.get("/Calls.json", To="+12025550111", From=FROM, Status="completed", **{"StartTime>": day})
    assert len(listed["calls"]) == 2  # type: ignore[arg-type]
    assert not (await world.get("/Calls.json", **{"StartTime<": "2020-01-01"}))["calls"]
    first = await world.get("/Calls.json", PageSize="2")
    assert (first["page"], first["page_size"], first["start"], first["end"]) == (0, 2, 0, 1)
    second = (await world.rest.get(str(first["next_page_uri"]))).json()
    assert second["next_page_uri"] is None
    sids = [c["sid"] for c in [*first["calls"], *second["calls"]]]  # type: ignore[misc]
    assert sids == list(reversed(world.exchange.calls))


REFUSALS = [
    ({"From": FROM, "Url": CUSTOMER}, 400, 21201),
    ({"To": "+12025550111", "Url": CUSTOMER}, 400, 21213),
    ({"To": "555", "From": FROM, "Url": CUSTOMER}, 400, 21211),
    ({"To": "+12025550111", "From": "nobody", "Url": CUSTOMER}, 400, 21212),
    ({"To": "+12025550111", "From": "client:desk", "Url": CUSTOMER}, 400, 21212),
    ({"To": "+12025550111", "From": FROM}, 400, 21205),
    ({"To": "+12025550111", "From": FROM, "Url": "nowhere"}, 400, 21205),
    ({"To": "+12025550111", "From": FROM, "Url": "http://under_score.example/"}, 400, 21205),
    ({"To": "+12025550111", "From": FROM, "Twiml": "x" * 4001}, 400, 32018),
    ({"To": "+12025550111", "From": FROM, "Url": CUSTOMER, "Timeout": "601"}, 400, 20001),
    ({"To": "+12025550111", "From": FROM, "Url": CUSTOMER, "MachineDetection": "Maybe"}, 400, 20001),
    ({"To": "+12025550111", "From": FROM, "Url": CUSTOMER, "SendDigits": "12z"}, 400, 20001),
    ({"To": "+12025550111", "From": FROM, "Url": CUSTOMER, "StatusCallbackEvent": "done"}, 400, 20001),
]


@pytest.mark.parametrize(("data", "status", "code"), REFUSALS)
async def test_bad_orders_get_the_published_code(world: World, data: dict[str, str], status: int, code: int) -> None:
    answer = await world.rest.post(ROOT + "/Calls.json", data=data)
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status)
    assert set(body) == {"code", "message", "more_info", "status"}
    assert not world.exchange.calls


async def test_a_number_the_account_does_not_own_is_refused() -> None:
    world = World(numbers=frozenset({FROM}))
    body = await world.post(
        "/Calls.json", {"To": "+12025550111", "From": "+12025550199", "Url": CUSTOMER}, status=400
    )
    assert body["code"] == 21210
    await world.close()


async def test_wrong_credentials_and_unknown_resources(world: World) -> None:
    answer = await world.rest.get(ROOT + "/Calls.json", auth=(DEFAULT_ACCOUNT, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    for path in (f"{ROOT}/Calls/CA{'0' * 32}.json", "/2010-04-01/Accounts/AC1/Calls.json", "/elsewhere"):
        answer = await world.rest.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)


async def test_sip_and_client_addresses_are_called(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    for address in ("sip:desk@pbx.example", "client:ana"):
        world.person(address, "silent")
        await world.call(address)
    await world.run()
    assert [leg.status for leg in world.exchange.ledger] == ["completed", "completed"]


async def test_a_queued_or_ringing_call_can_be_canceled(world: World) -> None:
    world.person("+12025550112", "no_answer")
    call = await world.call("+12025550112", **NEWS)
    await world.pass_time(3)
    body = await world.post(f"/Calls/{call.sid}.json", {"Status": "canceled"}, status=200)
    assert body["status"] == "canceled"
    await world.settle()
    assert [n["CallStatus"] for n in world.customer.params("/status")][-1] == "canceled"
    again = await world.post(f"/Calls/{call.sid}.json", {"Status": "completed"}, status=400)
    assert again["code"] == 21220


async def test_a_live_call_is_redirected_at_once(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='600'/></Response>"
    world.customer.pages["/other"] = say("Something else")
    call = await world.call("+12025550111")
    await world.pass_time(20)
    before = world.clock.now()
    await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/other", "Method": "GET"}, status=200)
    await world.run()
    assert call.leg.words("heard") == ["Something else"]
    assert (world.clock.now() - before).total_seconds() < 10
    assert world.customer.requests[-1][2].method == "GET"


async def test_a_live_call_is_ended(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='600'/></Response>"
    call = await world.call("+12025550111", **NEWS)
    await world.pass_time(20)
    body = await world.post(f"/Calls/{call.sid}.json", {"Status": "completed"}, status=200)
    assert body["status"] == "completed"
    await world.settle()
    assert world.customer.params("/status")[-1]["CallStatus"] == "completed"


async def test_redirecting_a_ringing_call_is_refused(world: World) -> None:
    world.person("+12025550112", "no_answer")
    call = await world.call("+12025550112")
    await world.pass_time(2)
    body = await world.post(f"/Calls/{call.sid}.json", {"Url": f"{CUSTOMER}/other"}, status=400)
    assert body["code"] == 21220


async def test_excess_calls_are_queued_not_refused() -> None:
    world = World(calls_per_second=20.0)
    started = time.monotonic()
    calls = [await world.call("+12025550111") for _ in range(4)]
    spent = (time.monotonic() - started) * 1000  # a busy machine takes its time to ask, and the queue is shorter then
    for place, call in enumerate(calls):
        assert 50 * place - spent - 1 <= call.queue_ms <= 50 * place + 1
    while any(call.started_at is None for call in calls):
        await world.settle()
    assert time.monotonic() - started > 0.1
    await world.close()


async def test_webhooks_carry_signatures_that_the_sdk_accepts(world: World) -> None:
    world.customer.pages["/voice"] = say("Olá")
    await world.call("+5511999990001", Url=f"{CUSTOMER}/voice?a=%C3%A9&b=1", **NEWS)
    await world.call("+12025550111", Method="GET", **{k: v for k, v in NEWS.items()})
    await world.run()
    validator = RequestValidator(DEFAULT_TOKEN)
    assert len(world.customer.requests) == 10
    for _, params, request in world.customer.requests:
        signed = params if request.method == "POST" else {}
        if request.method == "POST":
            signed = {k: v for k, v in params.items() if k not in ("a", "b")}
        assert validator.validate(str(request.url), signed, request.headers["x-twilio-signature"])
        assert not validator.validate(
            str(request.url), {**signed, "Digits": "1"}, request.headers["x-twilio-signature"]
        )
        assert request.headers["i-twilio-idempotency-token"]


async def test_time_limit_ends_a_call(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='600'/></Response>"
    call = await world.call("+12025550111", TimeLimit="30")
    await world.run()
    assert call.duration == 30


async def test_twiml_given_with_the_call_is_performed(world: World) -> None:
    call = await world.call("+12025550111", Url="", Twiml=say("Inline words"))
    await world.run()
    assert call.leg.words("heard") == ["Inline words"]
    assert not world.customer.requests
