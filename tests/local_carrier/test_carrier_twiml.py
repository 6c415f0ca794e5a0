"""Each TwiML verb as the vendor documents it, performed on a whole call."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from twilio.twiml import lower_camel, voice_response

from local_carrier import grammar
from local_carrier.verbs import BadTwiML, read_answer, read_twiml
from tests.local_carrier.world import CUSTOMER, World, gather, say, wav

TO = "+12025550111"
MENU = "To hear this, press 1."


def answered_in(world: World, persona: str = "agent_seeker", **more: object) -> None:
    world.person(TO, persona, **more)


async def test_say_takes_time_by_its_words_and_pause_by_its_length(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Say>one two three four</Say><Pause length='3'/></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.duration == 5  # 4 words x 0.35 s + 3 s, begun seconds counted whole
    assert call.leg.words("heard") == ["one two three four"]


async def test_play_is_heard_by_the_words_in_the_file_and_lasts_as_long_as_it(world: World) -> None:
    audio = httpx.Response(200, content=wav("Hello there", seconds=7), headers={"content-type": "audio/wav"})
    world.customer.pages["/a.wav"] = audio
    world.customer.pages["/voice"] = "<Response><Play loop='2'>a.wav</Play></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.leg.words("heard") == ["Hello there", "Hello there"]
    assert call.duration == 14


async def test_media_is_revalidated_by_etag_unless_it_may_be_kept(world: World) -> None:
    def media(control: str) -> httpx.Response:
        headers = {"content-type": "audio/wav", "etag": '"x"', "cache-control": control}
        return httpx.Response(200, content=wav("Hi"), headers=headers)

    world.customer.pages |= {"/kept.wav": media("max-age=3600"), "/asked.wav": media("no-cache")}
    world.customer.pages["/voice"] = "<Response><Play>kept.wav</Play><Play>asked.wav</Play></Response>"
    for _ in range(2):
        await world.call(TO)
        await world.run()
    asked = [request for path, _, request in world.customer.requests if path == "/asked.wav"]
    assert [r.headers.get("if-none-match") for r in asked] == [None, '"x"']
    assert len(world.customer.params("/kept.wav")) == 1


async def test_a_play_that_fails_is_noted_and_skipped(world: World) -> None:
    world.customer.pages["/gone.wav"] = httpx.Response(404)
    world.customer.pages["/voice"] = "<Response><Play>gone.wav</Play><Say>Still here</Say></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.leg.words("heard") == ["Still here"]
    assert [notice.code for notice in world.exchange.log] == [11200]


async def test_gather_posts_digits_to_its_action(world: World) -> None:
    answered_in(world)
    world.customer.pages["/voice"] = gather("To talk to an agent, press 0.")
    world.customer.pages["/keys"] = say("Thanks")
    call = await world.call(TO)
    await world.run()
    assert world.customer.params("/keys")[0]["Digits"] == "0"
    assert call.leg.keys == "0"


async def test_gather_falls_through_on_silence_and_its_default_action_is_the_same_document(world: World) -> None:
    pages = iter([gather("Press 1 if this is you.", rest="<Say>Silence</Say>"), say("never")])
    world.customer.pages["/voice"] = lambda _: next(pages)
    call = await world.call(TO)
    await world.run()
    assert call.leg.words("heard")[-1] == "Silence"
    assert not world.customer.params("/keys")

    answered_in(world)
    text = "<Response><Gather numDigits='1'><Say>To talk to an agent, press 0.</Say></Gather></Response>"
    world.customer.pages["/voice"] = lambda params: say("ok") if "Digits" in params else text
    await world.call(TO)
    await world.run()
    assert world.customer.requests[-1][0] == "/voice"


async def test_gather_with_action_on_empty_result_asks_with_no_digits(world: World) -> None:
    world.customer.pages["/voice"] = gather("Press 1.", attributes='actionOnEmptyResult="true" timeout="3"')
    world.customer.pages["/keys"] = say("Nothing")
    await world.call(TO)
    await world.run()
    assert world.customer.params("/keys")[0]["Digits"] == ""


async def test_the_finish_key_ends_a_gather_and_is_not_among_the_digits(world: World) -> None:
    answered_in(world, knows={"postal_code": "20500"})
    world.customer.pages["/voice"] = gather("Enter your zip code followed by the pound key.", attributes="")
    world.customer.pages["/keys"] = say("Thanks")
    await world.call(TO)
    await world.run()
    params = world.customer.params("/keys")[0]
    assert (params["Digits"], params["FinishedOnKey"]) == ("20500", "#")


async def test_gather_stops_at_num_digits(world: World) -> None:
    answered_in(world, knows={"postal_code": "20500"})
    world.customer.pages["/voice"] = gather("Enter your zip code.", attributes='numDigits="3"')
    world.customer.pages["/keys"] = say("Thanks")
    await world.call(TO)
    await world.run()
    assert world.customer.params("/keys")[0]["Digits"] == "205"


async def test_a_key_during_the_prompt_stops_it(world: World) -> None:
    world.person(TO, "barge_in")
    long = "If this is you, press 1. " + "And now many more words. " * 20
    world.customer.pages["/voice"] = gather(long)
    world.customer.pages["/keys"] = "<Response/>"
    call = await world.call(TO)
    await world.run()
    assert call.leg.keys == "1"
    assert call.duration is not None
    assert call.duration < len(long.split()) * 0.35


async def test_redirect_and_hangup(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Redirect>next?x=1</Redirect><Say>never</Say></Response>"
    world.customer.pages["/next"] = "<Response><Say>Bye</Say><Hangup/><Say>never</Say></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.leg.words("heard") == ["Bye"]
    assert world.customer.params("/next")[0]["x"] == "1"


async def test_a_redirect_loop_without_sound_ends_the_call(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Redirect/></Response>"
    world.customer.pages["/voice"] = "<Response><Redirect>/voice</Redirect></Response>"
    call = await world.call(TO)
    await world.run()
    assert call.status == "completed"
    assert "loop" in world.exchange.log[-1].words


async def test_record_reports_length_and_reference(world: World) -> None:
    world.customer.pages["/voice"] = (
        "<Response><Record action='/taped' maxLength='10' recordingStatusCallback='/rec'/></Response>"
    )
    world.customer.pages["/taped"] = say("Thanks")
    await world.call(TO)
    await world.run()
    params = world.customer.params("/taped")[0]
    assert params["RecordingDuration"] == "4"
    assert re.search(r"/Recordings/RE[0-9a-f]{32}$", params["RecordingUrl"])
    await world.pass_time(5)
    assert world.customer.params("/rec")[0]["RecordingStatus"] == "completed"


async def test_sms_inside_a_call_is_sent(world: World) -> None:
    world.customer.pages["/voice"] = "<Response><Sms>The code</Sms><Say>Sent</Say></Response>"
    await world.call(TO)
    await world.run()
    await world.pass_time(5)
    [message] = world.exchange.messages.messages.values()
    assert (message.order.to, message.order.body, message.status) == (TO, "The code", "delivered")


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<Response><Say>unclosed</Response>", 12100),
        ("<Answer/>", 12100),
        (httpx.Response(200, text="{}", headers={"content-type": "application/json"}), 12300),
        (httpx.Response(200, content=b"<Response/>"), 12300),
        ("<Response><Say>" + "x" * 65_536 + "</Say></Response>", 11750),
        (httpx.Response(500), 11200),
    ],
)
async def test_a_bad_answer_ends_the_call_with_the_published_code(
    world: World, page: str | httpx.Response, code: int
) -> None:
    world.customer.pages["/voice"] = page
    call = await world.call(TO)
    await world.run()
    assert code in [notice.code for notice in world.exchange.log]
    assert "application error" in call.leg.words("heard")[-1]
    debug = (await world.rest.get("/debug")).json()["events"]
    assert code in [event["code"] for event in debug]


async def test_the_fallback_address_is_asked_with_the_error(world: World) -> None:
    world.customer.pages["/voice"] = httpx.Response(500)
    world.customer.pages["/fallback"] = say("Plan B")
    call = await world.call(TO, FallbackUrl=f"{CUSTOMER}/fallback")
    await world.run()
    assert call.leg.words("heard") == ["Plan B"]
    params = world.customer.params("/fallback")[0]
    assert (params["ErrorCode"], params["ErrorUrl"]) == ("11200", f"{CUSTOMER}/voice")


async def test_unknown_verbs_and_attributes_are_warnings(world: World) -> None:
    world.customer.pages["/voice"] = (
        '<Response><Sing>la</Sing><say>small</say><Echo/><Say mood="gay">Hello</Say></Response>'
    )
    call = await world.call(TO)
    await world.run()
    assert call.leg.words("heard") == ["Hello"]
    assert [notice.code for notice in world.exchange.log] == [12200] * 4


def test_plain_text_is_spoken_and_entities_are_refused() -> None:
    assert read_answer(b"Just words", "text/plain").verbs[0].text == "Just words"
    with pytest.raises(BadTwiML, match="12100"):
        read_twiml('<!DOCTYPE x [<!ENTITY a "b">]><Response>&a;</Response>')


def test_the_grammar_is_the_sdks() -> None:
    source = Path(voice_response.__file__).read_text()
    tags = {c: t for c, t in re.findall(r"class (\w+)\(TwiML\):.*?self\.name = \"(.*?)\"", source, re.DOTALL)}
    known: dict[str, set[str]] = {}
    for child, arguments in re.findall(r"self\.nest\(\s*(\w+)\((.*?)\)\s*\)", source, re.DOTALL):
        names = re.findall(r"(\w+)=\w+", arguments)
        known.setdefault(tags.get(child, child), set()).update(lower_camel(name) for name in names)
    assert len(known) > 30
    for tag, attributes in grammar.ATTRIBUTES.items():
        content = {"message", "number", "name", "identity", "sipUrl", "phoneNumber"}
        if tag in ("Play", "Redirect"):
            content.add("url")
        if tag == "Parameter":
            content.remove("name")
        assert attributes == known[tag] - content, tag
