"""The grammar itself: what it lets pass and what it catches; and every form of our own answers."""

from __future__ import annotations

import pytest
from twilio.twiml.voice_response import Conference, Dial, Gather, VoiceResponse

from dialer.addresses import Addresses
from dialer.speaking import Answer
from ivr_flows.turn import End, Keys, Part, Record, Speech, Transfer
from tests.wire.twiml_grammar import faults_of
from webhooks.writing import EMPTY, SAY_LIMIT, TwimlWriter

HERE = "https://ours.example/voice/t/1"
LAWFUL = [
    f'<Response><Gather numDigits="1" action="{HERE}"><Say language="pt-BR">Olá</Say></Gather></Response>',
    f"<Response><Play>{HERE}</Play><Redirect>{HERE}#rc=3&amp;rp=all</Redirect></Response>",
    f'<Response><Dial action="{HERE}"><Conference beep="false" waitUrl="{HERE}">room</Conference></Dial></Response>',
    "<Response/>",
]
UNLAWFUL = [
    ("<Response><Gather", "not XML"),
    ("<Answer/>", "the root is Answer"),
    ("<Response><Shout>Hi</Shout></Response>", "<Shout> is not allowed in <Response>"),
    ("<Response><Say colour='red'>Hi</Say></Response>", "<Say> has no attribute colour"),
    ("<Response><Gather><Hangup/></Gather></Response>", "<Hangup> is not allowed in <Gather>"),
    ("<Response><Conference>room</Conference></Response>", "<Conference> is not allowed in <Response>"),
    ("<Response><Gather action='/voice/1'/></Response>", "no absolute address"),
    ("<Response><Gather numDigits='0'/></Response>", "no whole number from 1"),
    ("<Response><Gather finishOnKey='none'/></Response>", "holds more than keys"),
    ("<Response><Hangup/><Say>Hi</Say></Response>", "never reached"),
    ("<Response><Redirect></Redirect></Response>", "<Redirect> to ''"),
    ("<Response><Say></Say></Response>", "<Say> of 0 characters"),
    (f"<Response><Say>{'a' * 5000}</Say></Response>", "<Say> of 5000 characters"),
    (f"<Response><Play>{'a' * 70000}</Play></Response>", "bytes"),
    ("<Response><Dial><Conference startConferenceOnEnter='yes'>r</Conference></Dial></Response>", "neither true"),
    ("<Response><Dial><Conference statusCallbackEvent='sing'>r</Conference></Dial></Response>", "unknown events"),
]


@pytest.mark.parametrize("document", LAWFUL)
def test_lawful_documents_pass(document: str) -> None:
    assert faults_of(document) == []


@pytest.mark.parametrize(("document", "why"), UNLAWFUL)
def test_each_fault_is_found_and_named(document: str, why: str) -> None:
    assert any(why in fault for fault in faults_of(document)), faults_of(document)


def test_what_the_sdk_writes_passes() -> None:
    made = VoiceResponse()
    gather = Gather(num_digits=3, finish_on_key="#", action=HERE, timeout=5)
    gather.say("Olá", language="pt-BR", voice="Polly.Camila")
    made.append(gather)
    dial = Dial(action=HERE)
    dial.append(Conference("room", wait_url=HERE, status_callback=HERE, status_callback_event="join leave"))
    made.append(dial)
    made.redirect(HERE)
    assert faults_of(str(made)) == []


WORDS = 'Ana & Zé dizem "<olá>" — R$ 1,00'
SPEECH = (Speech("pt-BR", (Part(WORDS, "phrase"),), "public"), Speech("xx-XX", (Part("?", "phrase"),), "public"))
WAITS = [
    Keys(max_digits=1, timeout_seconds=5),
    Keys(max_digits=4, timeout_seconds=8, finish_on="#", secret=True),
    Record(max_seconds=60),
    Transfer("collections", 180),
    End("promised"),
]


@pytest.mark.parametrize("wait", WAITS, ids=lambda wait: type(wait).__name__)
@pytest.mark.parametrize("played", [True, False], ids=["played", "spoken"])
@pytest.mark.parametrize("room", ["agent-t", None])
def test_every_form_of_an_answer_is_lawful(wait: object, played: bool, room: str | None) -> None:
    writer = TwimlWriter(
        Addresses("https://ours.example/a&b/"),
        lambda _language, _parts: "d" * 64 if played else None,
        lambda: "m" * 64 if played else None,
    )
    answer = Answer(SPEECH, wait, 3, room=room, queued=room is None)  # type: ignore[arg-type]
    assert faults_of(writer.answer("tok en", answer)) == []
    for document in (writer.hold(), writer.agent_room("t", "agent-t"), writer.apology("fr-FR"), EMPTY):
        assert faults_of(document) == []


def test_words_longer_than_the_carrier_says_are_cut_not_refused() -> None:
    writer = TwimlWriter(Addresses("https://ours.example"), lambda _language, _parts: None, lambda: None)
    long = Speech("en-US", (Part("a" * (SAY_LIMIT * 2), "phrase"),), "public")
    assert faults_of(writer.answer("t", Answer((long,), End("completed"), 1))) == []
