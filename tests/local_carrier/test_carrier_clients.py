"""Browsers as telephones: who may register, what rings, who hears whom, and what a lost network does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest

from audio import espeak, wave_file
from audio.waveform import to_telephone
from local_carrier.clients import conversation, device, leg, turns, voices
from local_carrier.clients.conversation import lines_of
from local_carrier.clients.frames import frames_of, level, mixed
from local_carrier.clients.turns import Turn
from local_carrier.clients.voices import hummed
from local_carrier.lines.persona import personas
from tests.local_carrier.headset import LOUD, QUIET, Headset, on_a_call, registered, token
from tests.local_carrier.world import CUSTOMER, World

ROOM = "<Dial><Conference {}>talk</Conference></Dial>"
DEBTOR = "+12025550142"


@pytest.fixture
async def quick(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world in which a frame takes a millisecond instead of twenty."""
    for module in (leg, conversation):
        monkeypatch.setattr(module, "FRAME_SECONDS", 0.001)
    monkeypatch.setattr(conversation, "BREATH_SECONDS", 0.0)
    made = World()
    yield made
    await made.close()


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sentence is a few frames long."""
    monkeypatch.setattr(voices, "_spoken", lambda *_: [LOUD] * 30)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"key": "x" * 64}, "not one of this account"),
        ({"exp": 1_000_000_000}, "too old"),
        ({"exp": None}, "not one of this account"),
        ({"sub": "AC" + "9" * 32}, "another account"),
        ({"iss": "SK" + "9" * 32}, "another account"),
        ({"grants": {"identity": "rita"}}, "voice.incoming.allow"),
        ({"grants": {"identity": "rita", "voice": {"outgoing": {"application_sid": "AP1"}}}}, "voice.incoming.allow"),
        ({"grants": {"identity": "../rita", "voice": {"incoming": {"allow": True}}}}, "names no client"),
    ],
)
async def test_only_a_token_of_the_account_that_lets_the_client_be_called_registers(
    world: World, claims: dict[str, object], why: str
) -> None:
    sent = token(world, **claims)  # type: ignore[arg-type]
    headset = Headset(world)
    await headset.register(sent)
    assert headset.told[0]["type"] == "refused"
    assert why in headset.told[0]["why"]
    assert sent not in str(headset.told)
    await headset.until(lambda: headset.closed == 4401)
    assert not world.exchange.clients.device("rita").present.is_set()


async def test_nobody_registers_where_the_clock_is_faster_than_people() -> None:
    world = World(real_time=False)
    headset = Headset(world)
    await headset.register(token(world))
    assert "speed 1" in headset.told[0]["why"]
    await world.close()


async def test_the_api_keys_secret_signs_where_there_is_a_key() -> None:
    world = World(api_key_sid="SK" + "1" * 32, api_key_secret="s" * 32)
    refused, let_in = Headset(world), Headset(world)
    await refused.register(token(world))  # the account's own name as issuer
    await let_in.register(token(world, iss="SK" + "1" * 32))
    assert (refused.told[0]["type"], let_in.told[0]["type"]) == ("refused", "registered")
    await world.close()


async def test_what_arrives_is_exactly_the_prompt_that_was_played(quick: World) -> None:
    spoken = to_telephone(espeak.library().speak("Um momento, por favor.", "pt-br"))
    raw = wave_file.write(spoken, wave_file.Info("Um momento, por favor.", "pt-BR"))
    quick.customer.pages["/prompt.wav"] = httpx.Response(200, content=raw, headers={"content-type": "audio/wav"})
    headset = await on_a_call(quick, "<Play>/prompt.wav</Play>")
    played = wave_file.decoded(wave_file.read(raw).data)
    count = -(-len(played) // 160)
    await headset.until(lambda: len(headset.frames) >= count)
    heard = np.frombuffer(b"".join(headset.frames[:count]), "<i2")[: len(played)]
    assert int(np.abs(heard.astype(int) - played).max()) <= 1
    await quick.run()
    assert headset.call is None
    (told,) = quick.exchange.ledger
    assert told.words("heard") == ["Um momento, por favor."]


async def test_sound_leaves_no_faster_than_it_is_heard(world: World) -> None:
    headset = await on_a_call(world, "<Say language='en-US'>One moment, please, somebody is coming.</Say>")
    await headset.until(lambda: len(headset.frames) > 2)
    before, start = len(headset.frames), asyncio.get_running_loop().time()
    await headset.until(lambda: len(headset.frames) >= before + 12)
    assert asyncio.get_running_loop().time() - start >= 0.2


async def test_a_call_that_is_declined_is_busy_and_one_that_nobody_takes_is_not_answered(world: World) -> None:
    headset = await registered(world)
    call = await world.call("client:rita")
    await world.settle()
    await headset.until(lambda: headset.call is not None)
    headset.act("decline")
    await call.finished.wait()
    assert (call.status, call.sip_code) == ("busy", 603)
    await headset.until(lambda: headset.call is None)
    later = await world.call("client:rita", Timeout="20")
    await world.run()
    assert (later.status, headset.call) == ("no-answer", None)


async def test_a_second_call_finds_the_headset_busy(world: World) -> None:
    await on_a_call(world, ROOM.format(""))
    second = await world.call("client:rita")
    await world.settle()
    assert (second.status, second.sip_code) == ("busy", 486)


async def test_who_is_muted_is_heard_by_nobody_and_a_coach_by_the_coached_alone(quick: World) -> None:
    rita, paulo, ana = [await on_a_call(quick, ROOM.format(""), one) for one in ("rita", "paulo", "ana")]
    await quick.settle()
    rooms = quick.exchange.conferences
    room = rooms.named("talk")
    assert room is not None
    seats = {one.call.order.to: one for one in room.seats.values()}

    async def heard(speaker: Headset, by: tuple[Headset, ...]) -> None:
        await quick.settle()
        before = {one: len(one.loud) for one in (rita, paulo, ana)}
        speaker.send(LOUD)
        await speaker.until(lambda: all(len(one.loud) == before[one] + 1 for one in by))
        await asyncio.sleep(0.01)
        assert {one for one in before if len(one.loud) > before[one]} == set(by)

    await heard(paulo, (rita, ana))
    rooms.set_muted(room, seats["client:paulo"], True)
    await heard(paulo, ())
    await heard(rita, (paulo, ana))
    rooms.set_muted(room, seats["client:paulo"], False)
    rooms.set_coach(room, seats["client:paulo"], seats["client:rita"].call.sid)
    await heard(paulo, (rita,))
    rooms.set_coach(room, seats["client:paulo"], "")
    rooms.set_hold(room, seats["client:ana"], True)
    await heard(paulo, (rita,))


async def test_a_lost_network_keeps_the_call_for_a_while_and_who_comes_back_goes_on(
    quick: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "GRACE_SECONDS", 0.3)
    headset = await on_a_call(quick, ROOM.format(""))
    (call,) = quick.exchange.calls.values()
    await headset.lose()
    back = await registered(quick)
    assert back.call is not None
    assert (back.call["id"], back.call["status"]) == (call.sid, "open")
    await asyncio.sleep(0.35)
    assert call.status == "in-progress"
    await back.lose()
    await back.until(call.finished.is_set)
    assert call.status == "completed"


async def test_a_second_window_takes_the_headset_over_and_the_first_is_told(world: World) -> None:
    first = await on_a_call(world, ROOM.format(""))
    second = await registered(world)
    await first.until(lambda: first.closed is not None)
    assert first.told[-1]["type"] == "replaced"
    assert second.call is not None
    first.act("hangup")
    await world.settle()
    assert second.call["status"] == "open", "the window before has no say any more"
    await first.lose()
    assert world.exchange.clients.device("rita").present.is_set()


@pytest.mark.parametrize("wait", ["", "waitUrl='/music'"])
async def test_without_a_browser_somebody_simulated_answers_and_gives_way_once_it_has_come(
    world: World, wait: str
) -> None:
    world.person("client:rita", "agent")
    world.customer.pages["/music"] = "<Response><Pause length='600'/></Response>"
    world.customer.pages["/voice"] = f"<Response>{ROOM.format(wait)}</Response>"
    call = await world.call("client:rita")
    await world.pass_time(30)
    assert call.status == "in-progress"
    await registered(world)
    await world.pass_time(1)
    assert call.status == "completed"


async def test_a_simulated_talk_goes_on_to_its_end_before_the_browser_gets_the_line(world: World) -> None:
    world.person("client:rita", "agent")
    world.person(DEBTOR, "agent_seeker")
    world.customer.pages["/voice"] = f"<Response>{ROOM.format('')}</Response>"
    own, talk = await world.call("client:rita"), await world.call(DEBTOR)
    await world.pass_time(20)
    await registered(world)
    await world.pass_time(20)
    assert (own.status, talk.status) == ("in-progress", "in-progress")
    await world.pass_time(60)
    assert (own.status, talk.status) == ("completed", "completed")


async def test_the_page_hangs_up_and_presses_keys(world: World) -> None:
    headset = await on_a_call(world, f"<Gather numDigits='2' action='{CUSTOMER}/keys'/>")
    headset.act("digits", digits="4x2")
    await headset.until(lambda: bool(world.customer.params("/keys")))
    assert world.customer.params("/keys")[0]["Digits"] == "42"
    again = await on_a_call(world, ROOM.format(""), "paulo")
    (call,) = [one for one in world.exchange.calls.values() if one.order.to == "client:paulo"]
    again.act("hangup")
    await call.finished.wait()
    assert call.status == "completed"


async def test_a_recording_ends_when_the_person_has_been_silent(quick: World) -> None:
    headset = await on_a_call(quick, f"<Record playBeep='false' timeout='2' action='{CUSTOMER}/taped'/>")
    for _ in range(3):
        headset.send(LOUD)
        await quick.pass_time(1)
    await quick.pass_time(5)
    assert quick.customer.params("/taped")[0]["RecordingDuration"] in ("2", "3")


async def talk(world: World) -> Headset:
    """A real agent and a simulated debtor in one room."""
    world.person(DEBTOR, "agent_seeker", language="en-US")
    world.customer.pages["/voice"] = f"<Response>{ROOM.format('')}</Response>"
    await world.call(DEBTOR)
    await world.pass_time(30)
    return await on_a_call(world, ROOM.format(""))


async def speak(headset: Headset) -> None:
    """Speak for a moment, then pause."""
    for frame in [LOUD] * 40 + [QUIET]:
        headset.send(frame)
        await asyncio.sleep(0.001)


async def test_a_debtor_opens_answers_after_each_pause_and_hangs_up_after_the_goodbye(
    quick: World, briefly: None
) -> None:
    said, _ = lines_of("en-US", "agent_seeker")
    headset = await talk(quick)
    (debtor,) = [one for one in quick.exchange.calls.values() if one.order.to == DEBTOR]
    await headset.until(lambda: headset.captions == said[:1])
    await headset.until(lambda: len(headset.loud) > 20)
    while len(headset.captions) < len(said):
        before = len(headset.captions)
        await asyncio.sleep(0.05)
        await speak(headset)
        if len(headset.captions) == before:
            await asyncio.sleep(0.1)
    assert headset.captions == said
    await headset.until(debtor.finished.is_set)
    assert debtor.status == "completed"


async def test_a_recording_of_a_real_talk_holds_what_both_sides_said(world: World, briefly: None) -> None:
    world.person(DEBTOR, "agent_seeker", language="en-US")
    world.customer.pages["/voice"] = f"<Response>{ROOM.format('')}</Response>"
    call = await world.call(DEBTOR, Record="true", RecordingChannels="dual")
    await world.pass_time(30)
    headset = await on_a_call(world, ROOM.format(""))
    await headset.until(lambda: bool(headset.captions))
    await world.pass_time(2)  # of business time; the talk itself is real
    for _ in range(5):
        headset.send(QUIET[:-2] + b"\x00\x40")
        await asyncio.sleep(0.005)
    call.end("completed")
    await world.pass_time(5)
    (taped,) = world.exchange.recordings.of(call)
    speech, played = ([e.raw for e in taped.events if e.kind == kind and e.raw][-1] for kind in ("speech", "played"))
    said, heard = (np.abs(wave_file.read(raw).sound().samples).max() for raw in (speech, played))
    assert said == pytest.approx(8000 / 32768, rel=0.05)
    assert heard == pytest.approx(0.5, rel=0.05)


async def test_a_debtor_who_hears_nothing_asks_twice_and_says_goodbye(
    quick: World, briefly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SILENCE_SECONDS", 0.5)
    said, silence = lines_of("en-US", "agent_seeker")
    headset = await talk(quick)
    await headset.until(lambda: len(headset.captions) == 4)
    assert headset.captions == [said[0], *silence, said[-1]]


def test_a_turn_is_over_when_something_was_said_and_a_pause_has_followed() -> None:
    turn = Turn()
    for _ in range(5):
        turn.passes(0.2)  # a click
    for _ in range(100):
        turn.passes(0.0)
    assert not turn.over
    for _ in range(20):
        turn.passes(0.2)
    for _ in range(39):
        turn.passes(0.001)
    assert not turn.over
    for _ in range(2):
        turn.passes(0.001)
    assert turn.over


def test_steady_noise_is_no_speech_for_long_and_speech_above_it_is() -> None:
    turn = Turn()
    for _ in range(500):
        turn.passes(0.03)  # ten seconds of a fan
    turn = Turn(turn.noise)
    for _ in range(100):
        turn.passes(0.03)
    assert turn.voiced == 0
    for loud in [0.3] * 20 + [0.03] * 41:
        turn.passes(loud)
    assert turn.over


@pytest.mark.parametrize("language", ["pt-BR", "en-US", "fr-FR"])
def test_everybody_has_something_to_say_in_every_language(language: str) -> None:
    for persona in personas():
        said, silence = lines_of(language, persona)
        assert len(said) >= 4
        assert len(silence) == conversation.MOST_NUDGES
        assert all(isinstance(line, str) and line.strip() for line in said + silence)


def test_without_a_voice_the_words_are_hummed_as_long_as_they_would_take() -> None:
    sound = hummed("one two three four five six")
    assert sound.seconds == pytest.approx(6 * 0.35, abs=0.3)
    assert max(level(frame) for frame in frames_of(sound)) > turns.SPEECH_LEVEL


def test_what_is_heard_at_once_is_added_and_held_at_full_scale() -> None:
    half = np.full(160, 20000, "<i2").tobytes()
    assert np.frombuffer(mixed([half, half]), "<i2").max() == 32767
    assert mixed([LOUD, QUIET]) == LOUD
