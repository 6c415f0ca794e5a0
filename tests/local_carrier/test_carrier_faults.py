"""Bad weather, callbacks and messages: what is lost, doubled, late; what is retried; what a message goes through."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from twilio.rest.api.v2010.account.message import MessageInstance

from local_carrier.api import DroppedConnection
from local_carrier.callbacks import sign, split_overrides
from local_carrier.config import DEFAULT_ACCOUNT, DEFAULT_TOKEN, CarrierConfig
from local_carrier.faults import Fault, FaultRefused, Weather, read_fault
from local_carrier.lines.persona import personas, read_persona
from tests.local_carrier.world import CUSTOMER, FROM, ROOT, World, say

TO = "+12025550111"
NEWS = {
    "StatusCallback": f"{CUSTOMER}/status",
    "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
}
ORDER = {"To": TO, "From": FROM, "Url": f"{CUSTOMER}/voice"}


async def statuses(fault: Fault) -> list[str]:
    world = World(faults=(fault,))
    world.customer.pages["/voice"] = say("Hello and a few more words")
    await world.call(TO, **NEWS)
    await world.run()
    await world.pass_time(60)
    await world.close()
    return [n["CallStatus"] for n in world.customer.params("/status")]


async def test_status_news_is_lost_doubled_delayed_or_overtaken() -> None:
    kinds = frozenset({"status"})
    assert await statuses(Fault("lost", kinds=kinds)) == []
    assert await statuses(Fault("lost", kinds=kinds, limit=1)) == ["ringing", "in-progress", "completed"]
    assert await statuses(Fault("lost", kinds=frozenset({"amd"}))) == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    doubled = await statuses(Fault("duplicated", kinds=kinds))
    assert sorted(doubled) == sorted(["initiated", "ringing", "in-progress", "completed"] * 2)
    assert (await statuses(Fault("delayed", kinds=kinds, limit=1, seconds=30)))[-1] == "initiated"
    assert (await statuses(Fault("reordered", kinds=kinds, limit=1, seconds=30)))[:2] == ["ringing", "initiated"]


async def test_doubled_news_carries_the_same_idempotency_token() -> None:
    world = World(faults=(Fault("duplicated", kinds=frozenset({"voice"})),))
    world.customer.pages["/voice"] = say("Hello")
    await world.call(TO)
    await world.run()
    tokens = [r.headers["i-twilio-idempotency-token"] for p, _, r in world.customer.requests if p == "/voice"]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1
    await world.close()


async def test_a_lost_voice_request_ends_the_call_like_a_dead_server() -> None:
    world = World(faults=(Fault("lost", kinds=frozenset({"voice"})),))
    call = await world.call(TO)
    await world.run()
    assert call.status == "completed"
    assert 11205 in [notice.code for notice in world.exchange.log]
    await world.close()


async def test_faults_on_creation(world: World) -> None:
    async def weather(effect: str, **more: object) -> None:
        answer = await world.rest.post("/faults", json={"faults": [{"effect": effect, "limit": 1, **more}]})
        assert answer.status_code == 200

    world.customer.pages["/voice"] = say("Hello")
    await weather("rate_limited", seconds=2)
    answer = await world.rest.post(ROOT + "/Calls.json", data=ORDER)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (429, "2", 20429)
    await weather("dropped_before")
    with pytest.raises(DroppedConnection):
        await world.rest.post(ROOT + "/Calls.json", data=ORDER)
    assert not world.exchange.calls
    await weather("dropped_after")
    with pytest.raises(httpx.RemoteProtocolError):
        await world.rest.post(ROOT + "/Calls.json", data=ORDER)
    assert len(world.exchange.calls) == 1
    await weather("error_after")
    answer = await world.rest.post(ROOT + "/Calls.json", data=ORDER)
    assert answer.status_code == 503
    assert len(world.exchange.calls) == 2
    assert (await world.rest.post(ROOT + "/Calls.json", data=ORDER)).status_code == 201
    await world.run()


async def test_faults_are_read_back_and_bad_ones_refused(world: World) -> None:
    fault = {"effect": "delayed", "kind": "amd", "probability": 0.5, "seconds": 3}
    await world.rest.post("/faults", json={"seed": 4, "faults": [fault]})
    body = (await world.rest.get("/faults")).json()
    assert body["seed"] == 4
    assert body["faults"] == [
        {"effect": "delayed", "kinds": ["amd"], "probability": 0.5, "seconds": 3.0, "limit": None}
    ]
    answer = await world.rest.post("/faults", json={"faults": [{"effect": "explode"}]})
    assert answer.status_code == 400
    assert "explode" in answer.json()["message"]
    for bad in ({"effect": "lost", "kind": "mail"}, {"effect": "lost", "probability": 2}):
        with pytest.raises(FaultRefused):
            read_fault(bad)


@given(seed=st.integers(0, 2**32), probability=st.floats(0, 1), count=st.integers(1, 50))
def test_weather_is_the_same_for_the_same_seed(seed: int, probability: float, count: int) -> None:
    faults = (Fault("lost", probability=probability), Fault("delayed", probability=probability))
    one, other = Weather(faults, seed=seed), Weather(faults, seed=seed)
    assert [one.strikes("status") for _ in range(count)] == [other.strikes("status") for _ in range(count)]


@given(st.dictionaries(st.text("abcXYZ", min_size=1), st.text(max_size=20), max_size=6))
def test_signatures_are_the_sdks(params: dict[str, str]) -> None:
    url = "https://customer.example/voice?a=1"
    assert sign("secret", url, params) == RequestValidator("secret").compute_signature(url, params)


async def test_retries_happen_as_the_fragment_asks_with_one_token(world: World) -> None:
    answers = iter([httpx.Response(503), httpx.Response(503), httpx.Response(200)])
    world.customer.pages["/status"] = lambda _: next(answers)
    world.customer.pages["/voice"] = say("Hello")
    await world.call(TO, StatusCallback=f"{CUSTOMER}/status#rc=3&rp=5xx,ct")
    await world.run()
    tried = [request for path, _, request in world.customer.requests if path == "/status"]
    assert len(tried) == 3
    assert len({request.headers["i-twilio-idempotency-token"] for request in tried}) == 1
    assert not tried[0].url.fragment
    form = dict(parse_qsl(tried[0].content.decode(), keep_blank_values=True))
    signature = tried[0].headers["x-twilio-signature"]
    assert RequestValidator(DEFAULT_TOKEN).validate(f"{CUSTOMER}/status", form, signature)


async def test_without_a_fragment_only_a_failed_connection_is_tried_again(world: World) -> None:
    world.customer.pages["/voice"] = say("Hello")
    world.customer.pages["/status"] = httpx.Response(500)
    await world.call(TO, StatusCallback=f"{CUSTOMER}/status")
    await world.run()
    assert len(world.customer.params("/status")) == 1


async def test_a_refused_connection_is_tried_twice_and_a_slow_answer_is_given_up() -> None:
    world = World(total_timeout_seconds=0.2)
    tries = []

    async def handle(request: httpx.Request) -> httpx.Response:
        tries.append(request.url.path)
        if request.url.path == "/voice":
            raise httpx.ConnectError("refused")
        await asyncio.sleep(5)
        return httpx.Response(200)

    world.customer.handle = handle  # type: ignore[method-assign]
    world.http._transport = httpx.MockTransport(handle)
    await world.call(TO, StatusCallback=f"{CUSTOMER}/slow")
    await world.run()
    await asyncio.sleep(0.3)
    assert tries.count("/voice") == 2
    assert [notice.code for notice in world.exchange.log] == [11205] * 4
    await world.close()


@pytest.mark.parametrize(
    ("fragment", "connect", "total", "retries", "policy"),
    [
        ("", 5.0, 15.0, 1, {"ct"}),
        ("#ct=2000&tt=8000&rc=5&rp=all", 2.0, 8.0, 5, {"all"}),
        ("#rc=9&rp=nonsense&ct=5", 5.0, 15.0, 1, {"ct"}),
        ("#rc=0&rp=4xx,5xx", 5.0, 15.0, 0, {"4xx", "5xx"}),
    ],
)
def test_connection_overrides(fragment: str, connect: float, total: float, retries: int, policy: set[str]) -> None:
    url, overrides = split_overrides(f"{CUSTOMER}/x?y=1{fragment}", CarrierConfig())
    assert url == f"{CUSTOMER}/x?y=1"
    assert (overrides.connect, overrides.total, overrides.retries) == (connect, total, retries)
    assert overrides.retry_on == policy


async def test_a_message_goes_through_its_statuses(world: World) -> None:
    body = await world.post(
        "/Messages.json", {"To": TO, "From": FROM, "Body": "Olá", "StatusCallback": f"{CUSTOMER}/sms"}
    )
    instance = MessageInstance(None, body, DEFAULT_ACCOUNT)  # type: ignore[arg-type]
    assert {name.strip("_") for name in vars(instance)} - {"version", "solution", "context"} <= set(body)
    assert (body["status"], body["num_segments"], body["direction"]) == ("queued", "1", "outbound-api")
    await world.pass_time(5)
    news = world.customer.params("/sms")
    assert [n["MessageStatus"] for n in news] == ["sending", "sent", "delivered"]
    assert {n["MessageSid"] for n in news} == {body["sid"]}
    assert (await world.get(f"/Messages/{body['sid']}.json"))["status"] == "delivered"
    assert len((await world.get("/Messages.json", To=TO))["messages"]) == 1  # type: ignore[arg-type]


async def test_an_undelivered_message_carries_its_error_code(world: World) -> None:
    world.person(TO, "invalid")
    await world.post("/Messages.json", {"To": TO, "From": FROM, "Body": "Hi", "StatusCallback": f"{CUSTOMER}/sms"})
    await world.pass_time(5)
    assert world.customer.params("/sms")[-1]["MessageStatus"] == "failed"
    assert world.customer.params("/sms")[-1]["ErrorCode"] == "30005"


@pytest.mark.parametrize(("word", "stops"), [("STOP", True), ("stop ", True), ("STOP PLEASE", False)])
async def test_a_single_opt_out_word_blocks_later_messages(word: str, stops: bool) -> None:
    world = World(inbound_message_url=f"{CUSTOMER}/inbound")
    world.person(TO, read_persona("replier", {"replies": word}))
    order = {"To": TO, "From": FROM, "Body": "Hi"}
    await world.post("/Messages.json", order)
    await world.pass_time(60)
    assert world.customer.params("/inbound")[0]["Body"] == word
    answer = await world.rest.post(ROOT + "/Messages.json", data=order)
    assert answer.json().get("code") == (21610 if stops else None)
    await world.close()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"From": FROM, "Body": "x"}, 21604),
        ({"To": TO, "Body": "x"}, 21603),
        ({"To": "1", "From": FROM, "Body": "x"}, 21211),
        ({"To": TO, "From": FROM}, 21602),
        ({"To": TO, "From": FROM, "Body": "x" * 1601}, 21617),
    ],
)
async def test_bad_messages_get_the_published_code(world: World, data: dict[str, str], code: int) -> None:
    answer = await world.rest.post(ROOT + "/Messages.json", data=data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_the_ledger_tells_all_the_carrier_saw(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.customer.pages["/voice"] = (
        "<Response><Gather numDigits='1' action='/keys'><Say>For an agent, press 0.</Say></Gather></Response>"
    )
    world.customer.pages["/keys"] = say("One moment")
    await world.call(TO, **NEWS)
    await world.run()
    [leg] = (await world.rest.get("/ledger")).json()["calls"]
    assert (leg["to"], leg["from"], leg["persona"], leg["status"], leg["keys"]) == (
        TO,
        FROM,
        "agent_seeker",
        "completed",
        "0",
    )
    told = [entry["words"] for entry in leg["entries"] if entry["what"] == "status"]
    assert told == ["initiated", "ringing", "in-progress", "completed"]
    assert any(e["what"] == "callback" and e["words"] == f"voice 200 {CUSTOMER}/keys" for e in leg["entries"])
    assert leg["created_at"] <= leg["started_at"] < leg["answered_at"] < leg["ended_at"]


async def test_closing_ends_everything_silently(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Pause length='600'/></Response>"
    call = await world.call(TO, **NEWS)
    await world.pass_time(20)
    told = len(world.customer.params("/status"))
    await world.exchange.close()
    assert call.task is not None
    assert call.task.done()
    assert len(world.customer.params("/status")) == told


def test_every_persona_says_what_it_is() -> None:
    assert all(persona.about for persona in personas().values())
