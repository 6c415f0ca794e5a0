"""Recordings: what they hold, when they pause, how they are told, listed and deleted."""

from __future__ import annotations

import io
import wave

import httpx
import numpy as np
import pytest
from twilio.rest.api.v2010.account.call.recording import RecordingInstance

from audio import wave_file
from audio.sound import Sound
from local_carrier.calls import Call
from local_carrier.config import DEFAULT_ACCOUNT
from local_carrier.taping.tones import KEYS, keys_in, tone
from tests.local_carrier.world import CUSTOMER, ROOT, World, gather, say

TO = "+12025550111"
HOOK = {
    "RecordingStatusCallback": f"{CUSTOMER}/rec",
    "RecordingStatusCallbackEvent": ["in-progress", "completed", "absent"],
}
MENU = "If this is you, press 1. To hear this again, press star."


def words_of(audio: bytes) -> str:
    return wave_file.read(audio).info.words


def samples(audio: bytes) -> np.ndarray:
    return wave_file.read(audio).sound().samples


async def audio_of(world: World, sid: object, query: str = "") -> bytes:
    answer = await world.rest.get(f"{ROOT}/Recordings/{sid}.wav{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("audio/")
    return answer.content


async def live_call(world: World, page: str, *, seconds: float = 8.0, persona: str = "silent") -> Call:
    world.person(TO, persona)
    world.customer.pages["/voice"] = page
    call = await world.call(TO)
    await world.pass_time(seconds)
    assert call.status == "in-progress"
    return call


THREE = "<Response><Say>one one one one</Say><Say>two two two two</Say><Say>three three three three</Say></Response>"


async def test_record_on_create_holds_all_that_was_said_and_is_told_in_order(world: World) -> None:
    world.person(TO, "silent")
    world.customer.pages["/voice"] = say("Hello and goodbye to you all")
    status = {"StatusCallback": f"{CUSTOMER}/status"}
    call = await world.call(TO, Record="true", **HOOK, **status)
    await world.run()
    await world.pass_time(5)
    news = world.customer.params("/rec")
    assert [n["RecordingStatus"] for n in news] == ["in-progress", "completed"]
    last = news[-1]
    assert (last["CallSid"], last["RecordingSource"], last["RecordingChannels"]) == (call.sid, "OutboundAPI", "1")
    assert (last["RecordingTrack"], last["RecordingDuration"]) == ("both", "2")
    ended = world.customer.params("/status")[-1]
    assert (ended["RecordingSid"], ended["RecordingUrl"]) == (last["RecordingSid"], last["RecordingUrl"])
    assert words_of(await audio_of(world, last["RecordingSid"])) == "Hello and goodbye to you all"


async def test_a_call_that_nobody_answered_has_an_absent_recording(world: World) -> None:
    world.person(TO, "busy")
    await world.call(TO, Record="true", **HOOK)
    await world.run()
    assert [n["RecordingStatus"] for n in world.customer.params("/rec")] == ["absent"]


async def test_a_recording_begun_and_ended_in_the_call_holds_what_lies_between(world: World) -> None:
    call = await live_call(world, THREE, seconds=7.2)  # 6.5 s until the answer, half of the first
    made = await world.post(f"/Calls/{call.sid}/Recordings.json", {"RecordingChannels": "mono", **HOOK})
    assert (made["status"], made["source"], made["duration"]) == ("in-progress", "StartCallRecordingAPI", None)
    await world.pass_time(1.4)
    path = f"/Calls/{call.sid}/Recordings/Twilio.CURRENT.json"
    stopped = await world.post(path, {"Status": "stopped"}, status=200)
    assert stopped["sid"] == made["sid"]
    await world.run()
    await world.pass_time(5)
    words = words_of(await audio_of(world, made["sid"]))
    assert "one" in words
    assert "two" in words
    assert "three" not in words
    refused = await world.rest.post(ROOT + path, data={"Status": "paused"})
    assert refused.status_code == 404  # nothing runs any more


@pytest.mark.parametrize(("behaviour", "seconds"), [("skip", 2.8), ("silence", 4.2)])
async def test_nothing_of_a_pause_is_recorded(world: World, behaviour: str, seconds: float) -> None:
    call = await live_call(world, THREE, seconds=6.6)
    await world.post(f"/Calls/{call.sid}/Recordings.json", {})
    path = f"/Calls/{call.sid}/Recordings/Twilio.CURRENT.json"
    await world.pass_time(1.3)
    paused = await world.post(path, {"Status": "paused", "PauseBehavior": behaviour}, status=200)
    assert paused["status"] == "paused"
    await world.pass_time(1.4)
    assert (await world.post(path, {"Status": "in-progress"}, status=200))["status"] == "in-progress"
    await world.run()
    await world.pass_time(5)
    audio = await audio_of(world, paused["sid"])
    assert "two two" not in words_of(audio)
    assert "three three" in words_of(audio)
    assert wave_file.read(audio).seconds == pytest.approx(seconds, abs=0.15)


async def test_keys_are_tones_and_silence_while_paused(world: World) -> None:
    world.customer.pages["/voice"] = gather(MENU)
    world.customer.pages["/keys"] = gather(
        "Enter the last three digits of your document.", attributes='numDigits="3"'
    )
    world.person(TO, "promiser", knows={"document_last3": "725"})
    call = await world.call(TO, Record="true")
    await world.pass_time(13)
    assert call.leg.keys == "1"
    path = f"/Calls/{call.sid}/Recordings/Twilio.CURRENT.json"
    await world.post(path, {"Status": "paused"}, status=200)
    world.customer.pages["/keys"] = say("Thank you")
    await world.run()
    await world.pass_time(5)
    assert call.leg.keys == "1725"
    (sid,) = world.exchange.recordings.recordings
    assert keys_in(samples(await audio_of(world, sid))) == "1"


async def test_played_files_are_in_the_recording_as_they_were(world: World) -> None:
    beep = np.sin(2 * np.pi * 500 * np.arange(8000) / 8000).astype(np.float32) * 0.5
    file = wave_file.write(Sound(beep, 8000), wave_file.Info("Hello", "en-US"))
    world.customer.pages["/a.wav"] = httpx.Response(200, content=file, headers={"content-type": "audio/wav"})
    world.person(TO, "silent")
    world.customer.pages["/voice"] = "<Response><Pause length='1'/><Play>a.wav</Play></Response>"
    await world.call(TO, Record="true", RecordingChannels="dual")
    await world.run()
    await world.pass_time(5)
    (sid,) = world.exchange.recordings.recordings
    with wave.open(io.BytesIO(await audio_of(world, sid))) as dual:
        assert (dual.getnchannels(), dual.getframerate(), dual.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(dual.readframes(dual.getnframes()), "<i2").reshape(-1, 2) / 32768
    assert not both[:, 0].any()  # the person said nothing
    assert not both[:7990, 1].any()
    assert np.abs(both[8010:15990, 1] - beep[10:7990]).max() < 0.03


async def test_recordings_are_listed_read_by_the_sdk_and_deleted(world: World) -> None:
    world.person(TO, "silent")
    world.customer.pages["/voice"] = say("Hello and goodbye")
    call = await world.call(TO, Record="true")
    await world.run()
    await world.pass_time(60)
    (listed,) = (await world.get("/Recordings.json", CallSid=call.sid))["recordings"]  # type: ignore[misc]
    (of_call,) = (await world.get(f"/Calls/{call.sid}/Recordings.json"))["recordings"]  # type: ignore[misc]
    assert listed == of_call
    read = RecordingInstance(None, listed, DEFAULT_ACCOUNT, call.sid)  # type: ignore[arg-type]
    assert {n.strip("_") for n in vars(read)} - {"version", "solution", "context"} <= set(listed)
    assert (read.status, listed["price"]) == ("completed", "-0.00250")
    assert (await world.rest.delete(f"{ROOT}/Recordings/{listed['sid']}.json")).status_code == 204
    assert (await world.rest.get(f"{ROOT}/Recordings/{listed['sid']}.wav")).status_code == 404
    assert not (await world.get("/Recordings.json"))["recordings"]


async def test_only_a_call_in_progress_is_recorded(world: World) -> None:
    world.person(TO, "no_answer")
    call = await world.call(TO)
    refused = await world.rest.post(f"{ROOT}/Calls/{call.sid}/Recordings.json", data={})
    assert (refused.status_code, refused.json()["code"]) == (400, 21220)


async def test_a_dial_that_records_says_where_the_recording_lies(world: World) -> None:
    world.person(TO, "agent_seeker")
    world.person("+12025550122", "agent")
    world.customer.pages["/voice"] = (
        '<Response><Dial action="/dialed" record="record-from-answer-dual">+12025550122</Dial></Response>'
    )
    world.customer.pages["/dialed"] = "<Response/>"
    await world.call(TO)
    await world.run()
    await world.pass_time(5)
    told = world.customer.params("/dialed")[0]
    recording = await world.get(f"/Recordings/{told['RecordingSid']}.json")
    assert (recording["source"], recording["channels"], recording["duration"]) == ("DialVerb", 2, "60")


def test_every_tone_is_known_again() -> None:
    keys = "".join(KEYS)
    gap = np.zeros(400, np.float32)
    assert keys_in(np.concatenate([part for key in keys for part in (tone(key), gap)])) == keys
